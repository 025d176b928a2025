import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Box, type LeasesView, type WanView } from "../interop/box.ts";
import { Lab } from "../lab/lab.ts";

/** What can happen to a line, and what the person is told: one code, one sentence, and the home back by itself. */
let lab: Lab;
let box: Box;

beforeAll(async () => {
  lab = await Lab.up({ operator: "orange", movableClock: true });
  box = new Box(lab);
  await lab.lease("udhcpc", "lan1");
  await online();
});
afterAll(() => lab.down());

const online = (): Promise<WanView> =>
  box.until<WanView>("wan/state", "online", (wan) => wan.reach.kind === "online", 60_000);
const cause = (code: string): Promise<WanView> =>
  box.until<WanView>("wan/state", `cause ${code}`, (wan) => wan.cause?.code === code, 60_000);
const surf = async (): Promise<number | null> =>
  (await lab.exec("lan1", ["curl", "-4", "-sS", "--max-time", "5", "http://web.internet.test/"]))
    .code;

/** The operator's log says so after its entry `from`: the state on the bus may still be that of before. */
const answered = (answer: "ack" | "nak", from: number): Promise<boolean> =>
  lab.waitFor(
    `a new ${answer} of the operator`,
    () =>
      lab
        .operatorLog()
        .slice(from)
        .some((entry) => entry.answer === answer),
    20_000,
  );

/** Whatever a test broke is whole again when it ends, also when it fails. */
afterEach(async () => {
  await lab.fault("carrier-loss", "off");
  for (const fault of ["operator-silent", "resolver-dead", "internet-dead", "disk-full"]) {
    await lab.fault(fault, "off");
  }
  await lab.fault("lease-time", "3600");
});

describe("the line", () => {
  test("a carrier loss has its name, and the line comes back", async () => {
    await lab.fault("carrier-loss", "on");
    await cause("no_carrier");
    await lab.fault("carrier-loss", "off");
    await online();
    expect(await surf()).toBe(0);
  });

  test("a NAK means a new lease at once", async () => {
    await lab.fault("session-kill");
    await box.call("wan/reconnect", {});
    await answered("nak", 0);
    await online();
    expect(await surf()).toBe(0);
  });

  test("a dead resolver has its name; cached and local names are answered on", async () => {
    await lab.must("lan1", ["dig", "+short", "ttl1.internet.test"]);
    await lab.fault("resolver-dead", "on");
    await cause("no_resolver");
    const stale = await lab.must("lan1", ["dig", "+short", "+time=5", "ttl1.internet.test"]);
    expect(stale.trim()).toBe("93.184.216.34");
    const local = await lab.must("lan1", ["dig", "+short", "lan2.home.arpa"]);
    expect(local).toContain("192.168.1.");
    await lab.fault("resolver-dead", "off");
    await online();
  });

  test("a dead Internet behind a live line has its name", async () => {
    await lab.fault("internet-dead", "on");
    const wan = await box.until<WanView>(
      "wan/state",
      "a cause",
      (w) => w.cause !== undefined,
      90_000,
    );
    expect(wan.session.kind).toBe("bound");
    expect(wan.cause?.code).toMatch(/^no_(internet|resolver)$/);
    await lab.fault("internet-dead", "off");
    await online();
  });

  test("an operator that falls silent: the lease serves to its end, then the silence has its name", async () => {
    await lab.fault("lease-time", "24", "8", "16");
    const heard = lab.operatorLog().length;
    await box.call("wan/reconnect", {});
    await answered("ack", heard);
    await box.until<WanView>("wan/state", "bound", (wan) => wan.session.kind === "bound");
    await lab.fault("operator-silent", "on");
    const before = Date.now();
    const renewing = await box.until<WanView>(
      "wan/state",
      "renewing",
      (w) => w.session.kind === "renewing",
    );
    expect(renewing.reach.kind).toBe("online");
    expect(await surf()).toBe(0);
    await cause("no_answer");
    expect(Date.now() - before).toBeGreaterThan(10_000);
    const address = await lab.must("gw", ["ip", "-4", "-br", "address", "show", "wan0"]);
    expect(address).not.toContain("81.250.");
    await lab.fault("lease-time", "3600");
    await lab.fault("operator-silent", "off");
    await online();
    expect(await surf()).toBe(0);
  });

  test("another network: the home follows", async () => {
    await lab.fault("renumber");
    await box.call("wan/reconnect", {});
    const moved = (wan: WanView): boolean =>
      wan.session.address?.startsWith("81.251.0.") === true && wan.reach.kind === "online";
    await box.until<WanView>("wan/state", "an address of 81.251.0.0/24", moved, 60_000);
    expect(await surf()).toBe(0);
    await lab.fault("renumber");
    await box.call("wan/reconnect", {});
    await online();
  });
});

describe("the box", () => {
  test("a full disk: names, leases in force and the Internet go on; freeing it heals without a restart", async () => {
    await lab.fault("disk-full", "on");
    expect(await surf()).toBe(0);
    const renewed = await lab.lease("udhcpc", "lan1");
    expect(renewed.address).toMatch(/^192\.168\.1\./);
    const change = await box.call("config/apply", {
      changes: [{ section: "firewall", patch: { blocked: ["02:00:00:00:00:99"] } }],
      author: { name: "test", origin: "lan" },
      note: "x".repeat(500),
    });
    // Refused, or kept: a journal that is there already may have room for one more change.
    const kept = change.ok
      ? (await lab.passerelle(["config", "get", "firewall/blocked"])).stdout
      : "refused";
    expect(kept).toMatch(/refused|02:00:00:00:00:99/);
    await lab.fault("disk-full", "off");
    const fresh = await lab.lease("udhcpc", "phone2");
    expect(fresh.address).toMatch(/^192\.168\.1\./);
  });

  test.each([315_360_000, -86_400, -1_700_000_000])(
    "the calendar jumps by %d s: leases, names and the Internet stay (R-14)",
    async (jump) => {
      const before = await box.get<LeasesView>("lan/leases");
      await lab.fault("clock-jump", String(jump));
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const again = await lab.lease("udhcpc", "lan1");
      const after = await box.get<LeasesView>("lan/leases");
      const kept = (view?: LeasesView) => (view?.leases ?? []).map((l) => l.address).sort();
      expect(kept(after)).toEqual(kept(before));
      expect(kept(after)).toContain(again.address);
      expect(await surf()).toBe(0);
      expect((await box.get<WanView>("wan/state"))?.session.kind).toBe("bound");
      await lab.fault("clock-jump", "0");
    },
  );

  test("a power cut: everything is back, with the same leases", async () => {
    const before = await lab.lease("udhcpc", "lan1");
    await lab.fault("power-cut", "1");
    await online();
    const after = await lab.lease("udhcpc", "lan1");
    expect(after.address).toBe(before.address);
    expect(await surf()).toBe(0);
  });
});
