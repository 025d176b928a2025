import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Admin, labelOf, must } from "../face/admin.ts";
import { openForward } from "../lab/forward/forward.ts";
import { Lab } from "../lab/lab.ts";
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

test("nobody keeps it: the box is back where it was, and the page comes back alone", async () => {
  await using person = await resident(browser, labelOf(lab), { at: "/devices" });
  await using _ = failedPicture(person.page, "move-back");
  await person.page.getByText("Live", { exact: true }).first().waitFor();
  await person.page.evaluate("window.sameDocument = true");
  await move(10);
  await lab.waitFor("the new address", hasMoved, 10_000);
  expect(await answers("192.168.1.1")).toBe(false);
  await lab.waitFor(
    "the roll-back",
    async () => {
      const state = await admin.api.call("GET /config/state").catch(() => undefined);
      return state?.ok && state.data.phase.kind === "confirmed" && state.data.revision === before;
    },
    30_000,
  );
  expect(await answers(NEXT)).toBe(false);
  // What changes from here on is on the page that was open all the time.
  const [host] = must(await admin.api.call("GET /hosts")).hosts;
  const params = { id: host?.id ?? "" };
  must(await admin.api.call("PATCH /hosts/{id}", { params, body: { name: "still here" } }));
  await person.page.getByRole("link", { name: "still here" }).waitFor({ timeout: 40_000 });
  expect(await person.page.evaluate("window.sameDocument")).toBe(true);
  expect(person.watch.problems(/WebSocket/, /ERR_/)).toEqual([]);
});

test("a person changes it on the page, keeps it from the new address by the page's link, and the forward follows", async () => {
  const { http } = await openForward(lab.name);
  const fromMachine = async () =>
    (await fetch(`${http}api/v1/welcome`, { signal: AbortSignal.timeout(9000) })).status;
  expect(await fromMachine()).toBe(200);
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

  // The house takes its leases anew, as devices do whose cable or Wi-Fi comes back.
  await lab.waitFor("the new address", hasMoved, 10_000);
  await lab.must("lan1", ["ip", "address", "flush", "dev", "eth0"]);
  expect(await lab.lease("udhcpc", "lan1")).toMatchObject({ router: NEXT });
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
  expect(await answers("192.168.1.1")).toBe(false);
  await page.locator('input[type="password"]').fill(labelOf(lab));
  await page.locator('button[type="submit"]').click();
  await page.getByText("Live", { exact: true }).first().waitFor();
  expect(person.watch.problems(/status of 40[13]/, /WebSocket/, /ERR_/)).toEqual([]);
  await lab.waitFor(
    "the forward follows",
    async () => (await fromMachine().catch(() => 0)) === 200,
    40_000,
  );
});

/** By the kernel's word: who still has an address of the old network is not heard. */
async function hasMoved(): Promise<boolean> {
  const text = await lab.must("gw", ["ip", "-4", "-br", "address", "show", "dev", "br-lan"]);
  return text.includes(`${NEXT}/`);
}
