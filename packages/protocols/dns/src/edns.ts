import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { EDNS_DO, OPT_BYTES } from "./codes.ts";
import { type RecordPlace, readUint16, writeUint16 } from "./wire.ts";

/** What an OPT record says (RFC 6891 section 6.1). */
export interface Edns {
  /** Largest UDP payload its sender can take, in octets; values below 512 mean 512. */
  readonly udpBytes: number;
  /** Upper eight bits of the 12-bit RCODE. */
  readonly extendedRcode: number;
  readonly version: number;
  readonly dnssecOk: boolean;
  /** The other flag bits, kept. */
  readonly flags: number;
  readonly options: readonly EdnsOption[];
}

export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

export function decodeEdns(bytes: Uint8Array, place: RecordPlace): Result<Edns, DecodeError> {
  const options: EdnsOption[] = [];
  const end = place.rdataAt + place.rdataLength;
  let at = place.rdataAt;
  while (at < end) {
    if (!(at + 4 <= end)) return err({ code: "edns_option_truncated", at });
    const length = readUint16(bytes, at + 2);
    if (!(at + 4 + length <= end)) return err({ code: "edns_option_truncated", at });
    options.push({ code: readUint16(bytes, at), data: bytes.slice(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  const flags = readUint16(bytes, place.ttlAt + 2);
  return ok({
    udpBytes: place.class,
    extendedRcode: bytes[place.ttlAt] ?? 0,
    version: bytes[place.ttlAt + 1] ?? 0,
    dnssecOk: (flags & EDNS_DO) !== 0,
    flags: flags & ~EDNS_DO,
    options,
  });
}

/** Writes an OPT record without options; gives the offset after it. The caller has `OPT_BYTES` of room. */
export function writePlainOpt(
  out: Uint8Array,
  at: number,
  udpBytes: number,
  extendedRcode: number,
  dnssecOk: boolean,
): number {
  out[at] = 0;
  out[at + 1] = 0;
  out[at + 2] = 41;
  writeUint16(out, at + 3, udpBytes);
  out[at + 5] = extendedRcode;
  out[at + 6] = 0;
  out[at + 7] = dnssecOk ? 0x80 : 0;
  out[at + 8] = 0;
  out[at + 9] = 0;
  out[at + 10] = 0;
  return at + OPT_BYTES;
}
