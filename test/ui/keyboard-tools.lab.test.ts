import { readFileSync } from "node:fs";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Admin, labelOf, must } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { openBrowser, type Visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import {
  carriedThrough,
  expectFocus,
  type Hands,
  keyboardPerson,
  partsOf,
  provedByKeys,
} from "./hands.ts";
import { BOX, settledHouse } from "./resident.ts";

/** The line, diagnoses and the pages for experts by the keyboard alone. */
let lab: Lab;
let admin: Admin;
let browser: Browser;
let person: Visit;
let hands: Hands;
let page: Page;
beforeAll(async () => {
  lab = await Lab.up();
  admin = await settledHouse(lab);
  browser = await openBrowser(lab);
  ({ hands, person } = await keyboardPerson(browser, labelOf(lab), `${BOX}/internet`));
  ({ page } = person);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});
afterEach(({ task }) =>
  failedPicture(page, `keyboard-tools-${task.name.slice(0, 12)}`)[Symbol.asyncDispose](),
);

const { button, card, field, dialog } = partsOf(() => page);
/** What a press makes the browser keep. */
const savedBy = async (opener: Locator, password?: string) => {
  const download = page.waitForEvent("download");
  await hands.press(opener);
  if (password !== undefined) await provedByKeys(hands, password);
  return readFileSync(await (await download).path());
};

test("internet: charts as tables, older changes, and the line connected anew", async () => {
  await hands.dialog(button("Help for this page"), /^Help: /);
  await page.keyboard.press("Escape");
  for (const period of ["24 hours", "30 days", "10 minutes"]) await hands.tab(period);
  await hands.press(button("Show as a table").first());
  await page.getByRole("table").first().waitFor();
  await hands.press(button("Show as a chart").first());
  const opener = page.getByRole("button", { name: "Reconnect" }).first();
  const asked = await hands.dialog(opener, /\?$/);
  await hands.press(button("Cancel", asked));
  await expectFocus(opener);
  await hands.press(opener);
  await hands.press(asked.locator(".dialog-foot button").last());
  await asked.waitFor({ state: "detached" });
  await expectFocus(opener);
  await lab.waitFor("the line is back", isOnline, 30_000);
});

async function isOnline(): Promise<boolean> {
  const wan = await admin.api.call("GET /wan");
  return wan.ok && wan.data.line.reach.kind === "online";
}

test("the line: every setting refused, then another name told to the operator", async () => {
  const form = card("Settings of the line");
  await hands.press(button("Show the settings", form));
  await expectFocus(field("profile", form));
  const profile = await field("profile", form).inputValue();
  await hands.select(field("profile", form), profile);
  await hands.type(field("login", form), "fti/abc123");
  await page.keyboard.press("Enter");
  await hands.refused(field("password", form), /password/i);
  await hands.press(form.getByRole("checkbox", { name: "Show the password" }), "Space");
  await hands.type(field("password", form), "wrong é");
  await hands.press(button("See what this does", form));
  await hands.refused(field("password", form), /password/i);
  await hands.type(field("password", form), "");
  await hands.type(field("login", form), "");
  await hands.type(field("download", form), "18,5");
  await page.keyboard.press("Enter");
  await hands.refused(field("upload", form), "both, or none");
  await hands.type(field("upload", form), "fast");
  await hands.type(field("upload", form), "");
  await hands.type(field("download", form), "");
  await hands.choose("link", "profile", form);
  await hands.choose("own-mac", "clone", form);
  await hands.type(field("mac", form), "00:1a");
  await hands.type(field("hostname", form), "not a name");
  await hands.type(field("boxModel", form), "two words");
  await page.keyboard.press("Enter");
  await hands.refused(field("mac", form), "12 digits");
  for (const [name, value] of [
    ["hostname", "by-keys"],
    ["boxModel", ""],
  ] as const) {
    await hands.press(form.locator(".error-summary button").last());
    await hands.type(field(name, form), value);
  }
  await hands.choose("link", "untagged", form);
  await hands.choose("own-mac", "own", form);
  await hands.dialog(button("See what this does", form), "Change the line?");
  await hands.press(dialog().locator("summary"));
  await hands.press(button("Apply", dialog()));
  await carriedThrough(hands, labelOf(lab), "The line has its new settings.");
  const { sections } = must(await admin.api.call("GET /config", { query: {} }));
  expect(sections.wan).toMatchObject({ hostname: "by-keys" });
  await lab.waitFor("the line is back", isOnline, 30_000);
  await hands.press(page.getByRole("button", { name: /^Show all \d+ changes$/ }));
  await expectFocus(page.getByRole("heading", { name: "What happened to the line" }));
});

test("the modem: each kind wants its own, then a line made up is watched and trained anew", async () => {
  const form = card("Settings of the line");
  const show = form.getByRole("checkbox", { name: "Show the password" });
  await hands.select(field("modem", form), "draytek");
  await hands.type(field("modemPort", form), "none");
  await hands.press(button("See what this does", form));
  await hands.refused(field("modemAddress", form), "such as 192.168.2.1");
  await hands.type(field("modemAddress", form), "192.168.2.1");
  await hands.type(field("modemPort", form), "");
  await hands.type(field("modemFrom", form), "192.168.2.1");
  await page.keyboard.press("Enter");
  await hands.refused(field("modemFrom", form), "another address of the modem’s network");
  await hands.type(field("modemFrom", form), "192.168.2.2");
  await page.keyboard.press("Enter");
  await hands.refused(field("modemUser", form), "Type the login");
  await hands.type(field("modemUser", form), "admin");
  await hands.press(show.last(), "Space");
  await hands.type(field("modemPassword", form), "é");
  await page.keyboard.press("Enter");
  await hands.refused(field("modemPassword", form), "without accents");
  await hands.select(field("modem", form), "snmp");
  await hands.press(show.last(), "Space");
  await hands.type(field("modemCommunity", form), "é");
  await page.keyboard.press("Enter");
  await hands.refused(field("modemCommunity", form), "Type the community");
  await hands.select(field("modem", form), "replay");
  await hands.choose("recording", "vdsl2", form);
  await hands.choose("bounds", "modem", form);
  await hands.dialog(button("See what this does", form), "Change the line?");
  await hands.press(button("Apply", dialog()));
  await carriedThrough(hands, labelOf(lab), "The line has its new settings.");
  const { sections } = must(await admin.api.call("GET /config", { query: {} }));
  const modem = { driver: "replay", recording: "vdsl2", speed: 30 };
  expect(sections.wan).toMatchObject({ modem, shaping: { follow: "modem" } });

  const line = card("The DSL line");
  await line.getByText(/^The line is synchronised/).waitFor({ timeout: 30_000 });
  await line.getByText("VDSL2", { exact: false }).first().waitFor();
  await hands.tab("Errors", line);
  for (const period of ["14 days", "24 hours"]) await hands.tab(period, line);
  await hands.tab("Margin and rate", line);
  for (const period of ["24 hours", "30 days", "10 minutes"]) await hands.tab(period, line);
  await hands.tab("Spectrum", line);
  await hands.press(button("Show the spectrum", line));
  await line.getByText(/^As the modem said it/).waitFor();
  await hands.choose("spectrum", "snr", line);
  await hands.press(button("Show as a table", line));
  await line.getByRole("table").waitFor();
  await hands.press(button("Show as a chart", line));
  await hands.press(button("Ask the modem again", line));
  await hands.tab("Now", line);
  const opener = button("Resynchronise", line);
  const asked = await hands.dialog(opener, "Resynchronise the DSL line?");
  await hands.press(button("Cancel", asked));
  await expectFocus(opener);
  await hands.press(opener);
  await hands.press(button("Resynchronise", asked));
  await asked.waitFor({ state: "detached" });
  await line.getByText(/being trained|is being synchronised|agrees with it/).waitFor();
  await line.getByText(/^The line is synchronised/).waitFor({ timeout: 30_000 });
});

test("assistants: each is asked, one is stopped, and the answer is read out", async () => {
  await hands.open(`${BOX}/diagnostics`);
  await hands.dialog(button("Help for this page"), /^Help: /);
  await page.keyboard.press("Escape");
  const assistants = card("What does not work?");
  const answer = assistants.locator('[role="status"]');
  for (const what of ["No Internet", "It is slow"]) {
    await hands.press(button(`Look into it: ${what}`));
    await button(`Once more: ${what}`).waitFor();
    await answer.getByText(/^(Nothing is wrong|Something is wrong|It works, but)/).waitFor({
      timeout: 60_000,
    });
    await expectFocus(button(`Once more: ${what}`));
  }
  await hands.press(button("Once more: It is slow"));
  await hands.press(button("Stop", assistants));
  await answer.getByText("Stopped.").waitFor();
});

test("tools: ping, trace, look-up and capture, each refused and with its result", async () => {
  const tools = card("Tools");
  const start = button("Start", tools);
  const results = tools.getByRole("table");
  await hands.type(field("target", tools), "not a name");
  await hands.type(field("count", tools), "0");
  await page.keyboard.press("Enter");
  await hands.refused(field("target", tools), "without blanks");
  await hands.type(field("count", tools), "2");
  await hands.type(field("target", tools), "93.184.216.34");
  await page.keyboard.press("Enter");
  await results.waitFor();
  await start.and(page.locator(":not([aria-disabled])")).waitFor();

  await hands.choose("tool", "trace", tools);
  await hands.type(field("target", tools), "93.184.216.34");
  await hands.press(start);
  await results.getByText("93.184.216.34").first().waitFor({ timeout: 60_000 });
  await start.and(page.locator(":not([aria-disabled])")).waitFor();

  await hands.choose("tool", "dns_lookup", tools);
  await hands.type(field("target", tools), "example.org");
  await hands.select(field("type", tools), "AAAA");
  await hands.type(field("resolver", tools), "nobody");
  await page.keyboard.press("Enter");
  await hands.refused(field("resolver", tools), "An address such as");
  await hands.type(field("resolver", tools), "");
  await hands.select(field("type", tools), "A");
  await page.keyboard.press("Enter");
  await tools.locator(".job-steps li").first().waitFor();

  await hands.choose("tool", "capture", tools);
  await hands.select(field("network", tools), "lan");
  await hands.select(field("mac", tools), "");
  await hands.type(field("seconds", tools), "0");
  await hands.press(start);
  await hands.refused(field("seconds", tools), "A number from 1 to 300.");
  await hands.type(field("seconds", tools), "60");
  await page.keyboard.press("Enter");
  const asked = page.getByRole("dialog", { name: "Is it really you?" });
  const stop = button("Stop", tools);
  await asked.or(stop).first().waitFor();
  if (await asked.isVisible()) await provedByKeys(hands, labelOf(lab));
  await hands.press(stop);
  await tools.locator('[role="status"]').getByText("Stopped.").waitFor();
  await hands.type(field("seconds", tools), "1");
  await page.keyboard.press("Enter");
  const save = page.getByRole("button", { name: /^Save the capture/ });
  await save.waitFor({ timeout: 30_000 });
  // The magic number of a capture file, in one order of octets or the other.
  expect((await savedBy(save)).subarray(0, 4).toString("hex")).toMatch(
    /^(a1b2c3d4|d4c3b2a1|a1b23c4d|4d3cb2a1|0a0d0d0a)$/,
  );
});

test("the event log is filtered and saved; the report put together, looked through and saved", async () => {
  await hands.select(field("category"), "security");
  await hands.select(field("category"), "all");
  const older = button("Show older lines");
  // There may be no older ones; where there are, the button comes with the lines.
  const hasOlder = await older.waitFor({ timeout: 2000 }).then(
    () => true,
    () => false,
  );
  if (hasOlder) await hands.press(older);
  expect((await savedBy(button("Save as a table"))).toString()).toContain("Severity");
  const report = card("Report for whoever helps you");
  await hands.press(button("Put it together", report));
  const save = button("Save the file", report);
  const asked = page.getByRole("dialog", { name: "Is it really you?" });
  await asked.or(save).first().waitFor({ timeout: 30_000 });
  if (await asked.isVisible()) await provedByKeys(hands, labelOf(lab));
  await save.waitFor({ timeout: 30_000 });
  await hands.press(report.locator("summary").first());
  await report.locator("details[open] .code").first().waitFor();
  expect(JSON.parse((await savedBy(save)).toString())).toBeTypeOf("object");
  await hands.press(button("Once more", report));
});

test("for experts: messages filtered and paused, operations searched, settings saved", async () => {
  await hands.open(`${BOX}/expert`);
  await hands.press(button("Close", await hands.dialog(button("Help for this page"), /^Help: /)));
  await expectFocus(button("Help for this page"));
  await hands.press(button("Pause"));
  await page.getByText("Paused: what is said").waitFor();
  await hands.press(button("Go on"));
  await hands.type(field("filter"), "no such topic");
  await page.getByText("No topic holds these words.").waitFor();
  await hands.type(field("filter"), "");
  await hands.press(page.locator(".topics summary").first());
  await page.locator(".topics details[open]").first().waitFor();
  await hands.tab("API");
  await hands.type(field("search"), "reconnect");
  await hands.press(page.locator("main summary").first());
  await page.getByText("From a shell").first().waitFor();
  await hands.tab("Configuration");
  expect(JSON.parse((await savedBy(button("Save as a file"))).toString())).toHaveProperty("wan");
  await hands.press(page.locator("main summary").first());
  await page.locator("main details[open] .code").first().waitFor();
});

test("nothing that these pages offer was left out, and the focus was never lost", () => {
  const elsewhere = /^(frame|Log in|messages|dialog Is it really you\?|table): /;
  expect(hands.ledger.untouched({ elsewhere })).toEqual([]);
  expect(hands.ledger.lost).toEqual([]);
  expect([...hands.ledger.cheated]).toEqual([]);
  expect(person.watch.problems(/status of 40[139]/)).toEqual([]);
});
