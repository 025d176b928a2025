import { HEADER_BYTES, OPT_BYTES, PLAIN_UDP_BYTES } from "@passerelle/dns";
import type { Instant } from "@passerelle/time";
import { VARIANT_CD, VARIANT_DO } from "./stored-answer.ts";
import type { WireCache } from "./wire-cache.ts";

/**
 * Answers an ordinary query from the cache, in place and without allocation. Gives the length written, or 0
 * where the query is not ordinary or not in the cache: then the long way, which checks everything, takes it.
 *
 * Ordinary: QUERY, RD, one uncompressed question, no records but at most an OPT of version 0 at the end.
 * @param sizeMax octets the transport carries; a client on UDP may allow less
 */
export function answerFromCache(
  cache: WireCache,
  bytes: Uint8Array,
  at: number,
  length: number,
  out: Uint8Array,
  outAt: number,
  sizeMax: number,
  stream: boolean,
  now: Instant,
): number {
  if (length < HEADER_BYTES + 5) return 0;
  // QR, opcode, AA and TC clear, RD set.
  if (bytes[at + 2] !== 0x01) return 0;
  const flags = bytes[at + 3] as number;
  if (bytes[at + 4] !== 0 || bytes[at + 5] !== 1) return 0;
  if (((bytes[at + 6] as number) | (bytes[at + 7] as number) | (bytes[at + 8] as number)) !== 0)
    return 0;
  if (((bytes[at + 9] as number) | (bytes[at + 10] as number)) !== 0) return 0;
  const additional = bytes[at + 11] as number;
  if (additional > 1) return 0;
  const end = at + length;
  let here = at + HEADER_BYTES;
  for (;;) {
    const label = bytes[here] as number;
    if (label > 63) return 0;
    here += 1 + label;
    if (here + 4 > end) return 0;
    if (label === 0) break;
  }
  const nameEnd = here;
  if (nameEnd - at - HEADER_BYTES > 255) return 0;
  let limit = stream ? sizeMax : PLAIN_UDP_BYTES;
  let variant = (flags & 0x10) !== 0 ? VARIANT_CD : 0;
  let wantsAuthenticData = (flags & 0x20) !== 0;
  here += 4;
  if (additional === 1) {
    if (here + OPT_BYTES > end) return 0;
    // Root owner, type 41, version 0, and the options reach exactly to the end.
    if (bytes[here] !== 0 || bytes[here + 1] !== 0 || bytes[here + 2] !== 41) return 0;
    if (bytes[here + 6] !== 0) return 0;
    const options = ((bytes[here + 9] as number) << 8) | (bytes[here + 10] as number);
    if (here + OPT_BYTES + options !== end) return 0;
    if (!optionsWellFormed(bytes, here + OPT_BYTES, end)) return 0;
    const asked = ((bytes[here + 3] as number) << 8) | (bytes[here + 4] as number);
    if (!stream && asked > PLAIN_UDP_BYTES) limit = Math.min(asked, sizeMax);
    if ((bytes[here + 7] as number) >= 0x80) {
      variant |= VARIANT_DO;
      wantsAuthenticData = true;
    }
  } else if (here !== end) {
    return 0;
  }
  const hash = cache.hash(bytes, at + HEADER_BYTES, nameEnd, variant);
  const answer = cache.find(hash, bytes, at + HEADER_BYTES, nameEnd, variant);
  if (answer === undefined || now >= answer.expiresAt) return 0;
  return answer.write(out, outAt, limit, bytes, at, wantsAuthenticData, additional === 1, now);
}

function optionsWellFormed(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from;
  while (at < end) {
    if (at + 4 > end) return false;
    at += 4 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
  }
  return at === end;
}
