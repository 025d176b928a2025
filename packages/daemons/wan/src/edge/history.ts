import { join } from "node:path";
import type { Clock } from "@passerelle/service";
import { seconds } from "@passerelle/time";
import { readJson, writeFileAtomic } from "./file.ts";

/** The last transitions, kept over restarts; written at most every two seconds, so that a flapping cable does not wear the disk. */
export interface History<Entry> {
  readonly entries: readonly Entry[];
  add(entry: Entry): void;
  /** Writes what still waits. */
  close(): void;
}

export interface HistoryOptions<Entry> {
  readonly directory: string;
  readonly clock: Clock;
  readonly check: (value: unknown) => readonly Entry[] | undefined;
  readonly failed: (error: unknown) => void;
}

export function openHistory<Entry>(options: HistoryOptions<Entry>): History<Entry> {
  const path = join(options.directory, "history.json");
  let entries = [...(options.check(readJson(path)) ?? [])].slice(-ENTRIES_MAX);
  let waiting: { cancel(): void } | undefined;
  const write = (): void => {
    waiting?.cancel();
    waiting = undefined;
    try {
      writeFileAtomic(path, JSON.stringify({ transitions: entries }));
    } catch (error) {
      options.failed(error);
    }
  };
  return {
    get entries() {
      return entries;
    },
    add(entry) {
      entries = [...entries, entry].slice(-ENTRIES_MAX);
      waiting ??= options.clock.later(WRITE_WAIT, write);
    },
    close() {
      if (waiting !== undefined) write();
    },
  };
}

const ENTRIES_MAX = 200;
const WRITE_WAIT = seconds(2);
