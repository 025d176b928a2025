import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Admin, labelOf, must } from "../face/admin.ts";
import { Asker } from "../face/asker.ts";
import { Lab } from "../lab/lab.ts";
import { homeMac } from "../lab/topology.ts";
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
import { livingHouse } from "./living-house.ts";
import { BOX } from "./resident.ts";

/** Who may come in, by the keyboard alone: openings, apps, sessions, blocked devices, the password, encryption. */
let lab: Lab;
let admin: Admin;
let browser: Browser;
let person: Visit;
let hands: Hands;
let page: Page;
let password = "";
beforeAll(async () => {
  lab = await Lab.up();
  admin = await livingHouse(lab);
  password = labelOf(lab);
  browser = await openBrowser(lab);
  ({ hands, person } = await keyboardPerson(browser, password, `${BOX}/security`));
  ({ page } = person);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});
afterEach(({ task }) =>
  failedPicture(page, `keyboard-security-${task.name.slice(0, 12)}`)[Symbol.asyncDispose](),
);

const { button, field, dialog } = partsOf(() => page);
const openings = async () => must(await admin.api.call("GET /nat/port-mappings")).portMappings;

test("a new opening: refused, in the way of another, then open", async () => {
  await hands.dialog(button("Help for this page"), /^Help: /);
  await page.keyboard.press("Escape");
  await hands.dialog(button("Open a port"), "Open a port to a device");
  await hands.press(button("See what this does", dialog()));
  await hands.refused(field("to", dialog()), "Choose a device.");
  const id = `mac:${homeMac("stb")}`;
  const { addresses } = must(await admin.api.call("GET /hosts/{id}", { params: { id } }));
  const to = addresses.find((one) => one.includes(".")) ?? "";
  await fillIn(to, "8443");
  await dialog().locator('[role="alert"]').getByText("already leads to Camera").waitFor();
  await hands.press(dialog().locator("summary"));
  await hands.type(field("port", dialog()), "9000");
  await hands.type(field("portLast", dialog()), "9001");
  await hands.type(field("toPort", dialog()), "9");
  await page.keyboard.press("Enter");
  await hands.refused(field("toPort", dialog()), "a range keeps its ports");
  await hands.press(dialog().locator(".error-summary button").first());
  await hands.type(field("toPort", dialog()), "");
  await hands.type(field("source", dialog()), "203.0.113.0/24");
  await page.keyboard.press("Enter");
  const ask = page.getByRole("dialog", { name: /^Open port 9000.9001 to Living room TV/ });
  await hands.looked(ask);
  await page.keyboard.press("Escape");
  await expectFocus(button("Open a port"));
  await hands.press(button("Open a port"));
  await fillIn(to, "9000");
  await hands.press(dialog().locator("summary"));
  await hands.type(field("portLast", dialog()), "9001");
  await hands.type(field("source", dialog()), "203.0.113.0/24");
  await page.keyboard.press("Enter");
  await hands.press(button("Open a port", ask));
  await provedByKeys(hands, password);
  await hands.told("The port is open.");
  await expectFocus(button("Open a port"));
  const opened = (await openings()).find(({ name }) => name === "film");
  expect(opened).toMatchObject({ port: 9000, portLast: 9001, source: "203.0.113.0/24", to });
});

async function fillIn(to: string, port: string): Promise<void> {
  await hands.select(field("to", dialog()), to);
  await hands.type(field("port", dialog()), port);
  await hands.choose("protocol", "udp", dialog());
  await hands.choose("protocol", "tcp", dialog());
  await hands.type(field("name", dialog()), "film");
}

test("an opening is switched off, on, and closed", async () => {
  await hands.press(page.locator("th button.sort").first());
  await page.locator('th[aria-sort="ascending"]').first().waitFor();
  const film = async () => (await openings()).find(({ name }) => name === "film");
  await hands.dialog(button(/^Switch off: film/), "Switch this opening off?");
  await hands.press(button("Switch off", dialog()));
  await hands.told("The opening is off.");
  expect(await film()).toMatchObject({ enabled: false });
  await hands.dialog(button(/^Switch on: film/), "Switch this opening on?");
  await hands.press(dialog().locator("summary"));
  await hands.press(button("Cancel", dialog()));
  await hands.press(button(/^Switch on: film/));
  await hands.press(button("Switch on", dialog()));
  await hands.told("The opening is on.");
  expect(await film()).toMatchObject({ enabled: true });
  await hands.dialog(button(/^Close: film/), "Close this opening?");
  await hands.press(button("Close", dialog()).last());
  await hands.told("The opening is closed.");
  expect(await film()).toBeUndefined();
});

test("an app is let in with chosen rights, gets others, is removed; another is refused", async () => {
  const apps = async () => must(await admin.api.call("GET /apps"));
  const title = "What may Home automation do?";
  await hands.dialog(button("Choose its rights"), title);
  const rights = dialog().getByRole("checkbox");
  expect(await rights.count()).toBe(6);
  for (const right of await rights.all()) await hands.press(right, "Space");
  await hands.press(button("Let it in", dialog()));
  await hands.told("The app is let in.");
  const right = (await apps()).apps[0]?.capabilities;
  expect(right).toEqual(["devices", "wifi", "phone", "settings", "admin"]);
  await hands.dialog(button("Change rights: Home automation"), title);
  await hands.press(rights.first(), "Space");
  for (const one of await rights.all()) await hands.press(one, "Space");
  await hands.press(button("Give these rights", dialog()));
  await hands.told("The app has its new rights.");
  expect((await apps()).apps[0]?.capabilities).toEqual([]);
  await hands.dialog(button("Remove: Home automation"), "Remove this app?");
  await hands.press(button("Remove", dialog()));
  await hands.told("The app is removed.");
  expect((await apps()).apps).toEqual([]);
  must(
    await admin.api.call("POST /apps/requests", { body: { name: "Nobody", wanted: ["admin"] } }),
  );
  await hands.press(button("Refuse"));
  await hands.told("The app was refused.");
  await button("Refuse").waitFor({ state: "detached" });
});

