import { readdirSync } from "node:fs";
import type { Clock } from "@passerelle/service";
import { elapsed, type Instant } from "@passerelle/time";
import { daemonOf, readPrivateBytes, readProcessStat, readPss } from "../core/proc.ts";
import { readText } from "./files.ts";

export interface ProcessUse {
  readonly name: string;
  readonly pssBytes: number;
  readonly cpu: number;
}

/** Every kernel of today counts processor time for user space in hundredths of a second (USER_HZ). */
const TICKS_PER_SECOND = 100;
/** More processes than this are not looked at: a box that is flooded with them has other troubles. */
const PROCESSES_MAX = 512;
const OTHER = "other";

interface Known {
  readonly startedAt: number;
  readonly name: string;
  ticks: number;
  pssBytes: number;
}

/**
 * Memory and processor time of our daemons, of the broker, and of all others together. Times are read each time;
 * memory only when asked for, because the kernel walks every page of the process for it (3 ms a daemon).
 */
export class ProcessTable {
  readonly #clock: Clock;
  readonly #root: string;
  readonly #known = new Map<string, Known>();
  #readAt: Instant | undefined;

  constructor(clock: Clock, root = "/proc") {
    this.#clock = clock;
    this.#root = root;
  }

  read(withMemory: boolean): readonly ProcessUse[] {
    const now = this.#clock.now();
    const ms = this.#readAt === undefined ? 0 : elapsed(this.#readAt, now);
    this.#readAt = now;
    const uses = new Map<string, { pssBytes: number; ticks: number }>();
    const pids = this.#pids();
    for (const pid of pids) {
      const read = this.#one(pid, withMemory);
      if (read === undefined) continue;
      const use = uses.get(read.name) ?? { pssBytes: 0, ticks: 0 };
      use.pssBytes += read.pssBytes;
      use.ticks += read.ticks;
      uses.set(read.name, use);
    }
    const alive = new Set(pids);
    for (const pid of this.#known.keys()) if (!alive.has(pid)) this.#known.delete(pid);
    return [...uses]
      .map(([name, { pssBytes, ticks }]) => {
        const cpu = ms > 0 ? (ticks * 1000) / TICKS_PER_SECOND / ms : 0;
        return { name, pssBytes, cpu: Math.round(cpu * 10_000) / 10_000 };
      })
      .sort(
        (a, b) => Number(a.name === OTHER) - Number(b.name === OTHER) || b.pssBytes - a.pssBytes,
      );
  }

  /** What this process used since it was last read. */
  #one(
    pid: string,
    withMemory: boolean,
  ): { name: string; pssBytes: number; ticks: number } | undefined {
    const text = readText(`${this.#root}/${pid}/stat`);
    const stat = text === undefined ? undefined : readProcessStat(text);
    if (stat === undefined) return undefined;
    let known = this.#known.get(pid);
    const isNew = known === undefined || known.startedAt !== stat.startedAt;
    if (known === undefined || isNew) {
      const name = daemonOf(readText(`${this.#root}/${pid}/cmdline`) ?? "") ?? OTHER;
      known = { startedAt: stat.startedAt, name, ticks: stat.ticks, pssBytes: 0 };
      this.#known.set(pid, known);
    }
    if (withMemory || isNew) {
      // Another user's pages are shown to root alone; what is this process's own is told to all.
      known.pssBytes =
        readPss(readText(`${this.#root}/${pid}/smaps_rollup`) ?? "") ??
        readPrivateBytes(readText(`${this.#root}/${pid}/statm`) ?? "") ??
        0;
    }
    const ticks = Math.max(0, stat.ticks - known.ticks);
    known.ticks = stat.ticks;
    return { name: known.name, pssBytes: known.pssBytes, ticks };
  }

  #pids(): readonly string[] {
    try {
      return readdirSync(this.#root)
        .filter((name) => /^\d+$/.test(name))
        .slice(0, PROCESSES_MAX);
    } catch {
      return [];
    }
  }
}
