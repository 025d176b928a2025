import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Admin, labelOf, must } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { homeMac } from "../lab/topology.ts";
import { openBrowser, type Visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { expectFocus, type Hands, keyboardPerson, partsOf, provedByKeys } from "./hands.ts";
import { livingHouse } from "./living-house.ts";
import { BOX } from "./resident.ts";

/** Home, devices and a device by the keyboard alone: every form there is opened, refused, filled in, sent, and its effect seen. */
let lab: Lab;
let admin: Admin;
let browser: Browser;
let person: Visit;
let hands: Hands;
let page: Page;
beforeAll(async () => {
  lab = await Lab.up();
  admin = await livingHouse(lab);
  browser = await openBrowser(lab);
  ({ hands, person } = await keyboardPerson(browser, labelOf(lab)));
  ({ page } = person);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});
afterEach(({ task }) =>
  failedPicture(page, `keyboard-house-${task.name.slice(0, 12)}`)[Symbol.asyncDispose](),
);

const LAPTOP = `mac:${homeMac("lan2")}`;
const host = async () => must(await admin.api.call("GET /hosts/{id}", { params: { id: LAPTOP } }));
const { button, field } = partsOf(() => page);
const openLaptop = () => hands.open(`${BOX}/devices/${encodeURIComponent(LAPTOP)}`);

test("home: a message is dismissed, the picture is read in words, help is read and left", async () => {
  await hands.open(`${BOX}/`);
  await hands.dialog(button("Help for this page"), /^Help: /);
  await page.keyboard.press("Escape");
  await hands.press(page.locator("main summary"));
  await page.locator("main details[open]").getByText("Living room TV").waitFor();
  const notices = page.getByRole("region", { name: "Messages", exact: true });
  const dismiss = page.locator(".notices").getByRole("button", { name: "Dismiss" });
  const before = must(await admin.api.call("GET /notifications")).notifications.length;
  await hands.press(dismiss.first());
  await lab.waitFor(
    "one message less",
    async () =>
      must(await admin.api.call("GET /notifications")).notifications.length === before - 1,
    5000,
  );
  await notices.waitFor({ state: "attached" });
});

test("devices: searched, filtered, sorted, and one is opened", async () => {
  await hands.open(`${BOX}/devices`);
  await hands.dialog(button("Help for this page"), /^Help: /);
  await page.keyboard.press("Escape");
  await hands.choose("filter", "blocked");
  await page.getByRole("heading", { name: "1 device", exact: true }).waitFor();
  await hands.choose("filter", "all");
  await hands.press(page.locator("th button.sort").first());
  await page.locator('th[aria-sort="ascending"]').getByText("Name").waitFor();
  await hands.type(field("search"), "laptop");
  await page.getByRole("heading", { name: "1 device", exact: true }).waitFor();
  await hands.press(page.getByRole("link", { name: "Zoé's laptop" }));
  await page.getByRole("heading", { level: 1, name: "Zoé's laptop" }).waitFor();
  await expectFocus(page.locator("main h1"));
});

test("rename: refused while empty, then the device has its name, and undo by keys gives the old one back", async () => {
  await openLaptop();
  await hands.dialog(button("Help for this page"), /^Help: /);
  await page.keyboard.press("Escape");
  const dialog = await hands.dialog(button("Rename"), "Rename");
  await hands.type(field("name", dialog), "");
  await page.keyboard.press("Enter");
  await hands.refused(field("name", dialog), "Please fill this in.");
  // Sent a second time as it is, it is refused a second time as loudly.
  await hands.press(button("Save", dialog));
  await hands.refused(field("name", dialog), "Please fill this in.");
  await hands.type(field("name", dialog), "By keys alone");
  await hands.press(button("Save", dialog), "Space");
  await dialog.waitFor({ state: "detached" });
  await expectFocus(button("Rename"));
  await hands.told("The device has its new name.");
  await page.getByRole("heading", { level: 1, name: "By keys alone" }).waitFor();
  expect((await host()).name).toBe("By keys alone");
  await hands.press(button("Undo"));
  await page.getByRole("heading", { level: 1, name: "Zoé's laptop" }).waitFor();
  await hands.told("The gateway is as before.");
  await hands.press(page.locator(".toasts").getByRole("button", { name: "Dismiss" }).first());
});

test("block, and let in again", async () => {
  await openLaptop();
  const block = await hands.dialog(button("Block"), "Block this device?");
  await hands.press(button("Block", block));
  await hands.told("The device is blocked.");
  await expectFocus(button("Let in again"));
  expect((await host()).blocked).toBe(true);
  const free = await hands.dialog(button("Let in again"), "Let this device in again?");
  await hands.press(button("Let in again", free));
  await hands.told("The device is let in again.");
  await expectFocus(button("Block"));
  expect((await host()).blocked).toBe(false);
});

test("fixed address: given up, refused, and kept again", async () => {
  await openLaptop();
  if ((await host()).reservedAddress === undefined) await keepAddress("192.168.1.78");
  const back = await hands.dialog(button("Give the address up"), "Give the kept address up?");
  await hands.press(back.locator("summary"));
  await hands.press(button("Cancel", back));
  await hands.press(button("Give the address up"));
  await hands.press(button("Give the address up", back));
  await hands.told("The address is free again.");
  expect((await host()).reservedAddress).toBeUndefined();
  const dialog = await hands.dialog(button("Always the same address"), /^Keep an address/);
  await hands.type(field("address", dialog), "192.168.1");
  await page.keyboard.press("Enter");
  await hands.refused(field("address", dialog), "An address such as 192.168.1.20.");
  await hands.press(button("Close", dialog));
  await expectFocus(button("Always the same address"));
  await keepAddress("192.168.1.77");
  expect((await host()).reservedAddress).toBe("192.168.1.77");
});

async function keepAddress(address: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await hands.press(button("Always the same address"));
  await hands.type(field("address", dialog), address);
  await page.keyboard.press("Enter");
  const change = dialog.filter({ hasText: address });
  await hands.looked(change);
  await hands.press(button("Always the same address", change));
  await hands.told("The address is kept for this device.");
}

test("open a port through the step-up, and close it", async () => {
  await openLaptop();
  const dialog = await hands.dialog(button("Open a port"), "Open a port from the Internet");
  await hands.type(field("port", dialog), "0");
  await page.keyboard.press("Enter");
  // The first that is wrong, of two.
  await hands.refused(field("name", dialog), "Please fill this in.");
  await hands.press(dialog.locator(".error-summary button").last());
  await hands.refused(field("port", dialog), "A number from 1 to 65535.");
  await hands.type(field("name", dialog), "a game");
  await hands.type(field("port", dialog), "2456");
  await hands.select(field("protocol", dialog), "udp");
  await hands.press(button("Go on", dialog));
  const change = page.getByRole("dialog").filter({ hasText: "What this does" });
  await hands.looked(change);
  await hands.press(button("Open a port", change));
  await provedByKeys(hands, labelOf(lab));
  await hands.told("The port is open.");
  await expectFocus(button("Open a port"));
  const mine = async () =>
    must(await admin.api.call("GET /nat/port-mappings")).portMappings.find(
      ({ name }) => name === "a game",
    );
  expect(await mine()).toMatchObject({ protocol: "udp", port: 2456 });
  const close = await hands.dialog(button("Close a game"), "Close this port?");
  await hands.press(button("Close the port", close));
  await hands.told("The port is closed.");
  expect(await mine()).toBeUndefined();
});

test("wake, and forget", async () => {
  await openLaptop();
  await hands.press(button("Wake"));
  await hands.told("The wake-up call was sent.");
  const forget = await hands.dialog(button("Forget"), "Forget this device?");
  await hands.press(button("Forget", forget));
  await hands.told("The device is forgotten.");
  await page.waitForURL("**/devices");
  await expectFocus(page.locator("main h1"));
});

test("nothing that these pages offer was left out, and the focus was never lost", () => {
  // The chart of a day has something to show after some minutes only.
  const elsewhere = /^(frame|Log in|Last 24 hours|dialog Is it really you\?): /;
  expect(hands.ledger.untouched({ elsewhere })).toEqual([]);
  expect(hands.ledger.lost).toEqual([]);
  expect([...hands.ledger.cheated]).toEqual([]);
  expect(person.watch.problems(/status of 40[139]/)).toEqual([]);
});
