/**
 * The log of a disk's writes as QEMU's filter blklogwrites makes it: the format of Linux's dm-log-writes
 * (Documentation/admin-guide/device-mapper/log-writes.rst). One sector of head, then entries of one sector of head and
 * their data. All numbers are little-endian.
 */

export interface WriteLog {
  /** Octets of a sector: unit of everything below. */
  readonly sectorSize: number;
  readonly entries: readonly WriteEntry[];
}

export interface WriteEntry {
  /** Place on the disk, octets. */
  readonly offset: number;
  readonly length: number;
  /** Place of the data in the log, octets; absent where the entry has none (a discard, a flush). */
  readonly data?: number;
  /** All that was written before is on the medium. */
  readonly isFlush: boolean;
  /** This write is on the medium when it is reported as done. */
  readonly isForced: boolean;
  readonly isDiscard: boolean;
}

/** What the file says is not a write log, or not all of one. */
export class WriteLogError extends Error {}

/** Answers `length` octets from `offset` on, fewer at the end of the file. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/**
 * Entries of a log of `size` octets for a disk of `diskSize`. The head's count may lag behind what was written (it is
 * renewed at each flush): what it does not count is left out. Throws WriteLogError for anything that is no such log.
 */
export function readWriteLog(read: ReadAt, size: number, diskSize: number): WriteLog {
  const { sectorSize, count } = readHead(read, size);
  const entries: WriteEntry[] = [];
  let at = sectorSize;
  for (let n = 0; n < count; n += 1) {
    const entry = readEntry(read, at, sectorSize);
    const { offset, length, data } = entry;
    if (offset + length > diskSize) throw new WriteLogError(`entry ${n} lies outside the disk`);
    at = data === undefined ? at + sectorSize : data + length;
    if (at > size) throw new WriteLogError(`entry ${n} is cut off`);
    entries.push(entry);
  }
  return { sectorSize, entries };
}

/** How many entries the head counts: what was written up to the last flush is among them. */
export function countOf(read: ReadAt, size: number): number {
  return readHead(read, size).count;
}

/** Indices of the entries after which a cut of the power leaves a disk that was promised: each flush, each forced write. */
export function flushPoints({ entries }: WriteLog): readonly number[] {
  return entries.flatMap((entry, index) => (entry.isFlush || entry.isForced ? [index] : []));
}

/** The writes between a flush and the next: a cut may leave any of them, in any order. */
export function unflushedAfter({ entries }: WriteLog, point: number): readonly WriteEntry[] {
  const next = entries.findIndex((entry, index) => index > point && entry.isFlush);
  return entries.slice(point + 1, next < 0 ? entries.length : next);
}

const MAGIC = 0x6a73_6677_7368_72n;
const VERSION = 1n;
const HEAD_OCTETS = 28;
const ENTRY_OCTETS = 32;
const SECTOR = { least: 512, most: 65_536 };
const FLAG = { flush: 1n, forced: 2n, discard: 4n, mark: 8n, metadata: 16n } as const;
const ALL_FLAGS = Object.values(FLAG).reduce((all, flag) => all | flag, 0n);

function readHead(read: ReadAt, size: number): { readonly sectorSize: number; count: number } {
  const view = viewOf(read(0, HEAD_OCTETS), HEAD_OCTETS, "the head");
  if (view.getBigUint64(0, true) !== MAGIC) throw new WriteLogError("the magic number is another");
  if (view.getBigUint64(8, true) !== VERSION) throw new WriteLogError("the version is not 1");
  const sectorSize = view.getUint32(24, true);
  const isPower = (sectorSize & (sectorSize - 1)) === 0;
  if (!isPower || sectorSize < SECTOR.least || sectorSize > SECTOR.most) {
    throw new WriteLogError(`${sectorSize} octets are no sector`);
  }
  const count = view.getBigUint64(16, true);
  // Each entry has one sector at least: a count that the file cannot hold is no count.
  if (count > BigInt(Math.max(0, Math.floor(size / sectorSize) - 1))) {
    throw new WriteLogError(`the head counts ${count} entries, more than the file can hold`);
  }
  return { sectorSize, count: Number(count) };
}

function readEntry(read: ReadAt, at: number, sectorSize: number): WriteEntry {
  const view = viewOf(read(at, ENTRY_OCTETS), ENTRY_OCTETS, `the entry at ${at}`);
  const flags = view.getBigUint64(16, true);
  if ((flags & ~ALL_FLAGS) !== 0n) throw new WriteLogError(`the entry at ${at} has unknown flags`);
  const offset = octets(view.getBigUint64(0, true), sectorSize, at);
  const length = octets(view.getBigUint64(8, true), sectorSize, at);
  const isDiscard = (flags & FLAG.discard) !== 0n;
  const hasData = !isDiscard && length > 0;
  return {
    ...{ offset, length, isDiscard },
    ...(hasData ? { data: at + sectorSize } : {}),
    isFlush: (flags & FLAG.flush) !== 0n,
    isForced: (flags & FLAG.forced) !== 0n,
  };
}

function octets(sectors: bigint, sectorSize: number, at: number): number {
  const value = sectors * BigInt(sectorSize);
  if (value > BigInt(Number.MAX_SAFE_INTEGER) / 4n) {
    throw new WriteLogError(`the entry at ${at} speaks of more than any disk has`);
  }
  return Number(value);
}

function viewOf(octetsRead: Uint8Array, wanted: number, what: string): DataView {
  if (octetsRead.length < wanted) throw new WriteLogError(`${what} is cut off`);
  return new DataView(octetsRead.buffer, octetsRead.byteOffset, octetsRead.byteLength);
}
