import {
  Flag,
  type MessageScan,
  Rcode,
  RecordType,
  readTtl,
  readUint16,
  readUint32,
} from "@passerelle/dns";

/** How long an answer from outside may be kept. */
export interface Keeping {
  /** 0: give it to who asked and forget it. */
  readonly ttlSeconds: number;
  /** May still be given after its time where nobody outside answers (RFC 8767). */
  readonly staleAllowed: boolean;
}

export function keepingOf(bytes: Uint8Array, scan: MessageScan): Keeping {
  const rcode = scan.flags & 0x0f;
  if ((scan.flags & Flag.TC) !== 0) return FORGET;
  // RFC 2308 section 7.1 allows five minutes, RFC 9520 asks for a second at least.
  if (rcode === Rcode.SERVFAIL) return { ttlSeconds: FAILURE_TTL_SECONDS, staleAllowed: false };
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) return FORGET;
  let ttl = TTL_SECONDS_MAX;
  let soaTtl: number | undefined;
  let answered = false;
  const type = readUint16(bytes, scan.questionEnd - 4);
  for (const record of scan.records) {
    if (record === scan.opt) continue;
    const own = readTtl(bytes, record.ttlAt);
    ttl = Math.min(ttl, own);
    if (record.section === "answer" && (record.type === type || type === RecordType.ANY))
      answered = true;
    if (
      record.section === "authority" &&
      record.type === RecordType.SOA &&
      record.rdataLength >= 22
    ) {
      // RFC 2308 section 3: the lesser of the SOA's TTL and its MINIMUM, the last of its five numbers.
      soaTtl = Math.min(own, readUint32(bytes, record.rdataAt + record.rdataLength - 4));
    }
  }
  if (answered && rcode === Rcode.NOERROR) return { ttlSeconds: ttl, staleAllowed: true };
  // RFC 2308 section 5: without an SOA a negative answer SHOULD NOT be cached.
  if (soaTtl === undefined) return FORGET;
  return { ttlSeconds: Math.min(ttl, soaTtl, NEGATIVE_TTL_SECONDS_MAX), staleAllowed: true };
}

const FORGET: Keeping = { ttlSeconds: 0, staleAllowed: false };

/** One day: RFC 8767 section 4 advises a cap of days; a home's names change more often. */
export const TTL_SECONDS_MAX = 86_400;
/** RFC 2308 section 5: one to three hours work well. */
export const NEGATIVE_TTL_SECONDS_MAX = 3600;
export const FAILURE_TTL_SECONDS = 5;
/** RFC 8767 section 5: the TTL on stale answers. */
export const STALE_TTL_SECONDS = 30;
