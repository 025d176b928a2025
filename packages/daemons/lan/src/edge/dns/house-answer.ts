import {
  encodeMessage,
  Flag,
  foldInPlace,
  HEADER_BYTES,
  OPT_BYTES,
  type ResourceRecord,
  SAFE_UDP_BYTES,
  scanMessage,
  writePlainOpt,
  writeUint16,
} from "@passerelle/dns";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import type { ClientQuery } from "../../core/dns/incoming.ts";
import { StoredAnswer, VARIANT_CD } from "./stored-answer.ts";

/** What we ourselves answer to a question, in the form of the cache. */
export function storeHouse(from: {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly variant: number;
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly ttlSeconds: number;
  readonly now: Instant;
}): StoredAnswer {
  const bytes = encodeMessage({
    header: {
      id: 0,
      response: true,
      opcode: 0,
      authoritative: from.authoritative,
      truncated: false,
      recursionDesired: true,
      recursionAvailable: true,
      authenticData: false,
      checkingDisabled: (from.variant & VARIANT_CD) !== 0,
      rcode: from.rcode,
    },
    questions: [{ name: from.name, type: from.type, class: from.class }],
    answers: from.answers,
    authorities: from.authorities,
    additionals: [],
  });
  return stored(bytes, from.variant, from.ttlSeconds, from.now);
}

/** A failure as an answer to a question in octets. */
export function storeFailure(
  question: Uint8Array,
  variant: number,
  rcode: number,
  ttlSeconds: number,
  now: Instant,
): StoredAnswer {
  const bytes = new Uint8Array(HEADER_BYTES + question.length);
  writeUint16(
    bytes,
    2,
    Flag.QR | Flag.RD | Flag.RA | ((variant & VARIANT_CD) !== 0 ? Flag.CD : 0) | rcode,
  );
  bytes[5] = 1;
  bytes.set(question, HEADER_BYTES);
  foldInPlace(bytes, HEADER_BYTES, bytes.length - 4);
  return stored(bytes, variant, ttlSeconds, now);
}

/** A bare answer to what could not be taken as a question. RD and CD come back as they came. */
export function errorReply(
  query: Uint8Array,
  error: {
    readonly rcode: number;
    readonly questionEnd: number | undefined;
    readonly edns: boolean;
  },
): Uint8Array {
  const end = error.questionEnd ?? HEADER_BYTES;
  const reply = new Uint8Array(end + (error.edns ? OPT_BYTES : 0));
  reply.set(query.subarray(0, end));
  reply[2] = 0x80 | ((query[2] ?? 0) & 0x79);
  reply[3] = 0x80 | ((query[3] ?? 0) & 0x10) | (error.rcode & 0x0f);
  reply.fill(0, 4, HEADER_BYTES);
  if (error.questionEnd !== undefined) reply[5] = 1;
  if (error.edns) {
    reply[11] = 1;
    writePlainOpt(reply, end, SAFE_UDP_BYTES, error.rcode >>> 4, false);
  }
  return reply;
}

export function questionBytes(message: Uint8Array, query: ClientQuery): Uint8Array {
  const question = message.slice(HEADER_BYTES, query.questionEnd);
  foldInPlace(question, 0, question.length - 4);
  return question;
}

function stored(
  bytes: Uint8Array,
  variant: number,
  ttlSeconds: number,
  now: Instant,
): StoredAnswer {
  const scan = scanMessage(bytes);
  invariant(scan.ok, "what we encode can be read");
  return new StoredAnswer({
    bytes,
    scan: scan.value,
    variant,
    origin: "house",
    now,
    ttlSeconds,
    staleSeconds: 0,
  });
}
