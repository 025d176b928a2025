import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Admin, labelOf, must } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { homeMac } from "../lab/topology.ts";
import { openBrowser, type Visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { BOX, follow, resident, settle, settledHouse } from "./resident.ts";

/** What a person of the house does with the page, and what the devices then really get: no mock anywhere. */
const WEB = join(import.meta.dirname, "../lab/services/web.ts");

let lab: Lab;
let admin: Admin;
let browser: Browser;
let person: Visit;
let page: Page;
let laptop = "";
beforeAll(async () => {
  lab = await Lab.up();
  admin = await settledHouse(lab);
  // The laptop is a stranger that the house knows nothing of yet: the host attacker-lan, which attacks nobody here.
  await lab.must("attacker-lan", ["udhcpc", "-i", "eth0", "-n", "-q", "-x", "hostname:laptop"]);
  await lab.serve("attacker-lan", "laptop", [process.execPath, WEB]);
  const mac = homeMac("attacker-lan");
  laptop = await lab.waitFor(
    "the laptop in the list",
    async () =>
      must(await admin.api.call("GET /hosts")).hosts.find((host) => host.macs.includes(mac))?.id,
    10_000,
  );
  browser = await openBrowser(lab);
  person = await resident(browser, labelOf(lab));
  ({ page } = person);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});

const host = async () => must(await admin.api.call("GET /hosts/{id}", { params: { id: laptop } }));
const button = (name: string, within: Page | Locator = page) =>
  within.getByRole("button", { name, exact: true });
const dialog = () => page.getByRole("dialog");
const toast = (text: string) => page.getByText(text).first().waitFor();
const openLaptop = async () => {
  await page.goto(`${BOX}/devices/${encodeURIComponent(laptop)}`);
  await settle(page);
};
/** The box asks once an hour who is there. */
const proveIt = async () => {
  const asked = page.getByRole("dialog", { name: "Is it really you?" });
  await asked.locator('input[type="password"]').fill(labelOf(lab));
  await button("Go on", asked).click();
  await asked.waitFor({ state: "detached" });
};
const reachesInternet = async () =>
  (
    await lab.exec("attacker-lan", [
      "curl",
      "-s",
      "--max-time",
      "2",
      "http://93.184.216.34/address",
    ])
  ).code === 0;

test("rename: the new name is everywhere at once", async () => {
  await using _ = failedPicture(page, "rename");
  await follow(page, "/devices");
  await page.getByRole("link", { name: "laptop" }).click();
  await settle(page);
  await button("Rename").click();
  await page.getByLabel("New name").fill("Zoé's <b>laptop</b>");
  await button("Save", dialog()).click();
  await toast("The device has its new name.");
  await page.getByRole("heading", { level: 1, name: "Zoé's <b>laptop</b>" }).waitFor();
  expect(await host()).toMatchObject({ name: "Zoé's <b>laptop</b>", nameSource: "person" });
  await follow(page, "/devices");
  await page.getByRole("link", { name: "Zoé's <b>laptop</b>" }).waitFor();
});

test("block: the impact is shown, the device is cut off, and one click lets it in again", async () => {
  await using _ = failedPicture(page, "block");
  await openLaptop();
  await lab.waitFor("the laptop reaches the Internet", reachesInternet, 10_000);
  await button("Block").click();
  await dialog().getByText("It stays connected to the gateway", { exact: false }).waitFor();
  await button("Block", dialog()).click();
  await toast("The device is blocked.");
  await lab.waitFor("it is cut off", async () => !(await reachesInternet()), 10_000);
  await page.getByText("Blocked").first().waitFor();
  await button("Undo").click();
  await lab.waitFor("it is back", reachesInternet, 10_000);
  await button("Block").waitFor();
  expect((await host()).blocked).toBe(false);
});

test("fixed address: the device gets it when it asks again", async () => {
  await using _ = failedPicture(page, "fixed-address");
  await openLaptop();
  await button("Always the same address").click();
  await dialog().getByLabel("Address").fill("192.168.1.77");
  await button("Go on", dialog()).click();
  await button("Always the same address", dialog()).click();
  await toast("The address is kept for this device.");
  await lab.waitFor(
    "the address",
    async () => {
      const argv = ["udhcpc", "-i", "eth0", "-n", "-q", "-x", "hostname:laptop"];
      return (
        (await lab.exec("attacker-lan", argv)).stdout.includes("192.168.1.77") ||
        addressIs("192.168.1.77")
      );
    },
    20_000,
  );
  expect((await host()).reservedAddress).toBe("192.168.1.77");
});

async function addressIs(address: string): Promise<boolean> {
  const text = await lab.must("attacker-lan", ["ip", "-4", "address", "show", "dev", "eth0"]);
  return text.includes(`${address}/`);
}

test("wake: the magic packet arrives at the device", async () => {
  await using _ = failedPicture(page, "wake");
  await openLaptop();
  const capture = await lab.capture("attacker-lan", "eth0", "udp port 9 or ether proto 0x0842");
  await button("Wake").click();
  await toast("The wake-up call was sent.");
  const sixteen = homeMac("attacker-lan").replaceAll(":", "").repeat(16);
  await lab.waitFor(
    "the packet",
    async () => {
      const lines = await capture.text("-x");
      const hex = lines.map((line) => line.replace(/^\s+0x\w+:/, "").replaceAll(" ", "")).join("");
      return hex.includes(`ffffffffffff${sixteen}`);
    },
    5000,
  );
  await capture.stop();
});

test("open a port from the device: the Internet gets in there and nowhere else, until it is closed", async () => {
  await using _ = failedPicture(page, "open-port");
  const { line } = must(await admin.api.call("GET /wan"));
  const wan = String("address" in line.session ? line.session.address : "").split("/")[0];
  const fromInternet = (port: number) =>
    lab.exec("attacker-wan", ["curl", "-s", "--max-time", "2", `http://${wan}:${port}/address`]);
  expect((await fromInternet(80)).code).not.toBe(0);
  await openLaptop();
  await button("Open a port").click();
  await dialog().getByLabel("What for").fill("camera");
  await dialog().getByLabel("Port", { exact: true }).fill("0");
  await button("Go on", dialog()).click();
  await dialog().getByText("A number from 1 to 65535.").first().waitFor();
  await dialog().getByLabel("Port", { exact: true }).fill("80");
  await button("Go on", dialog()).click();
  await button("Open a port", dialog()).click();
  await proveIt();
  await toast("The port is open.");
  await lab.waitFor(
    "in",
    async () => (await fromInternet(80)).stdout.includes("81.250.0.66"),
    10_000,
  );
  expect((await fromInternet(443)).code).not.toBe(0);
  await follow(page, "/security");
  await page.getByText("camera").first().waitFor();

  await openLaptop();
  await button("Close camera").click();
  await button("Close the port", dialog()).click();
  await toast("The port is closed.");
  await lab.waitFor("out", async () => (await fromInternet(80)).code !== 0, 10_000);
});

test("two administrators: who looked at an older state is told so, and nothing is lost", async () => {
  await using _ = failedPicture(page, "two-administrators");
  await page.goto(`${BOX}/security`);
  await settle(page);
  await page.getByText("Refused", { exact: true }).first().click();
  await button("See what this does").click();
  await button("Apply", dialog()).waitFor();
  const theirs = must(await admin.api.call("PUT /first-run", { body: { language: "fr" } }));
  await button("Apply", dialog()).click();
  await dialog().getByText("changed in the meantime", { exact: false }).first().waitFor();
  await button("Close", dialog()).first().click();
  const now = must(await admin.api.call("GET /config/state"));
  expect(now.revision).toBe(theirs.revision);
});

test("web killed mid-page: the page comes back alone, and lives on", async () => {
  await using _ = failedPicture(page, "web-killed");
  await page.goto(`${BOX}/devices`);
  await settle(page);
  await page.evaluate("window.sameDocument = true");
  const { starts: before } = await lab.daemon("web");
  await lab.fault("daemon-kill", "web");
  await page.getByText("Reconnecting…").first().waitFor();
  await lab.waitFor(
    "web again",
    async () => {
      try {
        return (await lab.daemon("web")).starts > before;
      } catch {
        return false;
      }
    },
    10_000,
  );
  await page.getByText("Live", { exact: true }).first().waitFor({ timeout: 20_000 });
  const again = await adminAgain();
  const params = { id: laptop };
  must(await again.api.call("PATCH /hosts/{id}", { params, body: { name: "after the restart" } }));
  await page.getByRole("link", { name: "after the restart" }).waitFor();
  expect(await page.evaluate("window.sameDocument")).toBe(true);
});

/** The program's own session may be over with the process. */
async function adminAgain(): Promise<Admin> {
  const { Admin: Person } = await import("../face/admin.ts");
  admin = await Person.login(admin.asker, labelOf(lab));
  return admin;
}

test("nothing of all this was an error, asked elsewhere, or ran a stranger's word", () => {
  const expected = [
    /status of (401|403|412|503)/,
    /WebSocket connection/,
    /ERR_CONNECTION_(REFUSED|RESET)/,
  ];
  expect(person.watch.problems(...expected)).toEqual([]);
  expect(person.watch.requests.length).toBeGreaterThan(20);
});
