import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Admin, labelOf, must } from "../face/admin.ts";
import { openForward } from "../lab/forward/forward.ts";
import { Lab } from "../lab/lab.ts";
import { openBrowser, visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { BOX, resident, settledHouse } from "./resident.ts";

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

test("kept from the new address by the link of the page, without a cookie; the house and the forward follow", async () => {
  const { http } = await openForward(lab.name);
  const fromMachine = async () =>
    (await fetch(`${http}api/v1/welcome`, { signal: AbortSignal.timeout(9000) })).status;
  expect(await fromMachine()).toBe(200);
  const token = await move(60);
  // The house takes its leases anew, as devices do whose cable or Wi-Fi comes back.
  await lab.must("lan1", ["ip", "address", "flush", "dev", "eth0"]);
  expect(await lab.lease("udhcpc", "lan1")).toMatchObject({ router: NEXT });
  expect(await answers(NEXT)).toBe(true);
  await using stranger = await visit(browser);
  await using _ = failedPicture(stranger.page, "move-keep");
  // Whoever opens the page at its new address without the token keeps nothing.
  await stranger.page.goto(`http://${NEXT}/`);
  await stranger.page.locator('input[type="password"]').waitFor();
  const { probation } = await welcome();
  expect(probation).toBe(true);
  await stranger.page.goto("about:blank");
  await stranger.page.goto(`http://${NEXT}/#keep=${encodeURIComponent(token)}`);
  await stranger.page.getByText("The change was kept.").waitFor();
  // The token is nowhere to be found any more.
  expect(stranger.page.url()).not.toContain(token);

  const moved = await Admin.login(admin.asker, labelOf(lab), NEXT);
  expect(must(await moved.api.call("GET /config/state")).phase.kind).toBe("confirmed");
  expect(await answers("192.168.1.1")).toBe(false);
  await using person = await resident(browser, labelOf(lab), { from: `http://${NEXT}` });
  await person.page.getByText("Live", { exact: true }).first().waitFor();
  expect(person.watch.problems(/status of 401/)).toEqual([]);
  expect(person.page.url()).not.toContain(BOX);
  await lab.waitFor(
    "the forward follows",
    async () => (await fromMachine().catch(() => 0)) === 200,
    40_000,
  );
});
