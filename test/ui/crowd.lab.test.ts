import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Admin, labelOf, must } from "../face/admin.ts";
import { ghost, takeLeases } from "../face/crowd.ts";
import { Lab } from "../lab/lab.ts";
import { axe } from "./axe.ts";
import { openBrowser } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { BOX, resident, settle, settledHouse } from "./resident.ts";

/** A house with 250 devices, each with a real lease, on the real page. */
const DEVICES = 250;

let lab: Lab;
let admin: Admin;
let browser: Browser;
beforeAll(async () => {
  lab = await Lab.up();
  admin = await settledHouse(lab);
  await makeRoom();
  const crowd = Array.from({ length: DEVICES }, (_, n) => ghost(n + 1, `device-${n + 1}`));
  expect(await takeLeases(lab, "attacker-lan", crowd)).toBe(DEVICES);
  browser = await openBrowser(lab);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await lab.down();
});

/** A LAN of 1022 addresses that takes newcomers quickly: a change as a person makes it, confirmed with its token. */
async function makeRoom(): Promise<void> {
  const { sections } = must(await admin.api.call("GET /config", { query: {} }));
  const { networks } = sections.lan as {
    readonly networks: readonly { readonly name: string; readonly dhcp: object }[];
  };
  const wide = {
    address: "192.168.1.1/22",
    dhcp: { first: "192.168.2.0", last: "192.168.3.250", newLeasesPerSecond: 200, probe: false },
  };
  const patch = {
    networks: networks.map((one) =>
      one.name === "lan" ? { ...one, ...wide, dhcp: { ...one.dhcp, ...wide.dhcp } } : one,
    ),
  };
  await admin.stepUp(labelOf(lab));
  const { probation } = must(
    await admin.api.call("POST /config/apply", { body: { changes: [{ section: "lan", patch }] } }),
  );
  if (probation !== undefined)
    must(await admin.api.call("POST /config/confirm", { body: { token: probation.token } }));
}

test("the list stays a list: found by name, sorted, page by page, and on a phone", async () => {
  await using person = await resident(browser, labelOf(lab), { at: "/devices" });
  const { page } = person;
  await using _ = failedPicture(page, "crowd");
  await page.getByText(/^2[5-9]\d devices$/).waitFor();
  expect(await page.locator("tbody tr").count()).toBeLessThanOrEqual(60);
  await page.getByText("Page 1 of 6").waitFor();
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText("Page 2 of 6").waitFor();

  await page.getByLabel("Search a device").fill("device-237");
  await page.getByText("1 device", { exact: true }).waitFor();
  await page.getByRole("link", { name: "device-237" }).click();
  await page.getByRole("heading", { level: 1, name: "device-237" }).waitFor();
  await page.goBack();
  await settle(page);
  expect(await axe(page)).toEqual([]);
  expect(person.watch.problems()).toEqual([]);

  await using phone = await resident(browser, labelOf(lab), { at: "/devices", width: 360 });
  await phone.page.getByText(/^2[5-9]\d devices$/).waitFor();
  const wide = await phone.page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  expect(wide).toBeLessThanOrEqual(0);
  await phone.page.goto(`${BOX}/`);
  await settle(phone.page);
  await phone.page
    .getByText(/devices? online/)
    .first()
    .waitFor();
  expect(await axe(phone.page)).toEqual([]);
  expect(phone.watch.problems()).toEqual([]);
});

test("the API answers all of them, and follows a change of one without sending the others again", async () => {
  const { hosts } = must(await admin.api.call("GET /hosts"));
  expect(hosts.length).toBeGreaterThanOrEqual(DEVICES);
  expect(new Set(hosts.map(({ id }) => id)).size).toBe(hosts.length);
  await using person = await resident(browser, labelOf(lab), { at: "/devices" });
  const one = hosts.find(({ name }) => name === "device-1");
  await person.page.getByLabel("Search a device").fill("renamed far away");
  const params = { id: one?.id ?? "" };
  const body = { name: "renamed far away" };
  must(await admin.api.call("PATCH /hosts/{id}", { params, body }));
  await person.page.getByRole("link", { name: "renamed far away" }).waitFor();
});
