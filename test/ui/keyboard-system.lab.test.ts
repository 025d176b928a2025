import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Admin, labelOf, must } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { openBrowser, type Visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import {
  carriedThrough,
  expectFocus,
  type Hands,
  keptByKeys,
  keyboardPerson,
  partsOf,
  provedByKeys,
} from "./hands.ts";
import { BOX, settledHouse } from "./resident.ts";

/** The page of the box itself by the keyboard alone: its parts, settings, history, backup, and what is not to be done by mistake. */
let lab: Lab;
let admin: Admin;
let browser: Browser;
let person: Visit;
let hands: Hands;
let page: Page;
beforeAll(async () => {
  lab = await Lab.up();
  admin = await settledHouse(lab);
  await admin.stepUp(labelOf(lab));
  browser = await openBrowser(lab);
  ({ hands, person } = await keyboardPerson(browser, labelOf(lab), `${BOX}/system`));
  ({ page } = person);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});
afterEach(({ task }) =>
  failedPicture(page, `keyboard-system-${task.name.slice(0, 12)}`)[Symbol.asyncDispose](),
);

const { button, card, field, dialog } = partsOf(() => page);
const sections = async () =>
  must(await admin.api.call("GET /config", { query: {} })).sections as Record<string, object>;
const openPart = async (name: string) => {
  await hands.open(`${BOX}/system`);
  await hands.tab(name);
};
const through = (done: string) => carriedThrough(hands, labelOf(lab), done);

test("the parts of the page: arrows go around, Home and End to the ends, Tab into the part", async () => {
  const tabs = page.getByRole("tablist", { name: "Parts of this page" }).getByRole("tab");
  const chosen = async (name: string) => {
    const tab = page.getByRole("tab", { name, exact: true });
    await expectFocus(tab);
    expect(await tab.getAttribute("aria-selected")).toBe("true");
    // Tab reaches the chosen one only, and it names what it shows.
    expect(await tabs.and(page.locator('[tabindex="0"]')).count()).toBe(1);
    await page.getByRole("tabpanel", { name }).waitFor();
  };
  await hands.dialog(button("Help for this page"), /^Help: /);
  await page.keyboard.press("Escape");
  await hands.to(tabs.first());
  for (const [key, name] of [
    ["ArrowLeft", "Backup and reset"],
    ["ArrowRight", "The box"],
    ["End", "Backup and reset"],
    ["ArrowLeft", "Changes"],
    ["Home", "The box"],
    ["ArrowRight", "Home network"],
  ] as const) {
    await page.keyboard.press(key);
    await chosen(name);
  }
  await page.keyboard.press("Tab");
  expect(await page.getByRole("tabpanel").locator(":focus").count()).toBe(1);
});

test("the box: charts of three periods as tables, and what runs sorted", async () => {
  await openPart("The box");
  const charts = card("Processor, memory, temperature");
  for (const period of ["24 hours", "30 days", "10 minutes"]) {
    await hands.tab(period);
    await charts.locator("figure, .empty").first().waitFor();
  }
  await hands.press(button("Show as a table", charts).first());
  await charts.getByRole("table").first().waitFor();
  await hands.press(button("Show as a chart", charts).first());
  await hands.press(page.locator("th button.sort").first());
  await page.locator('th[aria-sort="ascending"]').getByText("Service").waitFor();
});

test("settings: the page's language, then every setting of the box, refused and saved", async () => {
  await openPart("Settings");
  await hands.choose("language", "fr", page.locator("main"));
  await page.getByRole("heading", { name: "Cette page sur cet appareil" }).waitFor();
  await hands.choose("language", "en", page.locator("main"));
  const form = card("Name, language, time");
  await hands.type(field("name", form), "");
  await page.keyboard.press("Enter");
  await hands.refused(field("name", form), "1 to 63 characters.");
  await hands.type(field("name", form), "Chez nous");
  await hands.select(field("language", form), "en");
  await hands.selectByTyping(field("timezone", form), "Europe/Lis", "Europe/Lisbon");
  const asks = form.getByRole("switch", { name: "Set the clock over the Internet" });
  await hands.press(asks, "Space");
  await field("timeServers", form).waitFor({ state: "detached" });
  await hands.press(asks, "Space");
  await hands.type(field("timeServers", form), "one two");
  await hands.press(button("Save", form));
  await hands.refused(field("timeServers", form), "without blanks");
  await hands.type(field("timeServers", form), "pool.ntp.org\nntp.example.org");
  await hands.press(form.getByRole("switch", { name: "Tell the time" }), "Space");
  for (const notice of await form.getByRole("checkbox").all()) await hands.press(notice, "Space");
  await hands.dialog(button("Save", form), "Change these settings?");
  await hands.press(button("Apply", dialog()));
  await through("The settings are saved.");
  await page.getByRole("banner").getByText("Chez nous").waitFor();
  expect(await sections()).toMatchObject({
    system: { timezone: "Europe/Lisbon", ntp: { servers: ["pool.ntp.org", "ntp.example.org"] } },
    config: { device: { name: "Chez nous" } },
    web: { language: "en" },
  });
});

test("addresses at home: another network looked at, refused, taken back, kept, undone", async () => {
  await openPart("Home network");
  const form = card("Addresses at home");
  await field("network", form).waitFor();
  const names = await field("network", form).locator("option").allTextContents();
  await hands.select(field("network", form), names[1] ?? "");
  await hands.select(field("network", form), names[0] ?? "");
  await hands.type(field("address", form), "8.8.8.8");
  await page.keyboard.press("Enter");
  await hands.refused(field("address", form), /private address/i);
  await hands.type(field("address", form), "192.168.1.1");
  await hands.select(field("size", form), "23");
  await hands.select(field("size", form), "24");
  const gives = form.getByRole("switch");
  await hands.press(gives, "Space");
  await field("first", form).waitFor({ state: "detached" });
  await hands.press(gives, "Space");
  const { networks } = (await sections()).lan as {
    readonly networks: readonly { readonly dhcp: { readonly first: string } }[];
  };
  await hands.type(field("first", form), networks[0]?.dhcp.first ?? "");
  await hands.type(field("last", form), "192.168.2.9");
  await page.keyboard.press("Enter");
  await hands.refused(field("last", form), /inside this network/);
  await hands.type(field("last", form), "192.168.1.240");
  await hands.select(field("lease", form), "3600");
  const go = form.getByRole("button").last();
  const stored = async () => JSON.stringify((await sections()).lan);
  const before = await stored();
  await hands.dialog(go, "Change the addresses at home?");
  await hands.press(dialog().locator("summary"));
  await hands.press(button("Cancel", dialog()));
  await expectFocus(go);
  await hands.press(go);
  await hands.press(button("Apply", dialog()));
  await through("Done. The change is in force.");
  expect(await stored()).toContain('"last":"192.168.1.240"');
  await hands.press(button("Undo", dialog()));
  await through("The gateway is as before.");
  await hands.press(button("Close", dialog()).last());
  await dialog().waitFor({ state: "detached" });
  expect(await stored()).toBe(before);
});

test("a change on probation is taken back by hand", async () => {
  await openPart("Home network");
  const form = card("Addresses at home");
  await hands.type(field("address", form), "192.168.1.2");
  await page.keyboard.press("Enter");
  await hands.press(button("Apply", dialog()));
  const asked = page.getByRole("dialog", { name: "Is it really you?" });
  const probation = page.getByRole("dialog", { name: "Does it still work?" });
  await asked.or(probation).first().waitFor();
  if (await asked.isVisible()) await provedByKeys(hands, labelOf(lab));
  await keptByKeys(hands, "Take it back now");
  await hands.told("The gateway is as before.");
  await hands.press(button("Close", dialog()).last());
});

test("names: own servers and lists, refused and saved; answers forgotten", async () => {
  await openPart("Home network");
  const form = card("Looking up names");
  await hands.press(button("Forget remembered answers", form));
  await hands.told(/answers? w(as|ere) forgotten/);
  await hands.choose("upstream-choice", "own", form);
  await hands.type(field("upstreams", form), "nobody");
  await hands.press(button("See what this does", form));
  await hands.refused(field("upstreams", form), "1 to 8 lines");
  await hands.type(field("upstreams", form), "9.9.9.9\n192.0.2.53");
  await hands.type(field("domain", form), "home.arpa");
  const blocks = form.getByRole("switch", { name: "Block names" });
  if (!(await blocks.isChecked())) await hands.press(blocks, "Space");
  await hands.type(field("blocked", form), "ads.example.com");
  await hands.type(field("allowed", form), "good.example.com");
  await hands.press(blocks, "Space");
  await hands.press(blocks, "Space");
  await hands.type(field("inside", form), "nas.example.com");
  await hands.dialog(button("See what this does", form), "Change how names are looked up?");
  await hands.press(button("Apply", dialog()));
  await through("Names are looked up by the new settings.");
  expect((await sections()).lan).toMatchObject({
    dns: {
      upstreams: [{ address: "9.9.9.9" }, { address: "192.0.2.53" }],
      blocklists: { enabled: true, names: ["ads.example.com"], allow: ["good.example.com"] },
      rebinding: { exceptions: ["nas.example.com"] },
    },
  });
});

test("changes: one is unfolded, and gone back to", async () => {
  await openPart("Changes");
  const list = card("What was changed, and when");
  await hands.press(list.locator("summary").first());
  await list.locator("details[open] dl").first().waitFor();
  const opener = button(/^Go back to this/, list).first();
  await hands.dialog(opener, /^Go back to revision \d+\?$/);
  await hands.press(button("Go back", dialog()));
  await through("The settings are as they were.");
  const dns = { upstreams: [{ address: "9.9.9.9" }, { address: "192.0.2.53" }] };
  expect((await sections()).lan).not.toMatchObject({ dns });
});

test("backup with secrets: refused, saved, and restored from a file that the keyboard chose", async () => {
  await openPart("Backup and reset");
  const backup = card("Backup");
  await hands.press(backup.getByRole("switch"), "Space");
  await hands.type(field("passphrase", backup), "short");
  await page.keyboard.press("Enter");
  await hands.refused(field("passphrase", backup), "At least 8 characters.");
  await hands.press(backup.getByRole("checkbox", { name: "Show the password" }), "Space");
  await hands.type(field("passphrase", backup), "a long passphrase");
  const download = page.waitForEvent("download");
  await hands.press(button("Save a backup", backup));
  const buffer = readFileSync(await (await download).path());
  expect(JSON.parse(buffer.toString())).toBeTypeOf("object");

  const restore = card("Restore");
  const go = button("See what this changes", restore);
  await hands.press(go);
  await hands.refused(field("file", restore), "Choose a file.");
  for (const [content, key] of [
    [Buffer.from("no backup"), "Enter"],
    [buffer, "Space"],
  ] as const) {
    const chooser = page.waitForEvent("filechooser");
    await hands.press(field("file", restore), key);
    const file = { name: "backup.json", mimeType: "application/json", buffer: content };
    await (await chooser).setFiles(file);
    if (key === "Enter") await hands.refused(field("file", restore), "no backup of Passerelle");
  }
  await hands.press(go);
  await hands.refused(field("passphrase", restore), "Please fill this in.");
  await hands.press(restore.getByRole("checkbox", { name: "Show the password" }), "Space");
  await hands.type(field("passphrase", restore), "a long passphrase");
  must(
    await admin.api.call("POST /config/apply", {
      body: { changes: [{ section: "config", patch: { device: { name: "Not in the backup" } } }] },
    }),
  );
  await hands.dialog(go, "Restore this backup?");
  await hands.press(button("Restore", dialog()));
  await through("Done. The change is in force.");
  const name = async () => (await sections()).config as { device: { name: string } };
  expect((await name()).device.name).not.toBe("Not in the backup");
  await hands.press(button("Undo", dialog()));
  await through("The gateway is as before.");
  expect((await name()).device.name).toBe("Not in the backup");
  await hands.press(button("Close", dialog()).last());
});

test("restart and reset: up to the last step, and Escape leaves everything as it was", async () => {
  await openPart("Backup and reset");
  const { bootedAt } = must(await admin.api.call("GET /system"));
  await hands.dialog(button("Restart the box"), "Restart the box?");
  await hands.to(button("Restart the box", dialog()));
  await page.keyboard.press("Escape");
  await expectFocus(button("Restart the box"));

  const reset = button("Erase everything");
  await hands.dialog(reset, "Erase everything on this box?");
  await hands.type(field("word", dialog()), "erase not");
  await page.keyboard.press("Enter");
  await hands.refused(field("word", dialog()), "Type ERASE to go on");
  await hands.type(field("word", dialog()), "ERASE");
  await hands.to(button("Erase everything", dialog()));
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
  await expectFocus(reset);
  const now = must(await admin.api.call("GET /system"));
  expect(now.bootedAt).toBe(bootedAt);
});

test("nothing that this page offers was left out, and the focus was never lost", () => {
  const elsewhere =
    /^((frame|Log in|messages|form|dialog Is it really you\?): |dialog Does it still work\?: left$)/;
  const onlyReached = [
    "dialog Restart the box?: Restart the box",
    "dialog Erase everything on this box?: Erase everything",
  ];
  expect(hands.ledger.untouched({ elsewhere, onlyReached })).toEqual([]);
  expect(hands.ledger.lost).toEqual([]);
  expect([...hands.ledger.cheated]).toEqual([]);
  expect(person.watch.problems(/status of 40[139]/)).toEqual([]);
});
