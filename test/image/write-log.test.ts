import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseCuts, replayOnto } from "./replay.ts";
import {
  flushPoints,
  readWriteLog,
  unflushedAfter,
  type WriteLog,
  WriteLogError,
} from "./write-log.ts";

const SECTOR = 512;
const DISK = 64 * SECTOR;
const FLUSH = 1n;
const FORCED = 2n;
const DISCARD = 4n;

interface Written {
  readonly sector?: number;
  readonly sectors?: number;
  readonly fill?: number;
  readonly flags?: bigint;
}

/** A log as the filter writes it, octet by octet. */
function logOf(entries: readonly Written[], count = entries.length): Uint8Array {
  const head = new DataView(new ArrayBuffer(SECTOR));
  head.setBigUint64(0, 0x6a736677736872n, true);
  head.setBigUint64(8, 1n, true);
  head.setBigUint64(16, BigInt(count), true);
  head.setUint32(24, SECTOR, true);
  const parts = entries.map(({ sector = 0, sectors = 0, fill = 0, flags = 0n }) => {
    const hasData = (flags & DISCARD) === 0n;
    const octets = new Uint8Array(SECTOR + (hasData ? sectors * SECTOR : 0)).fill(fill, SECTOR);
    const view = new DataView(octets.buffer);
    view.setBigUint64(0, BigInt(sector), true);
    view.setBigUint64(8, BigInt(sectors), true);
    view.setBigUint64(16, flags, true);
    return octets;
  });
  return Buffer.concat([new Uint8Array(head.buffer), ...parts]);
}

function parse(octets: Uint8Array): WriteLog {
  const read = (offset: number, length: number) => octets.subarray(offset, offset + length);
  return readWriteLog(read, octets.length, DISK);
}

const RUN: readonly Written[] = [
  { sector: 1, sectors: 2, fill: 0xa1 },
  { flags: FLUSH },
  { sector: 2, sectors: 1, fill: 0xb2 },
  { sector: 10, sectors: 4, flags: DISCARD },
  { sector: 20, sectors: 1, fill: 0xc3, flags: FORCED },
  { flags: FLUSH },
  { sector: 30, sectors: 1, fill: 0xd4 },
];

describe("a write log", () => {
  it("is read entry by entry: places, data, flags", () => {
    const { entries, sectorSize } = parse(logOf(RUN));
    expect(sectorSize).toBe(512);
    expect(entries).toHaveLength(RUN.length);
    expect(entries[0]).toEqual({
      ...{ offset: 512, length: 1024, data: 1024 },
      ...{ isFlush: false, isForced: false, isDiscard: false },
    });
    expect(entries[1]).toMatchObject({ length: 0, isFlush: true });
    expect(entries[3]).toMatchObject({ offset: 5120, length: 2048, isDiscard: true });
    expect(entries[3]).not.toHaveProperty("data");
    // The discard had no data: the next entry follows its head.
    expect(entries[4]).toMatchObject({ offset: 10_240, isForced: true });
  });

  it("leaves out what its head does not count yet", () => {
    expect(parse(logOf(RUN, 3)).entries).toHaveLength(3);
  });

  it("promises at each flush and forced write; what comes after may be lost until the next flush", () => {
    const log = parse(logOf(RUN));
    expect(flushPoints(log)).toEqual([1, 4, 5]);
    expect(unflushedAfter(log, 1).map(({ offset }) => offset)).toEqual([1024, 5120, 10_240]);
    expect(unflushedAfter(log, 5).map(({ offset }) => offset)).toEqual([15_360]);
  });

  const head = (change: (view: DataView) => void): Uint8Array => {
    const octets = Buffer.from(logOf(RUN));
    change(new DataView(octets.buffer, octets.byteOffset, octets.length));
    return octets;
  };
  it.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array()],
    ["another magic number", head((view) => view.setUint8(0, 0))],
    ["another version", head((view) => view.setUint8(8, 2))],
    ["a count that the file cannot hold", head((view) => view.setBigUint64(16, 2n ** 63n, true))],
    ["sectors of nothing", head((view) => view.setUint32(24, 0, true))],
    ["sectors that are no power of two", head((view) => view.setUint32(24, 513, true))],
    ["a place outside the disk", logOf([{ sector: 64, sectors: 1 }])],
    ["a place that wraps", head((view) => view.setBigUint64(SECTOR, 2n ** 64n - 1n, true))],
    ["flags nobody knows", logOf([{ flags: 64n }])],
    ["an end in the middle of its data", logOf([{ sectors: 4 }]).subarray(0, 3 * SECTOR)],
    ["fewer entries than its head counts", logOf(RUN).subarray(0, 3 * SECTOR)],
    [
      "an end in the middle of an entry",
      logOf([{ flags: FLUSH }, { flags: FLUSH }]).subarray(0, SECTOR + 16),
    ],
  ])("refuses %s", (_name, octets) => {
    expect(() => parse(octets)).toThrow(WriteLogError);
  });

  it("of any octets is a log or refused, never anything else", () => {
    const valid = logOf(RUN);
    const change = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(valid.length), (changes, length) => {
        const octets = Uint8Array.from(valid);
        for (const [at, value] of changes) octets[at] = value;
        try {
          for (const entry of parse(octets.subarray(0, length)).entries)
            expect(entry.offset + entry.length).toBeLessThanOrEqual(DISK);
        } catch (error) {
          expect(error).toBeInstanceOf(WriteLogError);
        }
      }),
    );
  });
});

