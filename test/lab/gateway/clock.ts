import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathsOf, readState } from "../state.ts";

/**
 * A calendar of the gateway's own. Linux has one calendar clock for all namespaces, so the daemons of a lab that
 * was brought up with `--movable-clock` run under libfaketime, which moves the calendar and leaves the monotonic clock.
 */
export function clockEnvironment(lab: string): Readonly<Record<string, string>> {
  if (readState(lab)?.movableClock !== true) return {};
  setClock(lab, 0);
  return {
    LD_PRELOAD: library(),
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_TIMESTAMP_FILE: offsetFile(lab),
    FAKETIME_CACHE_DURATION: "1",
  };
}

/** Moves the gateway's calendar to so many seconds from the machine's; seen within a second. */
export function setClock(lab: string, offsetSeconds: number): void {
  if (readState(lab)?.gateway === "qemu")
    throw new Error("clock-jump is not for qemu: its clock is its own");
  if (readState(lab)?.movableClock !== true) {
    throw new Error("clock-jump needs a lab that was brought up with --movable-clock");
  }
  const path = offsetFile(lab);
  writeFileSync(`${path}.new`, `${offsetSeconds < 0 ? "" : "+"}${offsetSeconds}\n`);
  renameSync(`${path}.new`, path);
}

function offsetFile(lab: string): string {
  return join(pathsOf(lab).config, "clock-offset");
}

function library(): string {
  for (const folder of readdirSync("/usr/lib")) {
    const path = `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`;
    if (existsSync(path)) return path;
  }
  throw new Error("--movable-clock needs the Debian package faketime: make setup");
}
