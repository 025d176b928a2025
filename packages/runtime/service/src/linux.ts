import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { instant, wallTime } from "@passerelle/time";
import type { Clock, Entropy } from "./port.ts";

/** The clock of this machine. On Linux `hrtime` is CLOCK_MONOTONIC: milliseconds since boot. */
export function systemClock(): Clock {
  return {
    now: () => instant(Number(process.hrtime.bigint() / 1_000_000n)),
    wall: () => wallTime(Date.now()),
    bootId: readBootId(),
    later(wait, callback) {
      const timer = setTimeout(callback, Math.max(0, wait));
      return { cancel: () => clearTimeout(timer) };
    },
  };
}

export function systemEntropy(): Entropy {
  const uint32 = () => randomBytes(4).readUInt32BE(0);
  return {
    bytes: (length) => new Uint8Array(randomBytes(length)),
    uint32,
    seed: () => [uint32(), uint32(), uint32(), uint32()],
  };
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "ascii").trim();
  } catch {
    // Without it every start looks like a boot: stored instants are not trusted, which is the safe side.
    return `unknown-${randomBytes(8).toString("hex")}`;
  }
}
