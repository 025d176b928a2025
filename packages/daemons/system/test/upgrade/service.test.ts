import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  configState,
  systemLog,
  systemNotifications,
  systemReboot,
  systemState,
  systemUpgrade,
  systemUpgradeInspect,
  systemUpgradeInstall,
  systemUpgradeRollback,
} from "@passerelle/contract";
import { createFakeProcesses } from "@passerelle/process";
import type { RunningService } from "@passerelle/service";
import { ManualClock, type TestContext, testContext } from "@passerelle/service/testing";
import { createFakeSlots, type FakeSlots } from "@passerelle/slots";
import { createFakeNetwork } from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SystemConfig } from "../../src/config.ts";
import type { Lack } from "../../src/core/upgrade/state.ts";
import { createPower } from "../../src/edge/power.ts";
import { startSystem } from "../../src/service.ts";
import { configOf } from "../story.ts";

let root: string;
let clock: ManualClock;
let context: TestContext<SystemConfig>;
let running: RunningService<SystemConfig>;
let slots: FakeSlots;
let boots = 0;
let lacks: readonly Lack[] = [];

const FILE = "new.raucb";
const power = () => join(root, "power");

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "passerelle-upgrade-"));
  mkdirSync(join(root, "proc/net"), { recursive: true });
  mkdirSync(join(root, "state/system"), { recursive: true });
  writeFileSync(join(root, "proc/stat"), "cpu  1 2 3 4 5 6 7 8 0 0\n");
  writeFileSync(join(root, "proc/meminfo"), "MemTotal: 1000 kB\nMemAvailable: 500 kB\n");
  slots = createFakeSlots();
  lacks = [];
  slots.bundles.set(join(root, "state/web/upload", FILE), {
    compatible: "passerelle-test",
    version: "9.0.0",
  });
  await boot("0.1.0");
});
afterEach(async () => {
  await end();
  rmSync(root, { recursive: true, force: true });
});

/** Another boot of this version: an empty runtime directory, a clock that begins, whatever slot starts. */
async function boot(version: string): Promise<void> {
  rmSync(join(root, "run"), { recursive: true, force: true });
  rmSync(power(), { force: true });
  mkdirSync(join(root, "run/system"), { recursive: true });
  writeFileSync(join(root, "release.json"), JSON.stringify({ version, board: "test" }));
  process.env.PASSERELLE_RELEASE = join(root, "release.json");
  boots += 1;
  slots.boot();
  clock = new ManualClock({ wall: 1_800_000_000_000 + boots * 600_000, bootId: `boot ${boots}` });
  context = testContext({
    config: configOf({ ntp: { enabled: false, servers: [], serveLan: false } }),
    client: "system",
    clock,
    stateDirectory: join(root, "state/system"),
    runtimeDirectory: join(root, "run/system"),
  });
  running = await startSystem(context, {
    processes: createFakeProcesses(),
    sockets: createFakeNetwork().addHost("gw").sockets,
    slots,
    health: { check: () => Promise.resolve({ missing: lacks, lives: "x" }), subscriptions: [] },
    power: createPower(createFakeProcesses(), `file:${power()}`),
    clockKeeping: { kind: "observe" },
    procRoot: join(root, "proc"),
    hardware: () => Promise.resolve({}),
  });
  await clock.advance(seconds(2));
}

async function end(): Promise<void> {
  await running.stop();
  await context.dispose();
  delete process.env.PASSERELLE_RELEASE;
}

const web = () => context.hub.client("web");
const retained = (topic: { readonly name: string }) => context.hub.retained().get(topic.name);
const said = () => (existsSync(power()) ? readFileSync(power(), "utf8") : undefined);
async function codes(): Promise<readonly string[]> {
  const reply = await web().request(systemLog, { limit: 200 });
  return reply.ok ? reply.data.entries.map(({ code }) => code) : [];
}
async function installed(): Promise<void> {
  await web().request(systemUpgradeInspect, { file: FILE, author: "Anna" });
  await clock.advance(seconds(1));
  const reply = await web().request(systemUpgradeInstall, { restart: true, author: "Anna" });
  expect(reply).toEqual({ ok: true, data: {} });
  await clock.advance(seconds(20));
}

