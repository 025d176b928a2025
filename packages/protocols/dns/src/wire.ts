import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { HEADER_BYTES, RecordType } from "./codes.ts";
import { LABEL_BYTES_MAX, NAME_BYTES_MAX, skipName } from "./name.ts";

// Reads of a message in place, for paths that every query takes: nothing is copied.

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = (value >>> 16) & 0xff;
  bytes[at + 2] = (value >>> 8) & 0xff;
  bytes[at + 3] = value & 0xff;
}

/** Offset after an uncompressed name, or -1 where it is compressed, too long or cut. */
export function plainNameEnd(bytes: Uint8Array, at: number, end: number): number {
  let here = at;
  while (here < end) {
    const length = bytes[here] ?? 0;
    if (length > LABEL_BYTES_MAX) return -1;
    here += 1 + length;
    if (here - at > NAME_BYTES_MAX || here > end) return -1;
    if (length === 0) return here;
  }
  return -1;
}

/** A TTL; one with the highest bit set counts as zero (RFC 2181 section 8). */
export function readTtl(bytes: Uint8Array, at: number): number {
  const ttl = readUint32(bytes, at);
  return ttl >= 0x8000_0000 ? 0 : ttl;
}

export type SectionName = "answer" | "authority" | "additional";

/** Where one record of a message stands. */
export interface RecordPlace {
  readonly section: SectionName;
  readonly nameAt: number;
  readonly type: number;
  readonly class: number;
  readonly ttlAt: number;
  readonly rdataAt: number;
  readonly rdataLength: number;
}

/** The skeleton of a message whose every name, length and count was checked. RDATA is not looked into. */
export interface MessageScan {
  readonly id: number;
  readonly flags: number;
  readonly questionCount: number;
  /** Offset after the question section. */
  readonly questionEnd: number;
  readonly records: readonly RecordPlace[];
  /** The OPT record, which is in `records` too. */
  readonly opt: RecordPlace | undefined;
}

/** Nothing honest has more; bounds the work that 65 535 counted records could ask for. */
export const RECORDS_MAX = 4096;

/** Walks a message, checking every name and length; octets after the last record are an error. */
export function scanMessage(
  bytes: Uint8Array,
  end = bytes.length,
): Result<MessageScan, DecodeError> {
  if (!(end >= HEADER_BYTES)) return err({ code: "header_truncated", at: end });
  const questionCount = readUint16(bytes, 4);
  const counts = [readUint16(bytes, 6), readUint16(bytes, 8), readUint16(bytes, 10)] as const;
  if (questionCount + counts[0] + counts[1] + counts[2] > RECORDS_MAX) {
    return err({ code: "records_too_many", at: 4 });
  }
  let at = HEADER_BYTES;
  for (let i = 0; i < questionCount; i += 1) {
    const next = skipName(bytes, at, end);
    if (next < 0) return err({ code: "question_name", at: -next - 1 });
    at = next + 4;
    if (!(at <= end)) return err({ code: "question_truncated", at: next });
  }
  const questionEnd = at;
  const records: RecordPlace[] = [];
  let opt: RecordPlace | undefined;
  for (const [s, section] of SECTIONS.entries()) {
    for (let i = 0; i < (counts[s] ?? 0); i += 1) {
      const place = scanRecord(bytes, at, end, section);
      if (!place.ok) return place;
      const record = place.value;
      if (record.type === RecordType.OPT) {
        // RFC 6891 section 6.1.1: one OPT, in the additional section, owned by the root.
        if (opt !== undefined || section !== "additional" || bytes[record.nameAt] !== 0) {
          return err({ code: "opt_misplaced", at: record.nameAt });
        }
        opt = record;
      }
      records.push(record);
      at = record.rdataAt + record.rdataLength;
    }
  }
  if (at !== end) return err({ code: "octets_left", at });
  return ok({
    id: readUint16(bytes, 0),
    flags: readUint16(bytes, 2),
    questionCount,
    questionEnd,
    records,
    opt,
  });
}

const SECTIONS = ["answer", "authority", "additional"] as const;

function scanRecord(
  bytes: Uint8Array,
  nameAt: number,
  end: number,
  section: SectionName,
): Result<RecordPlace, DecodeError> {
  const fixed = skipName(bytes, nameAt, end);
  if (fixed < 0) return err({ code: "record_name", at: -fixed - 1 });
  if (!(fixed + 10 <= end)) return err({ code: "record_truncated", at: fixed });
  const rdataLength = readUint16(bytes, fixed + 8);
  if (!(fixed + 10 + rdataLength <= end)) return err({ code: "rdata_truncated", at: fixed + 8 });
  return ok({
    section,
    nameAt,
    type: readUint16(bytes, fixed),
    class: readUint16(bytes, fixed + 2),
    ttlAt: fixed + 4,
    rdataAt: fixed + 10,
    rdataLength,
  });
}
