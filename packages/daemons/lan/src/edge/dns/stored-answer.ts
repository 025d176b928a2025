import {
  decodeMessage,
  decodeRdata,
  encodeMessage,
  Flag,
  foldInPlace,
  HEADER_BYTES,
  type MessageScan,
  OPT_BYTES,
  Rcode,
  RecordClass,
  RecordType,
  readTtl,
  readUint16,
  readUint32,
  SAFE_UDP_BYTES,
  scanMessage,
  writePlainOpt,
  writeUint16,
  writeUint32,
} from "@passerelle/dns";
import type { Instant } from "@passerelle/time";
import { type Keeping, STALE_TTL_SECONDS, TTL_SECONDS_MAX } from "../../core/dns/cache-policy.ts";
import { pointsInside, type RebindingPolicy, withoutRebinding } from "../../core/dns/rebinding.ts";

/** The DNSSEC bits of a question that answers differ by; the low bits of `variant`. */
export const VARIANT_DO = 1;
export const VARIANT_CD = 2;

/**
 * An answer as octets, ready to be sent to whoever asks the same: ID zero, question folded, no OPT.
 * Its TTLs are counted down in place, at most once a second.
 */
export class StoredAnswer {
  readonly bytes: Uint8Array;
  readonly questionEnd: number;
  readonly variant: number;
  readonly origin: "outside" | "house";
  readonly expiresAt: Instant;
  /** Until when it may be given although it is too old. */
  readonly staleUntil: Instant;
  /** After a failed refresh nobody is asked before this (RFC 8767 section 5, failure recheck timer). */
  retryAt = 0;
  /** Set by the cache. */
  hash = 0;
  readonly #ttlOffsets: readonly number[];
  readonly #storedAt: Instant;
  /** Seconds already taken off the TTLs in `bytes`. */
  #age = 0;

  constructor(fields: {
    readonly bytes: Uint8Array;
    readonly scan: MessageScan;
    readonly variant: number;
    readonly origin: "outside" | "house";
    readonly now: Instant;
    readonly ttlSeconds: number;
    readonly staleSeconds: number;
  }) {
    this.bytes = fields.bytes;
    this.questionEnd = fields.scan.questionEnd;
    this.variant = fields.variant;
    this.origin = fields.origin;
    this.#ttlOffsets = fields.scan.records.map((record) => record.ttlAt);
    this.#storedAt = fields.now;
    this.expiresAt = (fields.now + fields.ttlSeconds * 1000) as Instant;
    this.staleUntil = (this.expiresAt + fields.staleSeconds * 1000) as Instant;
  }

  /**
   * Writes the answer to one query; gives its length. The question's octets are copied from the query,
   * case and all (draft-vixie-dnsext-dns0x20). What exceeds `limit` becomes a bare answer with TC.
   */
  write(
    out: Uint8Array,
    at: number,
    limit: number,
    query: Uint8Array,
    queryAt: number,
    wantsAuthenticData: boolean,
    edns: boolean,
    now: Instant,
  ): number {
    const { bytes, questionEnd } = this;
    this.#countDown(now);
    const whole = bytes.length + (edns ? OPT_BYTES : 0) <= limit;
    let length = whole ? bytes.length : questionEnd;
    // A loop: for a hundred octets it beats the call of TypedArray.set and its view.
    if (length <= LOOP_COPY_BYTES)
      for (let i = 0; i < length; i += 1) out[at + i] = bytes[i] as number;
    else out.set(whole ? bytes : bytes.subarray(0, questionEnd), at);
    out[at] = query[queryAt] as number;
    out[at + 1] = query[queryAt + 1] as number;
    for (let i = HEADER_BYTES; i < questionEnd; i += 1) out[at + i] = query[queryAt + i] as number;
    if (!wantsAuthenticData) out[at + 3] = (bytes[3] as number) & ~Flag.AD;
    if (!whole) {
      out[at + 2] = (bytes[2] as number) | (Flag.TC >>> 8);
      for (let i = 6; i < HEADER_BYTES; i += 1) out[at + i] = 0;
    }
    if (edns) {
      const additional = (whole ? readUint16(bytes, 10) : 0) + 1;
      writeUint16(out, at + 10, additional);
      writePlainOpt(out, at + length, SAFE_UDP_BYTES, 0, (this.variant & VARIANT_DO) !== 0);
      length += OPT_BYTES;
    }
    return length;
  }

  /** A failure of ours or of all upstreams, remembered for a moment. */
  get failed(): boolean {
    return ((this.bytes[3] ?? 0) & 0x0f) === Rcode.SERVFAIL;
  }