describe("an upgrade over the bus", () => {
  test("proves itself, is kept, and everybody is told", async () => {
    await clock.advance(seconds(30));
    expect(existsSync(join(root, "run/system/slot-good"))).toBe(true);
    expect(retained(systemUpgrade)).toMatchObject({ phase: { kind: "idle" }, proven: true });
    await installed();
    expect(said()).toBe("reboot");
    await end();
    await boot("9.0.0");
    expect(existsSync(join(root, "run/system/slot-good"))).toBe(false);
    expect(retained(systemUpgrade)).toMatchObject({ phase: { kind: "trial", version: "9.0.0" } });
    await clock.advance(seconds(30));
    expect(existsSync(join(root, "run/system/slot-good"))).toBe(true);
    expect(retained(systemUpgrade)).toMatchObject({
      phase: { kind: "idle" },
      running: { version: "9.0.0", slot: "B" },
      last: { kind: "kept", version: "9.0.0", from: "0.1.0" },
    });
    expect(retained(systemState)).toMatchObject({ bootCause: "upgrade", version: "9.0.0" });
    expect(await codes()).toEqual(
      expect.arrayContaining(["upgrade_kept", "booted_upgrade", "upgrade_installed"]),
    );
    expect(retained(systemNotifications)).toMatchObject({
      notifications: [{ code: "upgrade_done", subject: "9.0.0" }],
    });
  });
  test("that lacks something goes back in four minutes at most, with its cause", async () => {
    await installed();
    lacks = ["page"];
    for (let tries = 0; tries < 3; tries += 1) {
      await end();
      await boot("9.0.0");
      await clock.advance(seconds(237));
      expect(said()).toBe(undefined);
      await clock.advance(seconds(5));
      expect(said()).toBe("reboot");
    }
    lacks = [];
    await end();
    await boot("0.1.0");
    await clock.advance(seconds(12));
    expect(retained(systemUpgrade)).toMatchObject({
      running: { slot: "A" },
      last: { kind: "fell_back", version: "9.0.0", from: "0.1.0", missing: ["page"] },
    });
    expect(retained(systemState)).toMatchObject({ bootCause: "fallback" });
    expect(await codes()).toEqual(
      expect.arrayContaining(["upgrade_fell_back", "upgrade_trial_failed", "booted_fallback"]),
    );
    expect(retained(systemNotifications)).toMatchObject({
      notifications: [{ code: "upgrade_undone", subject: "9.0.0" }],
    });
  });
  test("waits until a change of the configuration is confirmed", async () => {
    await web().request(systemUpgradeInspect, { file: FILE, author: "Anna" });
    const author = { name: "Paul", origin: "lan" as const };
    const phase = { kind: "probation" as const, remainingMs: 60_000, previous: 1, author };
    context.hub.client("config").publish(configState, { revision: 2, phase, digests: {} });
    await clock.advance(seconds(1));
    const reply = await web().request(systemUpgradeInstall, { restart: true, author: "Anna" });
    expect(reply).toMatchObject({ ok: false, fault: { code: "upgrade_probation" } });
    expect(slots.calls).not.toContain("install");
  });
  test("is what a person's own restart starts", async () => {
    await web().request(systemUpgradeInspect, { file: FILE, author: "Anna" });
    await clock.advance(seconds(1));
    await web().request(systemUpgradeInstall, { restart: false, author: "Anna" });
    await clock.advance(seconds(20));
    expect([said(), retained(systemUpgrade)]).toMatchObject([
      undefined,
      { phase: { kind: "installed" } },
    ]);
    await web().request(systemReboot, { author: "Paul" });
    await clock.advance(seconds(2));
    await end();
    await boot("9.0.0");
    await clock.advance(seconds(12));
    expect(retained(systemState)).toMatchObject({ bootCause: "upgrade" });
  });
  test("back to the other system is refused where that does not start", async () => {
    slots.fault = "denied";
    const reply = await web().request(systemUpgradeRollback, { author: "Anna" });
    expect(reply).toEqual({ ok: true, data: {} });
    await clock.advance(seconds(2));
    expect(retained(systemUpgrade)).toMatchObject({
      phase: { kind: "refused", fault: { code: "upgrade_engine_away" } },
    });
    expect(said()).toBe(undefined);
  });
});