test("another session is ended, and a blocked device let in and shut out again", async () => {
  const other = await Admin.login(new Asker(lab, "lan2"), password);
  expect((await other.api.call("GET /sessions")).ok).toBe(true);
  const { addresses } = must(
    await admin.api.call("GET /hosts/{id}", { params: { id: `mac:${homeMac("lan2")}` } }),
  );
  await hands.press(button(`End: ${addresses.find((one) => one.includes("."))}`));
  await hands.told("The session has ended.");
  expect((await other.api.call("GET /sessions")).ok).toBe(false);

  const id = `mac:${homeMac("phone2")}`;
  const isBlocked = async () =>
    must(await admin.api.call("GET /hosts/{id}", { params: { id } })).blocked;
  await hands.press(button("Let in again: Sam's phone"));
  await hands.told("The device reaches the Internet again.");
  expect(await isBlocked()).toBe(false);
  await hands.press(button("Undo"));
  await lab.waitFor("blocked again", isBlocked, 5000);
  await button("Let in again: Sam's phone").waitFor();
  await hands.press(page.locator(".toasts").getByRole("button", { name: "Dismiss" }).first());
});

test("the password: refused here, refused by the box, and changed", async () => {
  const card = page.getByRole("region", { name: "Password of the gateway" });
  await hands.press(button("Change the password"));
  await expectFocus(field("current", card));
  await hands.press(button("Cancel", card));
  const next = "four words that nobody says";
  await hands.press(button("Change the password"));
  await hands.type(field("current", card), "wrong one");
  for (const shown of await card.getByRole("checkbox").all()) await hands.press(shown, "Space");
  await hands.type(field("next", card), "short");
  await page.keyboard.press("Enter");
  await hands.refused(field("next", card), "At least 10 characters.");
  await hands.press(card.locator(".error-summary button").last());
  await hands.refused(field("again", card), "The two new passwords differ.");
  await hands.type(field("again", card), next);
  await hands.type(field("next", card), next);
  await hands.press(button("Change it", card));
  await hands.refused(field("current", card), /password/);
  const opener = button("Change the password");
  // After a wrong guess the box makes everybody wait: a person sends it again.
  const sent = async () => {
    await hands.type(field("current", card), password);
    await hands.press(button("Change it", card));
    return opener.waitFor({ timeout: 1500 }).then(
      () => true,
      () => false,
    );
  };
  await lab.waitFor("the password is changed", sent, 15_000);
  await hands.told("The password is changed");
  password = next;
  admin = await Admin.login(admin.asker, password);
});

test("encryption: how to is unfolded; who came in unencrypted sees what would happen", async () => {
  await hands.press(page.getByText("How to install it"));
  await page.getByText("Firefox: Settings", { exact: false }).waitFor();
  await hands.choose("https", "required");
  const go = page.getByRole("region", { name: "Encrypted access" }).getByRole("button");
  await hands.dialog(go, "Change who may open the page?");
  await hands.to(button("Apply", dialog()));
  await page.keyboard.press("Escape");
  await expectFocus(go);
  await hands.choose("https", "offered");
  await go.waitFor({ state: "detached" });
});

test("nothing that this page offers was left out, and the focus was never lost", () => {
  const elsewhere =
    /^((frame|Log in|dialog Is it really you\?): |What was done: Show older lines$)/;
  // Who comes unencrypted would lose the page: the next test does it from within.
  const onlyReached = ["dialog Change who may open the page?: Apply"];
  expect(hands.ledger.untouched({ elsewhere, onlyReached })).toEqual([]);
  expect(hands.ledger.lost).toEqual([]);
  expect([...hands.ledger.cheated]).toEqual([]);
  expect(person.watch.problems(/status of 4(0[139]|29)/)).toEqual([]);
});

test("unencrypted access is refused and allowed again, from an encrypted page", async () => {
  const secure = `${BOX.replace("http:", "https:")}/security`;
  const { hands: mine, person: other } = await keyboardPerson(browser, password, secure);
  await using _ = failedPicture(other.page, "keyboard-https");
  const status = async () => (await admin.asker.ask({ path: "/api/v1/welcome" })).status;
  const before = await status();
  for (const mode of ["required", "offered"]) {
    await mine.choose("https", mode, other.page);
    const card = other.page.getByRole("region", { name: "Encrypted access" });
    await mine.press(card.getByRole("button", { name: "See what this does" }));
    await mine.press(other.page.getByRole("dialog").getByRole("button", { name: "Apply" }));
    await carriedThrough(mine, password, "Access is changed.");
    await lab.waitFor(
      mode,
      async () => ((await status()) === before) === (mode === "offered"),
      9000,
    );
  }
  expect(mine.ledger.lost).toEqual([]);
  expect([...mine.ledger.cheated]).toEqual([]);
});
