import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labelOf } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { axe } from "./axe.ts";
import { openBrowser, visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { BOX, settle } from "./resident.ts";

/** A person who unpacked the box, with a browser on lan1 and the label in hand. */
let lab: Lab;
let browser: Browser;
beforeAll(async () => {
  lab = await Lab.up();
  await lab.lease("udhcpc", "lan1");
  browser = await openBrowser(lab);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});

test("goes from the label to a green Home in a few clicks, in both languages, and never again", async () => {
  await using person = await visit(browser, { language: "fr", width: 360 });
  const { page, watch } = person;
  // An emulated box looks at its line for as long as it takes.
  person.context.setDefaultTimeout(15_000 * lab.patience);
  await using _ = failedPicture(page, "first-run");
  const began = performance.now();
  let clicks = 0;
  const click = async (name: string | RegExp) => {
    clicks += 1;
    await page.getByRole("button", { name }).click();
  };
  await page.goto(`${BOX}/`);
  await page.getByRole("heading", { level: 1, name: "Bienvenue" }).waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByText("English", { exact: true }).click();
  clicks += 1;
  await page.getByRole("heading", { level: 1, name: "Welcome" }).waitFor();

  await page.locator('input[type="password"]').fill("not the password");
  await click("Go on");
  await page.getByText("This is not the password.", { exact: false }).first().waitFor();
  expect(await axe(page)).toEqual([]);
  const line = page.getByRole("heading", { level: 1, name: "Your line" });
  // The box makes everybody wait a second after a wrong guess: the person tries again, as long as there is a password to type.
  const password = page.locator('input[type="password"]');
  const goOn = page.locator("form", { has: password }).getByRole("button", { name: "Go on" });
  const tryAgain = async () => {
    if (await line.isVisible()) return true;
    const timeout = 800 * lab.patience;
    try {
      await password.fill(labelOf(lab), { timeout });
      await goOn.click({ timeout });
      clicks += 1;
      await line.waitFor({ timeout });
      return true;
    } catch {
      // The next look sees what came meanwhile.
      return false;
    }
  };
  await lab.waitFor("the second screen", tryAgain, 10_000);
  const looksFrom = performance.now();
  await page.getByText("The Internet works. There is nothing to set.").waitFor();
  console.log(
    `the line was looked at for ${((performance.now() - looksFrom) / 1000).toFixed(1)} s`,
  );
  expect(await axe(page)).toEqual([]);
  await click("Go on");

  await page.getByRole("heading", { level: 1, name: "Your home is ready" }).waitFor();
  expect(await axe(page)).toEqual([]);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the certificate" }).click();
  const saved = await (await download).path();
  expect(await lab.must("lan1", ["openssl", "x509", "-noout", "-subject", "-in", saved])).toContain(
    "subject",
  );
  await click("To my home");

  await page.getByText("Everything works").first().waitFor();
  await settle(page);
  const tookMs = performance.now() - began;
  console.log(`first run: ${clicks} clicks, ${(tookMs / 1000).toFixed(1)} s`);
  expect(clicks).toBeLessThanOrEqual(8);
  await page.getByText("Online for", { exact: false }).first().waitFor();
  expect(watch.problems(/status of 4(03|29)/)).toEqual([]);

  // Whoever comes next is asked for the password only.
  await using next = await visit(browser);
  next.context.setDefaultTimeout(15_000 * lab.patience);
  await next.page.goto(`${BOX}/`);
  await next.page.getByRole("heading", { level: 1, name: "Log in" }).waitFor();
  expect(next.watch.problems(/status of 401/)).toEqual([]);
});
