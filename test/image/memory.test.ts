import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../packages/tools/image/src/paths.ts";
import { overlayText, serviceUnits, settingOf } from "./units-support.ts";

/**
 * Whether the memory of the smallest board is enough for what everything may take at most, and who goes when it is not.
 * All in MiB. rootfs/README.md says it for people.
 */
const BOARD = 512;
/** What the firmware of a Pi keeps. */
const FIRMWARE = Number(
  /^gpu_mem=(\d+)$/m.exec(readFileSync(join(ROOT, "board/raspberry-pi/config.txt"), "utf8"))?.[1],
);
/** Debian's kernel (37.8 MB), and what it keeps about each page (64 octets of 4096) and each processor. */
const KERNEL = 48;
/** The "installed memory" that a percentage of systemd is of. */
const MACHINE = BOARD - FIRMWARE - KERNEL;

/** What is not ours: modules, tables and buffers of the kernel; systemd, journald, udevd, dbus-daemon. */
const KERNEL_AT_WORK = 48;
const SYSTEM = 32;
const JOURNAL = mebibytes(
  /^RuntimeMaxUse=(.*)$/m.exec(overlayText("usr/lib/systemd/journald.conf.d/passerelle.conf"))?.[1],
);

const SLICE_UNIT = "passerelle.slice";
const SLICE = (MACHINE * Number(settingOf(SLICE_UNIT, "MemoryMax")?.replace("%", ""))) / 100;

/** Who ends first when ours together want more than the slice has. A new daemon is with the line until somebody decides. */
const FIRST = ["passerelle@web.service", "passerelle@system.service", "rauc.service"];
const THEN = ["passerelle@wan.service", "passerelle@firewall.service"];
const LAST = ["passerelle-broker.service", "passerelle@config.service", "passerelle@lan.service"];

const maximum = (unit: string): number => mebibytes(settingOf(unit, "MemoryMax"));

test("everything of ours, upgrades included, is in one slice, with a limit of its own in it", () => {
  expect(serviceUnits().length).toBeGreaterThan(12);
  for (const unit of serviceUnits()) {
    expect([unit, settingOf(unit, "Slice")]).toEqual([unit, SLICE_UNIT]);
    expect(maximum(unit), unit).toBeGreaterThan(0);
    expect(maximum(unit), unit).toBeLessThan(SLICE);
  }
});

test("what the units may take together leaves the kernel and the system of a board with 512 MB theirs", () => {
  expect(SLICE + JOURNAL + SYSTEM + KERNEL_AT_WORK).toBeLessThanOrEqual(MACHINE);
});

test("what everything takes at rest leaves room for an upgrade", () => {
  expect(AT_REST + ENGINE_RESIDENT + ENGINE_CACHE).toBeLessThanOrEqual(SLICE);
});

test("the three that end last fit, each at its own limit", () => {
  const sum = LAST.reduce((total, unit) => total + maximum(unit), 0);
  expect(sum).toBeLessThanOrEqual(SLICE);
});

test("what is too much for all is taken from what people look at, then from the line, then from the home", () => {
  const decided = [...FIRST, ...THEN, ...LAST].filter((unit) => unit.includes("@"));
  const daemons = serviceUnits().filter((unit) => unit.includes("@"));
  expect([...decided].sort()).toEqual([...daemons].sort());
  for (const [sooner, later] of [
    [FIRST, THEN],
    [THEN, LAST],
  ] as const)
    for (const one of sooner)
      for (const other of later) {
        const order = `${one} at rest before ${other} at its limit`;
        expect(atRest(one), order).toBeGreaterThan(atItsLimit(other));
      }
});

test("who is ended is ended as a whole", () => {
  for (const unit of [...FIRST, ...THEN, ...LAST])
    expect([unit, settingOf(unit, "OOMPolicy")]).toEqual([unit, "kill"]);
});

/**
 * The kernel ends whom it gives most points (mm/oom_kill.c, oom_badness): what is resident, shared code included, and
 * OOMScoreAdjust thousandths of what there is to share out.
 */
function points(unit: string, resident: number): number {
  return resident + (Number(settingOf(unit, "OOMScoreAdjust") ?? 0) * SLICE) / 1000;
}

function atRest(unit: string): number {
  return points(unit, unit === "rauc.service" ? ENGINE_RESIDENT : DAEMON_RESIDENT);
}

function atItsLimit(unit: string): number {
  return points(unit, maximum(unit) + SHARED);
}

/**
 * Measured: the bundle of the box on x86-64 with the flags of passerelle@.service, 25 s after the start. A daemon has 30 to 36
 * MiB for itself, and 80 to 92 resident, of which 50 are Node's program and there once. The engine has 10.
 */
const DAEMON_RESIDENT = 80;
const SHARED = 60;
const ENGINE_RESIDENT = 10;
/** Six daemons, the program once, their files, the broker, chrony. */
const AT_REST = 6 * 36 + SHARED + 6;
/** With less of the cache of files the engine would write a few pages at a time. */
const ENGINE_CACHE = 16;

function mebibytes(text: string | undefined): number {
  const found = /^(\d+)M$/.exec(text ?? "")?.[1];
  if (found === undefined) throw new Error(`"${text}" is no size in M`);
  return Number(found);
}
