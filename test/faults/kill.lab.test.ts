import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Box, type LeasesView, type WanView } from "../interop/box.ts";
import { currentLease } from "../lab/clients.ts";
import { Lab } from "../lab/lab.ts";
import { startFlows } from "./flows.ts";

/**
 * each daemon, and the broker, is killed with -9 while four flows cross the NAT and a hundred names
 * a second are asked. The kernel forwards on; names are answered again within two seconds; leases are as before.
 */
const HOLES_MAX_MS = 2000;
let lab: Lab;
let box: Box;

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  box = new Box(lab);
  for (const host of ["lan1", "lan2", "stb", "phone1"] as const) await lab.lease("udhcpc", host);
  await box.until<WanView>("wan/state", "online", (wan) => wan.reach.kind === "online");
});
afterAll(() => lab.down());

interface Probe {
  readonly sent: number;
  readonly answered: number;
  readonly longestGapMs: number;
}

async function leases(): Promise<Readonly<Record<string, string>>> {
  const view = await box.get<LeasesView>("lan/leases");
  return Object.fromEntries((view?.leases ?? []).map((lease) => [lease.mac, lease.address]));
}

describe.each(["config", "lan", "wan", "firewall", "system", "web", "broker"])(
  "kill -9 of %s",
  (daemon) => {
    test("no packet of the flows is lost, names come back, leases stay", async () => {
      const before = await leases();
      expect(Object.keys(before).length).toBeGreaterThanOrEqual(4);
      const wanBefore = (await box.get<WanView>("wan/state"))?.session.address;
      const { starts } = await lab.daemon(daemon);
      const flows = await startFlows(lab, 10);
      const probe = lab.exec(
        "lan1",
        [
          ...[process.execPath, join(import.meta.dirname, "dns-probe.ts"), "192.168.1.1", "10"],
          ...["web.internet.test", "mail.internet.test", "lan1.home.arpa"],
        ],
        { timeoutMs: 30_000 },
      );
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await lab.fault("daemon-kill", daemon);

      const counted = await flows.done();
      expect(counted).toHaveLength(4);
      for (const { packets, lost } of counted) {
        expect(packets).toBeGreaterThan(2000);
        expect(lost).toBe(0);
      }
      const heard = JSON.parse((await probe).stdout) as Probe;
      expect(heard.sent).toBeGreaterThan(500);
      expect(heard.answered).toBeGreaterThan(heard.sent / 2);
      expect(heard.longestGapMs).toBeLessThan(HOLES_MAX_MS);
      expect((await lab.daemon(daemon)).starts).toBe(starts + 1);

      const after = await lab.waitFor(
        "the leases on the bus",
        async () => {
          const now = await leases();
          return Object.keys(now).length >= Object.keys(before).length && now;
        },
        10_000,
      );
      expect(after).toMatchObject(before);
      expect(new Set(Object.values(after)).size).toBe(Object.values(after).length);
      const wanAfter = await box.until<WanView>(
        "wan/state",
        "bound",
        (w) => w.session.kind === "bound",
      );
      expect(wanAfter.session.address).toBe(wanBefore);
    });

    test("a client that renews keeps its address", async () => {
      const before = await currentLease(lab.name, "lan2");
      const again = await lab.lease("udhcpc", "lan2");
      expect(again.address).toBe(before?.address);
    });
  },
);
