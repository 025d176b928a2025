import { closeSync, fsyncSync, futimesSync, openSync, statSync } from "node:fs";
import type { Processes } from "@passerelle/process";
import { type Clock, type Logger, replaceFile } from "@passerelle/service";
import { hours } from "@passerelle/time";
import { isCalendar, restoredClock } from "../core/clock.ts";
import { readText } from "./files.ts";

export interface SavedClockOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly processes: Processes;
  /** A file whose time is the calendar: the init sets the clock by it before anything runs, and here it is only kept. */
  readonly stamp?: string | undefined;
}

/** where the board has no battery, the calendar goes on from where it stopped, and never before this release. */
export class SavedClock {
  readonly #options: SavedClockOptions;
  readonly #path: string;
  #timer: { cancel(): void } | undefined;

  constructor(options: SavedClockOptions) {
    this.#options = options;
    this.#path = `${options.directory}/clock`;
  }

  /** Sets the calendar where it is before what we know, then keeps it every hour. */
  async start(): Promise<void> {
    if (this.#options.stamp === undefined) await this.#restore();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#save();
  }

  async #restore(): Promise<void> {
    const { clock, log, processes } = this.#options;
    const restored = restoredClock(clock.wall(), [this.#saved(), releasedAt()]);
    if (restored !== undefined) {
      const seconds = Math.floor(restored / 1000);
      const done = await processes.run({ argv: ["date", "-u", "-s", `@${seconds}`] });
      const isSet = done.ok && done.value.code === 0;
      log[isSet ? "info" : "error"]("clock_restored", { to: restored, isSet });
    }
  }

  #arm(): void {
    this.#timer = this.#options.clock.later(hours(1), () => {
      this.#save();
      this.#arm();
    });
  }

  #save(): void {
    const { clock, stamp } = this.#options;
    const now = clock.wall();
    try {
      if (stamp === undefined) replaceFile(this.#path, `${now}\n`);
      else if (isCalendar(now)) touch(stamp, now);
    } catch (error) {
      this.#options.log.warn("clock_not_saved", { error: String(error) });
    }
  }

  #saved(): number | undefined {
    const time = Number(readText(this.#path) ?? Number.NaN);
    return Number.isFinite(time) ? time : undefined;
  }
}

/** Durable; the file is empty. */
function touch(path: string, time: number): void {
  const file = openSync(path, "w", 0o644);
  try {
    futimesSync(file, time / 1000, time / 1000);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** This file is as old as the release; an image whose files have no times says nothing. */
function releasedAt(): number | undefined {
  try {
    return Math.floor(statSync(import.meta.filename).mtimeMs);
  } catch {
    return undefined;
  }
}
