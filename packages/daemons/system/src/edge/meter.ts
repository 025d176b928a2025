import type { Clock } from "@passerelle/service";
import { elapsed, type Instant } from "@passerelle/time";
import {
  type CpuTimes,
  cpuShare,
  type InterfaceCounters,
  type Memory,
  readCpuTimes,
  readInterface,
  readMemory,
} from "../core/proc.ts";
import { readText } from "./files.ts";

/** What is read every second. */
export interface Reading {
  readonly cpu: number | undefined;
  readonly memory: Memory | undefined;
  /** bit/s through the WAN interface. */
  readonly down: number | undefined;
  readonly up: number | undefined;
}

/**
 * Reads /proc every second: three small files, 0.04 ms together. docs/adr/0008-metrics.md says why not through a
 * library.
 */
export class Meter {
  readonly #clock: Clock;
  readonly #root: string;
  #cpu: CpuTimes | undefined;
  #wan:
    | { readonly name: string; readonly at: Instant; readonly counters: InterfaceCounters }
    | undefined;

  constructor(clock: Clock, root = "/proc") {
    this.#clock = clock;
    this.#root = root;
  }

  read(wanInterface: string | undefined): Reading {
    const rates = this.#rates(wanInterface);
    const memory = readText(`${this.#root}/meminfo`);
    return {
      cpu: this.#share(),
      memory: memory === undefined ? undefined : readMemory(memory),
      down: rates?.down,
      up: rates?.up,
    };
  }

  #share(): number | undefined {
    const text = readText(`${this.#root}/stat`);
    const now = text === undefined ? undefined : readCpuTimes(text);
    const before = this.#cpu;
    this.#cpu = now;
    return before === undefined || now === undefined ? undefined : cpuShare(before, now);
  }

  #rates(name: string | undefined): { down: number; up: number } | undefined {
    const text = name === undefined ? undefined : readText(`${this.#root}/net/dev`);
    const counters =
      text === undefined || name === undefined ? undefined : readInterface(text, name);
    const before = this.#wan;
    const at = this.#clock.now();
    this.#wan = counters === undefined || name === undefined ? undefined : { name, at, counters };
    if (before === undefined || counters === undefined || before.name !== name) return undefined;
    const ms = elapsed(before.at, at);
    const received = counters.receivedBytes - before.counters.receivedBytes;
    const sent = counters.sentBytes - before.counters.sentBytes;
    // A new interface of the same name counts from zero again.
    if (ms <= 0 || received < 0 || sent < 0) return undefined;
    return { down: (received * 8000) / ms, up: (sent * 8000) / ms };
  }
}
