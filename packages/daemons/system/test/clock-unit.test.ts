import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFakeProcesses, type FakeProcesses } from "@passerelle/process";
import { ManualClock, recordingLogger } from "@passerelle/service/testing";
import { hours, seconds } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Chrony, type ClockState, clockKeeping } from "../src/edge/chrony.ts";
import { SavedClock } from "../src/edge/saved-clock.ts";

/** A board whose init runs chrony: this daemon writes, asks and looks, and has no right over the clock. */

const SOURCES = "^,*,192.0.2.1,2,6,17,1,0.000000380,0.004,0.000017\n";
const HOME = { prefix: "192.168.1.0/24", address: "192.168.1.1" };

let root: string;
let clock: ManualClock;
let processes: FakeProcesses;
let chrony: Chrony;
let state: ClockState | undefined;
/** What chronyc ends with. */
let code = 0;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "passerelle-clock-"));
  clock = new ManualClock();
  processes = createFakeProcesses();
  code = 0;
  processes.install("chronyc", () => ({ code, stdout: SOURCES }));
  processes.install("date");
  await begin();
});
afterEach(async () => {
  await chrony.stop();
  rmSync(root, { recursive: true, force: true });
});

const configuration = () => join(root, "chrony.conf");
const stamp = () => join(root, "stamp");
const shutdowns = () => processes.calls.filter(({ argv }) => argv.includes("shutdown")).length;

async function begin(): Promise<void> {
  chrony = new Chrony({
    ...{ processes, clock, log: recordingLogger(), runtimeDirectory: root },
    keeping: { kind: "unit", configuration: configuration(), stamp: stamp() },
    places: { directory: root, programs: { daemon: process.execPath, client: "chronyc" } },
    changed: (now) => {
      state = now;
    },
  });
  await wish();
}

async function wish(enabled = true, networks: readonly (typeof HOME)[] = []): Promise<void> {
  chrony.want({ enabled, servers: ["192.0.2.1"], resolvers: [], networks });
  await clock.advance(seconds(1));
}

describe("chrony", () => {
  test("is asked for by a file that its group reads; nothing is started, nothing told", async () => {
    await clock.advance(seconds(10));
    expect(readFileSync(configuration(), "utf8")).toContain("server 192.0.2.1 iburst");
    expect(statSync(configuration()).mode & 0o777).toBe(0o640);
    expect(processes.children).toEqual([]);
    expect(shutdowns()).toBe(0);
    expect(state).toMatchObject({ kind: "synchronised", source: "192.0.2.1" });
  });
  test("ends at a change and so begins anew; one that can't hear yet is asked again", async () => {
    code = 1;
    await wish(true, [HOME]);
    expect(readFileSync(configuration(), "utf8")).toContain("bindaddress 192.168.1.1");
    await clock.advance(seconds(2));
    const unheard = shutdowns();
    expect(unheard).toBeGreaterThan(1);
    code = 0;
    await clock.advance(seconds(1));
    expect(shutdowns()).toBe(unheard + 1);
    await clock.advance(seconds(30));
    expect(shutdowns()).toBe(unheard + 1);
  });
  test("that never hears is not asked for ever", async () => {
    code = 1;
    await wish(true, [HOME]);
    await clock.advance(seconds(60));
    const asked = shutdowns();
    await clock.advance(seconds(60));
    expect(shutdowns()).toBe(asked);
  });
  test("goes on while this daemon is away, and is not disturbed by its return", async () => {
    await chrony.stop();
    expect(existsSync(configuration())).toBe(true);
    writeFileSync(join(root, "chronyd.pid"), "1\n");
    await begin();
    expect(shutdowns()).toBe(0);
  });
  test("hears of what an earlier life wrote and could not tell", async () => {
    await chrony.stop();
    writeFileSync(join(root, "chronyd.pid"), "1\n");
    utimesSync(join(root, "chronyd.pid"), 1, 1);
    await begin();
    expect(shutdowns()).toBe(1);
  });
  test("that nobody wants ends", async () => {
    await wish(false);
    expect(existsSync(configuration())).toBe(false);
    expect(shutdowns()).toBe(1);
    await wish(false);
    expect(shutdowns()).toBe(1);
  });
});

describe("the calendar", () => {
  const kept = () =>
    new SavedClock({ directory: root, clock, log: recordingLogger(), processes, stamp: stamp() });

  test("is kept as the time of a file, every hour and at the end; nothing is set", async () => {
    const saved = kept();
    await saved.start();
    await clock.advance(hours(1));
    expect(statSync(stamp()).mtimeMs).toBeCloseTo(clock.wall(), -1);
    await clock.advance(seconds(100));
    saved.stop();
    expect(statSync(stamp()).mtimeMs).toBeCloseTo(clock.wall(), -1);
    expect(processes.calls.filter(({ argv }) => argv[0] === "date")).toEqual([]);
  });
  test("of another century is not kept", () => {
    clock = new ManualClock({ wall: 9_000_000_000_000 });
    kept().stop();
    expect(existsSync(stamp())).toBe(false);
  });
});

test("PASSERELLE_CLOCK: only a board says that the clock is ours", () => {
  expect(clockKeeping(undefined)).toEqual({ kind: "observe" });
  expect(clockKeeping("anything")).toEqual({ kind: "observe" });
  expect(clockKeeping("own")).toEqual({ kind: "own" });
  expect(clockKeeping("unit:/run/x/chrony.conf")).toMatchObject({
    kind: "unit",
    configuration: "/run/x/chrony.conf",
  });
});
