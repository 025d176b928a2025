import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Lab } from "../lab/lab.ts";
import { axe } from "./axe.ts";
import { openBrowser, visit } from "./browser.ts";

// The judge of the page is judged first: each thing it must see is planted on a page that is not ours.

const PLANTED = join(import.meta.dirname, "planted-page.ts");

let lab: Lab;
let browser: Awaited<ReturnType<typeof openBrowser>>;
beforeAll(async () => {
  lab = await Lab.up({ gateway: "none" });
  await lab.must("gw", ["ip", "address", "add", "192.168.1.1/24", "dev", "lan0"]);
  await lab.must("gw", ["ip", "link", "set", "lan0", "up"]);
  await lab.must("lan1", ["ip", "address", "add", "192.168.1.77/24", "dev", "eth0"]);
  await lab.serve("gw", "planted", [process.execPath, PLANTED]);
  browser = await openBrowser(lab);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});

async function look(path: string) {
  await using seen = await visit(browser);
  await lab.waitFor(
    "the page",
    async () => (await seen.page.goto(`http://192.168.1.1${path}`).catch(() => null)) !== null,
    10_000,
  );
  await seen.page.waitForSelector("#done", { state: "attached" });
  const violations = await axe(seen.page);
  return { problems: seen.watch.problems(), violations, page: await seen.page.content() };
}

it("finds nothing on a good page, is lan1 to it, and needs no weaker policy to run axe", async () => {
  const { problems, violations, page } = await look("/good");
  expect(problems.filter((one) => !one.includes("ERR_CONNECTION_REFUSED"))).toEqual([]);
  expect(violations).toEqual([]);
  expect(page).toContain("192.168.1.77");
});

it("sees a script that the policy stops, a request to elsewhere, an error and a dialog", async () => {
  expect((await look("/inline")).problems.join("\n")).toMatch(/Content Security Policy/);
  expect((await look("/elsewhere")).problems.join("\n")).toContain(
    "request to elsewhere: http://203.0.113.9/",
  );
  expect((await look("/throws")).problems.join("\n")).toContain("planted");
  expect((await look("/dialog")).problems.join("\n")).toContain("dialog: planted");
});

it("sees what a blind person would not get", async () => {
  const { violations } = await look("/unlabelled");
  expect(violations.map(({ id }) => id)).toContain("label");
  expect(violations.map(({ id }) => id)).toContain("color-contrast");
});
