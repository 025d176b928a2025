import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Box } from "../interop/box.ts";
import { Lab } from "../lab/lab.ts";

/** A change of the LAN address is undone unless its author confirms it: with nothing, with kill -9, with a power cut. */
let lab: Lab;
let box: Box;

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  box = new Box(lab);
});
afterAll(() => lab.down());

interface Applied {
  readonly revision: number;
  readonly probation?: { readonly token: string; readonly seconds: number };
}
interface Show {
  readonly sections: {
    readonly lan: { readonly networks: unknown; readonly reservations: unknown };
  };
}
interface Alive {
  readonly status: string;
  readonly pid?: number;
}
interface ConfigView {
  readonly revision: number;
  readonly phase: { readonly kind: string };
  readonly lastRollback?: {
    readonly from: number;
    readonly to: number;
    readonly fault: { readonly code: string; readonly raw?: string };
  };
}
interface LanView {
  readonly networks: readonly { readonly address: string }[];
}
const author = { name: "test", origin: "lan" };

/** Asks for another LAN address, with the pool and the reservations that fit it. */
async function move(third: number, seconds: number): Promise<Applied> {
  const shown = await box.call<Show>("config/show", {});
  if (!shown.ok) throw new Error(shown.fault.code);
  const { networks, reservations } = shown.data.sections.lan;
  const text = JSON.stringify({ networks, reservations });
  const patch = JSON.parse(text.replaceAll(/192\.168\.(?!179)\d+\./g, `192.168.${third}.`));
  const outcome = await box.call<Applied>("config/apply", {
    changes: [{ section: "lan", patch }],
    author,
    probationSeconds: seconds,
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.fault));
  return outcome.data;
}

async function lanAddress(): Promise<string> {
  return (await lab.must("gw", ["ip", "-4", "-br", "address", "show", "br-lan"])).trim();
}

/** Kills a daemon, and waits until its supervisor brought it back. */
async function killed(daemon: string): Promise<void> {
  const before = await box.get<Alive>(`${daemon}/alive`);
  await lab.fault("daemon-kill", daemon);
  await box.until<Alive>(
    `${daemon}/alive`,
    `${daemon} back`,
    (alive) => alive.status === "online" && alive.pid !== before?.pid,
    10_000,
  );
}

const moved = (third: number) => boxAt(`192.168.${third}.1/24`, 10_000);
const undone = (timeoutMs: number) => boxAt("192.168.1.1/24", timeoutMs);

/** The kernel has it, and the box calls it its own: one that it left is kept for a while, for who followed to it. */
async function boxAt(wanted: string, timeoutMs: number): Promise<void> {
  await box.until<LanView>(
    "lan/state",
    wanted,
    ({ networks }) => networks.some(({ address }) => address === wanted),
    timeoutMs,
  );
  expect(await lanAddress()).toContain(wanted);
}

describe("a change of the LAN address", () => {
  test("needs a confirmation and answers a token", async () => {
    const applied = await move(2, 10);
    expect(applied.probation?.token.length).toBeGreaterThanOrEqual(20);
    await moved(2);
  });

  test("rolls back by itself when nobody confirms", async () => {
    await undone(20_000);
    const view = await box.until<ConfigView>(
      "config/state",
      "confirmed",
      (c) => c.phase.kind === "confirmed",
    );
    expect(view.lastRollback).toBeDefined();
  });

  test("a wrong token confirms nothing", async () => {
    await move(3, 10);
    const wrong = await box.call("config/confirm", { token: "A".repeat(26), author });
    expect(wrong.ok).toBe(false);
    await moved(3);
    await undone(20_000);
  });

  test("rolls back also after kill -9 of config in the window", async () => {
    await move(4, 12);
    await moved(4);
    await lab.fault("daemon-kill", "config");
    await undone(25_000);
  });

  test("rolls back also after a power cut in the window", async () => {
    await move(5, 60);
    await moved(5);
    await lab.fault("power-cut", "1");
    await undone(25_000);
  });

  test("goes on after one kill -9 of the daemon it is for, and of another", async () => {
    const applied = await move(7, 60);
    await moved(7);
    await killed("lan");
    await killed("wan");
    // Longer than a daemon may stay away.
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    const view = await box.get<ConfigView>("config/state");
    expect(view).toMatchObject({ revision: applied.revision, phase: { kind: "probation" } });
    expect((await box.call("config/rollback", { author })).ok).toBe(true);
    await undone(10_000);
  });

  test("rolls back at once when its daemon dies three times", async () => {
    const { revision } = await move(8, 120);
    await moved(8);
    await killed("lan");
    await killed("lan");
    await lab.fault("daemon-kill", "lan");
    const view = await box.until<ConfigView>(
      "config/state",
      "confirmed",
      (c) => c.phase.kind === "confirmed",
      10_000,
    );
    expect(view.lastRollback).toMatchObject({
      from: revision,
      fault: { code: "daemon_died", raw: "lan" },
    });
    await undone(15_000);
  });

  test("stays when its author confirms with the token", async () => {
    const applied = await move(6, 30);
    await moved(6);
    const confirmed = await box.call("config/confirm", {
      token: applied.probation?.token,
      author,
    });
    expect(confirmed).toMatchObject({ ok: true });
    await lab.fault("daemon-kill", "config");
    await box.until<ConfigView>("config/state", "confirmed", (c) => c.phase.kind === "confirmed");
    await moved(6);
    const lease = await lab.lease("udhcpc", "lan1");
    expect(lease.address).toMatch(/^192\.168\.6\./);
  });
});
