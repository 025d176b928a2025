import type { Browser, Page } from "playwright-core";
import { Admin, labelOf, must } from "../face/admin.ts";
import { Asker } from "../face/asker.ts";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/process.ts";
import type { HostName } from "../lab/topology.ts";
import { type Look, type Visit, visit } from "./browser.ts";

export const BOX = "http://192.168.1.1";

/** A house whose first screens are done: an admin's program on a device of it, with a lease. */
export async function settledHouse(lab: Lab, host: HostName = "lan1"): Promise<Admin> {
  await lab.lease("udhcpc", host);
  const admin = await Admin.login(new Asker(lab, host), labelOf(lab));
  must(await admin.api.call("PUT /first-run", { body: { language: "en" } }));
  return admin;
}

/** A person of the house who logged in on the page, with their own browser window. */
export async function resident(
  browser: Browser,
  password: string,
  options: Look & { readonly at?: string; readonly from?: string } = {},
): Promise<Visit> {
  const seen = await visit(browser, options);
  const { page } = seen;
  await page.goto(`${options.from ?? BOX}${options.at ?? "/"}`);
  await page.locator('input[type="password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.locator("main#content h1").first().waitFor();
  await page.locator('input[type="password"]').waitFor({ state: "detached" });
  return seen;
}

/** Goes to another place as a link of the page does: without loading it again. */
export async function follow(page: Page, path: string): Promise<void> {
  await page.locator(`a[href="${path}"]`).first().click();
  await page.waitForURL(`**${path}`);
  await settle(page);
}

/** Until the page in sight has its heading and nothing on it waits for its first value. */
export async function settle(page: Page): Promise<void> {
  await page.locator("main#content h1").first().waitFor();
  await until(page, `document.querySelector('[aria-busy="true"], .skeleton') === null`);
}

/**
 * Until an expression is true in the page. Each look is a call of its own from outside: the page's content security
 * policy would stop one that looks again from within.
 */
export async function until(page: Page, expression: string, timeoutMs = 15_000): Promise<void> {
  await waitFor(expression, () => page.evaluate<boolean>(expression), timeoutMs);
}