  #countDown(now: Instant): void {
    if (now >= this.expiresAt) {
      for (const at of this.#ttlOffsets) writeUint32(this.bytes, at, STALE_TTL_SECONDS);
      return;
    }
    const age = Math.floor((now - this.#storedAt) / 1000);
    const more = age - this.#age;
    if (more === 0) return;
    this.#age = age;
    for (const at of this.#ttlOffsets) {
      writeUint32(this.bytes, at, Math.max(0, readUint32(this.bytes, at) - more));
    }
  }
}

const LOOP_COPY_BYTES = 160;

export interface OutsideAnswer {
  readonly bytes: Uint8Array;
  readonly scan: MessageScan;
  readonly keeping: Keeping;
  readonly variant: number;
  readonly serveStaleSeconds: number;
  readonly rebinding: RebindingPolicy | undefined;
  readonly now: Instant;
}

/** Makes an answer of an upstream ours: no OPT, no addresses inside, our flags. Undefined where it cannot be read. */
export function storeOutside(
  from: OutsideAnswer,
): { answer: StoredAnswer; stripped: boolean } | undefined {
  const stripped =
    from.rebinding !== undefined && suspicious(from.bytes, from.scan, from.rebinding);
  const clean = stripped ? rewrite(from.bytes, from.rebinding) : withoutOpt(from.bytes, from.scan);
  if (clean === undefined) return undefined;
  const scan = scanMessage(clean);
  if (!scan.ok) return undefined;
  settle(clean, scan.value, from.keeping);
  const cd = (from.variant & VARIANT_CD) !== 0 ? Flag.CD : 0;
  const kept = readUint16(clean, 2) & (Flag.AD | 0x0f);
  writeUint16(clean, 0, 0);
  writeUint16(clean, 2, Flag.QR | Flag.RD | Flag.RA | cd | kept);
  const answer = new StoredAnswer({
    bytes: clean,
    scan: scan.value,
    variant: from.variant,
    origin: "outside",
    now: from.now,
    ttlSeconds: from.keeping.ttlSeconds,
    staleSeconds: from.keeping.staleAllowed ? from.serveStaleSeconds : 0,
  });
  return { answer, stripped };
}

function suspicious(bytes: Uint8Array, scan: MessageScan, policy: RebindingPolicy): boolean {
  for (const place of scan.records) {
    if (place.class !== RecordClass.IN || !CARRIES_ADDRESSES.has(place.type)) continue;
    const data = decodeRdata(bytes, place);
    // Broken RDATA is dropped with the whole answer by `rewrite`.
    if (!data.ok) return true;
    const record = {
      name: ".",
      type: place.type,
      class: place.class,
      ttlSeconds: 0,
      data: data.value,
    };
    if (pointsInside(record, policy.own)) return true;
  }
  return false;
}

const CARRIES_ADDRESSES: ReadonlySet<number> = new Set([
  RecordType.A,
  RecordType.AAAA,
  RecordType.HTTPS,
  RecordType.SVCB,
]);

/** The OPT is nearly always last and is cut off; elsewhere, pointers may lead behind it. */
function withoutOpt(bytes: Uint8Array, scan: MessageScan): Uint8Array | undefined {
  const { opt } = scan;
  if (opt === undefined) return bytes.slice();
  if (opt !== scan.records.at(-1)) return rewrite(bytes, undefined);
  const cut = bytes.slice(0, opt.nameAt);
  writeUint16(cut, 10, readUint16(cut, 10) - 1);
  return cut;
}

function rewrite(bytes: Uint8Array, policy: RebindingPolicy | undefined): Uint8Array | undefined {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return undefined;
  const { edns: _, ...message } = decoded.value;
  return encodeMessage(policy === undefined ? message : withoutRebinding(message, policy));
}

/** Folds the question and caps the TTLs. */
function settle(bytes: Uint8Array, scan: MessageScan, keeping: Keeping): void {
  foldInPlace(bytes, HEADER_BYTES, scan.questionEnd - 4);
  for (const record of scan.records) {
    // Clients keep a negative answer as long as its SOA says; that must not exceed what we keep.
    const negative = record.section === "authority" && record.type === RecordType.SOA;
    const most = negative ? Math.min(keeping.ttlSeconds, TTL_SECONDS_MAX) : TTL_SECONDS_MAX;
    writeUint32(bytes, record.ttlAt, Math.min(readTtl(bytes, record.ttlAt), most));
  }
}
