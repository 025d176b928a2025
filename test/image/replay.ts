import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import {
  countOf,
  flushPoints,
  type ReadAt,
  readWriteLog,
  unflushedAfter,
  type WriteEntry,
} from "./write-log.ts";

/** Where the power went, by the log of a disk's writes. */
export interface Cut {
  /** Index of the last entry that is on the medium for certain. */
  readonly point: number;
  /** Of the writes after it, those that reached the medium as well: drawn from this number. */
  readonly seed: number;
}

/**
 * Makes of `image`, a copy of the disk as it was when the log began, the disk as it is after the power went: every write up to
 * the cut, and of those behind it some, whole or in part, in another order. Answers how many of the latter.
 */
export function replayOnto(image: string, log: string, cut: Cut): number {
  const from = openSync(log, "r");
  const to = openSync(image, "r+");
  try {
    const read = reader(from);
    const writes = readWriteLog(read, fstatSync(from).size, fstatSync(to).size);
    for (const entry of writes.entries.slice(0, cut.point + 1)) apply(read, to, entry);
    const luck = draw(cut.seed);
    const late = unflushedAfter(writes, cut.point).filter(() => luck() < 0.5);
    for (const entry of shuffled(late, luck)) {
      apply(read, to, luck() < 0.3 ? torn(entry, writes.sectorSize, luck) : entry);
    }
    return late.length;
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

/**
 * So many points spread over all that the log has from an entry on, each with its own draw: one in each share of its
 * flushes, and, every second time, one in each share of its writes, so that a long write without a flush has its cuts.
 */
export function chooseCuts(
  log: string,
  diskSize: number,
  wanted: number,
  seed: number,
  from = 0,
): Cut[] {
  const file = openSync(log, "r");
  try {
    const writes = readWriteLog(reader(file), fstatSync(file).size, diskSize);
    const points = flushPoints(writes).filter((point) => point >= from);
    const luck = draw(seed);
    const count = Math.min(wanted, points.length);
    return Array.from({ length: count }, (_, n) => {
      const share = (n + luck()) / count;
      const flushed = points[Math.floor(points.length * share)] ?? from;
      const entry = from + Math.floor((writes.entries.length - from) * share);
      const written = points.findLast((point) => point <= entry) ?? flushed;
      return { point: n % 2 === 0 ? flushed : written, seed: seed + n };
    });
  } finally {
    closeSync(file);
  }
}

/** Entries that the log counts now: what the machine was told is on the medium is among them. */
export function entriesSoFar(log: string): number {
  const file = openSync(log, "r");
  try {
    return countOf(reader(file), fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

export function reader(file: number): ReadAt {
  return (offset, length) => {
    const octets = new Uint8Array(length);
    return octets.subarray(0, readSync(file, octets, 0, length, offset));
  };
}

const COPY_OCTETS = 1 << 20;

function apply(read: ReadAt, to: number, entry: WriteEntry): void {
  for (let done = 0; done < entry.length; done += COPY_OCTETS) {
    const length = Math.min(COPY_OCTETS, entry.length - done);
    // What was discarded reads as zeros, or as anything: zeros are the harder case.
    const octets =
      entry.data === undefined ? new Uint8Array(length) : read(entry.data + done, length);
    writeSync(to, octets, 0, octets.length, entry.offset + done);
  }
}

/** The first sectors of a write that was under way. */
function torn(entry: WriteEntry, sectorSize: number, luck: () => number): WriteEntry {
  const sectors = entry.length / sectorSize;
  return { ...entry, length: Math.ceil(sectors * luck()) * sectorSize };
}

function shuffled<T>(values: readonly T[], luck: () => number): readonly T[] {
  return values
    .map((value) => [luck(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function draw(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
