import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Admin, labelOf, must } from "../face/admin.ts";
import { stopClient } from "../lab/clients.ts";
import { openForward } from "../lab/forward/forward.ts";
import { Lab } from "../lab/lab.ts";
import { type HostName, homeMac } from "../lab/topology.ts";
import { openBrowser, visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { resident, settledHouse } from "./resident.ts";

/** The box gets another address on its LAN: the one change that takes the ground from under its author's feet. */
const NEXT = "192.168.77.1";

let lab: Lab;
let admin: Admin;
let browser: Browser;
let before = 0;
beforeAll(async () => {
  lab = await Lab.up();
  admin = await settledHouse(lab);
  browser = await openBrowser(lab);
  before = must(await admin.api.call("GET /config/state")).revision;
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});

/** Answers the token with which the change is kept. */
async function move(probationSeconds: number): Promise<string> {
  const { sections } = must(await admin.api.call("GET /config", { query: {} }));
  const { networks } = sections.lan as {
    readonly networks: readonly { readonly name: string; readonly dhcp: object }[];
  };
  const patch = {
    networks: networks.map((one) =>
      one.name === "lan"
        ? {
            ...one,
            address: `${NEXT}/24`,
            dhcp: { ...one.dhcp, first: "192.168.77.50", last: "192.168.77.250" },
          }
        : one,
    ),
    // They are addresses of the network that goes.
    reservations: [],
  };
  const changes = [{ section: "lan" as const, patch }];
  const plan = must(await admin.api.call("POST /config/plan", { body: { changes } }));
  expect(plan.needsConfirmation).toBe(true);
  expect(plan.impacts.map(({ severity }) => severity)).toContain("may_cut_you_off");
  await admin.stepUp(labelOf(lab));
  const { probation } = must(
    await admin.api.call("POST /config/apply", { body: { changes, probationSeconds } }),
  );
  if (probation === undefined) throw new Error("no probation");
  return probation.token;
}

const answers = async (address: string): Promise<boolean> => {
  const argv = ["curl", "-s", "--max-time", "2", `http://${address}/api/v1/welcome`];
  return (await lab.exec("lan1", argv)).stdout.includes("firstRunDone");
};

const welcome = async () => {
  const { text } = await admin.asker.ask({ path: "/api/v1/welcome", to: NEXT });
  return JSON.parse(text) as { readonly probation: boolean };
};

/** What a device does that nobody told of the move: it looks up a name, and reads a page of the Internet. */
const surfs = async (host: HostName): Promise<boolean> => {
  const argv = ["curl", "-4", "-s", "--max-time", "5", "http://web.internet.test/address"];
  return /^81\.250\.0\.\d+\n$/.test((await lab.exec(host, argv)).stdout);
};

/** Addresses of the box on its bridge, by the kernel's word. */
async function boxAddresses(): Promise<string> {
  return lab.must("gw", ["ip", "-4", "-br", "address", "show", "dev", "br-lan"]);
}

/** The address of a host once it lies in a network. */
const addressIn = (host: HostName, prefix: string): Promise<string> =>
  lab.waitFor(
    `an address ${prefix}* on ${host}`,
    async () => {
      const text = await lab.must(host, ["ip", "-4", "-br", "address", "show", "dev", "eth0"]);
      return new RegExp(`\\s(${prefix.replaceAll(".", "\\.")}\\d+)/`).exec(text)?.[1];
    },
    30_000,
  );

/** A renewal before its time, as after half of the lease. */
const renew = () => lab.must("lan2", ["pkill", "-USR1", "-x", "udhcpc"]);

/** Whether the box answers who has, or makes up, this address. */
async function answersFrom(source: string, to: string): Promise<boolean> {
  await lab.must("stb", ["ip", "address", "replace", `${source}/24`, "dev", "eth0"]);
  await lab.must("stb", ["ip", "route", "replace", `${to}/32`, "dev", "eth0", "src", source]);
  try {
    const argv = ["curl", "-s", "--max-time", "2", "--interface", source];
    const { stdout } = await lab.exec("stb", [...argv, `http://${to}/api/v1/welcome`]);
    return stdout.includes("firstRunDone");
  } finally {
    await lab.must("stb", ["ip", "address", "delete", `${source}/24`, "dev", "eth0"]);
  }
}

test("nobody keeps it: whoever followed and whoever did not has a network all the time, and the page comes back alone", async () => {
  await lab.serve("lan2", "renewing", ["udhcpc", "-i", "eth0", "-f"]);
  const place = await addressIn("lan2", "192.168.1.");
  await lab.lease("udhcpc", "guest");
  await using person = await resident(browser, labelOf(lab), { at: "/devices" });
  await using _ = failedPicture(person.page, "move-back");
  await person.page.getByText("Live", { exact: true }).first().waitFor();
  await person.page.evaluate("window.sameDocument = true");
  await move(40);
  await lab.waitFor("the new address", hasMoved, 10_000);
  await lab.waitFor("the page at the new address", () => answers(NEXT), 10_000);
  expect(await answers("192.168.1.1")).toBe(true);
  expect(await surfs("lan1")).toBe(true);
  expect(await lab.must("lan1", ["dig", "+short", "box.home.arpa"])).toBe(`${NEXT}\n`);
  // Guests reach neither address of the home.
  for (const to of ["192.168.1.1", NEXT]) {
    const argv = ["curl", "-s", "--max-time", "2", `http://${to}/api/v1/welcome`];
    expect((await lab.exec("guest", argv)).stdout).toBe("");
  }

  await renew();
  await addressIn("lan2", "192.168.77.");
  // It did not give up asking: it was told, by the server that it believes.
  expect(lab.log("renewing.log")).toContain("DHCP NAK");
  expect(await surfs("lan2")).toBe(true);
  await lab.fault("daemon-kill", "lan");
  await lab.waitFor("lan is back", () => surfs("lan1"), 20_000);
  expect(await surfs("lan2")).toBe(true);
  expect(await boxAddresses()).toMatch(/192\.168\.1\.1\//);
  await lab.waitFor(
    "the roll-back",
    async () => {
      const state = await admin.api.call("GET /config/state").catch(() => undefined);
      return state?.ok && state.data.phase.kind === "confirmed" && state.data.revision === before;
    },
    60_000,
  );
  expect(await surfs("lan1")).toBe(true);
  expect(await answers("192.168.1.1")).toBe(true);
  // Who followed too early has a lease of the network that is no more: it is kept until it comes back as well.
  expect(await surfs("lan2")).toBe(true);
  expect(await answers(NEXT)).toBe(true);
  await renew();
  expect(await addressIn("lan2", "192.168.1.")).toBe(place);
  expect(await surfs("lan2")).toBe(true);
  await lab.waitFor("the new address goes", async () => !(await hasMoved()), 90_000);
  await lab.waitFor("nobody is there", async () => !(await answers(NEXT)), 10_000);
  // What changes from here on is on the page that was open all the time.
  const params = { id: await idOf("lan1") };
  must(await admin.api.call("PATCH /hosts/{id}", { params, body: { name: "still here" } }));
  await person.page.getByRole("link", { name: "still here" }).waitFor({ timeout: 40_000 });
  expect(await person.page.evaluate("window.sameDocument")).toBe(true);
  expect(person.watch.problems(/WebSocket/, /ERR_/)).toEqual([]);
}, 300_000);

test("a person changes it on the page, keeps it from the new address by the page's link, and the house follows", async () => {
  const { http } = await openForward(lab.name);
  const fromMachine = async () =>
    (await fetch(`${http}api/v1/welcome`, { signal: AbortSignal.timeout(9000) })).status;
  expect(await fromMachine()).toBe(200);
  await lab.lease("dhclient", "phone1");
  await using person = await resident(browser, labelOf(lab), { at: "/system" });
  const { page } = person;
  await using _ = failedPicture(page, "move-keep");
  await page.getByRole("tab", { name: "Home network" }).click();
  await page.getByLabel("Address of the box").fill(NEXT);
  const form = page.getByRole("region", { name: "Addresses at home" });
  await form.getByRole("button", { name: "See what this does" }).click();
  const change = page.getByRole("dialog");
  await change.getByText("May cut you off").first().waitFor();
  await change.getByRole("button", { name: "Apply" }).click();
  const asked = page.getByRole("dialog", { name: "Is it really you?" });
  await asked.locator('input[type="password"]').fill(labelOf(lab));
  await asked.getByRole("button", { name: "Go on" }).click();
  const link = page.getByRole("link", { name: `Open the gateway at ${NEXT}` });
  await link.waitFor();

  // Nobody takes a lease anew: the person's own device goes on with the one it has.
  await lab.waitFor("the new address", hasMoved, 10_000);
  await lab.waitFor("the page at the new address", () => answers(NEXT), 10_000);
  await using stranger = await visit(browser);
  // Whoever opens the page at its new address without the token keeps nothing.
  await stranger.page.goto(`http://${NEXT}/`);
  await stranger.page.locator('input[type="password"]').waitFor();
  expect((await welcome()).probation).toBe(true);

  await link.click();
  await page.getByText("The change was kept.").waitFor();
  // The token is in the address of the page no more.
  expect(new URL(page.url())).toMatchObject({ hostname: NEXT, hash: "" });
  expect((await welcome()).probation).toBe(false);
  await page.locator('input[type="password"]').fill(labelOf(lab));
  await page.locator('button[type="submit"]').click();
  await page.getByText("Live", { exact: true }).first().waitFor();
  expect(person.watch.problems(/status of 40[13]/, /WebSocket/, /ERR_/)).toEqual([]);
  expect(await addressIn("lan1", "192.168.1.")).not.toBe("");
  expect(await answers("192.168.1.1")).toBe(true);
  expect(await surfs("lan1")).toBe(true);
  expect(await fromMachine()).toBe(200);
});

test("devices move when they next ask; with the last one the old address goes, and its network is a stranger's again", async () => {
  await renew();
  await addressIn("lan2", "192.168.77.");
  // It starts again and asks for the address it had (INIT-REBOOT).
  await stopClient(lab.name, "dhclient", "phone1");
  expect(await lab.lease("dhclient", "phone1")).toMatchObject({ router: NEXT });
  for (const host of ["lan2", "phone1"] as const) expect(await surfs(host)).toBe(true);
  expect(await surfs("lan1")).toBe(true);
  expect(await answersFrom("192.168.1.199", NEXT)).toBe(true);

  for (const host of ["lan1", "desk"] as const) {
    await lab.must(host, ["ip", "address", "flush", "dev", "eth0"]);
    expect(await lab.lease("udhcpc", host)).toMatchObject({ router: NEXT });
  }
  await lab.waitFor(
    "the old address goes",
    async () => !(await boxAddresses()).includes("192.168.1.1/"),
    90_000,
  );
  await lab.waitFor("nobody is there", async () => !(await answers("192.168.1.1")), 10_000);
  const guard = ["nft", "list", "chain", "inet", "passerelle", "guard"];
  await lab.waitFor(
    "its network is a stranger's",
    async () => !(await lab.must("gw", guard)).includes("192.168.1.0/24"),
    10_000,
  );
  expect(await answersFrom("192.168.1.199", NEXT)).toBe(false);
  expect(await answersFrom("192.168.77.199", NEXT)).toBe(true);
  for (const host of ["lan1", "lan2", "phone1"] as const) expect(await surfs(host)).toBe(true);
}, 300_000);

/** The device in the list. */
async function idOf(host: HostName): Promise<string> {
  const { hosts } = must(await admin.api.call("GET /hosts"));
  const id = hosts.find(({ macs }) => macs.includes(homeMac(host)))?.id;
  if (id === undefined) throw new Error(`${host} is not in the list`);
  return id;
}

async function hasMoved(): Promise<boolean> {
  return (await boxAddresses()).includes(`${NEXT}/`);
}