describe("the replay", () => {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "write-log-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function replay(point: number, seed = 1): { readonly disk: Uint8Array; readonly late: number } {
    const image = join(directory, "disk");
    const log = join(directory, "log");
    writeFileSync(image, new Uint8Array(DISK).fill(0xee));
    writeFileSync(log, logOf(RUN));
    return { late: replayOnto(image, log, { point, seed }), disk: readFileSync(image) };
  }
  const sector = (disk: Uint8Array, n: number): number => disk[n * SECTOR] ?? -1;

  it("has every write up to the cut, and what was discarded is gone", () => {
    const { disk } = replay(5);
    expect([1, 2, 9, 10, 13, 14, 20].map((n) => sector(disk, n))).toEqual([
      0xa1, 0xb2, 0xee, 0, 0, 0xee, 0xc3,
    ]);
  });

  it("has the write at which it is cut, where that was forced", () => {
    expect(sector(replay(4).disk, 20)).toBe(0xc3);
  });

  it("may have any of the writes behind it, and none behind the next flush", () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 40; seed += 1) {
      const { disk } = replay(1, seed);
      seen.add(sector(disk, 2));
      expect(sector(disk, 1)).toBe(0xa1);
      expect(sector(disk, 30)).toBe(0xee);
    }
    expect(seen).toEqual(new Set([0xa1, 0xb2]));
  });

  it("is the same for the same seed", () => {
    expect(replay(1, 7)).toEqual(replay(1, 7));
  });

  it("is cut at points spread over the whole run", () => {
    const log = join(directory, "long");
    const many = Array.from({ length: 100 }, () => ({ flags: FLUSH }));
    writeFileSync(log, logOf(many));
    const points = chooseCuts(log, DISK, 10, 3).map(({ point }) => point);
    expect(points.map((point) => Math.floor(point / 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(chooseCuts(log, DISK, 500, 3)).toHaveLength(100);
  });

  it("a long write without a flush has its cuts, too: at the flush before it", () => {
    const log = join(directory, "one-long-write");
    const writes = (count: number, flags = 0n) =>
      Array.from({ length: count }, () => ({ sector: 0, sectors: 1, fill: 1, flags }));
    writeFileSync(log, logOf([...writes(10, FLUSH), ...writes(80), ...writes(10, FLUSH)]));
    const points = chooseCuts(log, DISK, 10, 3).map(({ point }) => point);
    expect(points.filter((point) => point === 9).length).toBeGreaterThanOrEqual(3);
  });
});
