import { bytesEqual } from "@passerelle/bytes";
import {
  equalFolded,
  Flag,
  HEADER_BYTES,
  type MessageScan,
  OPCODE_SHIFT,
  Rcode,
  readUint16,
  scanMessage,
} from "@passerelle/dns";

/** What an upstream's message means for the question it should answer. ID and sender were checked before. */
export type ReplyVerdict =
  /** Not for us, or forged: as if it had never come; the true answer may follow (RFC 5452 section 9). */
  | { readonly kind: "ignore"; readonly why: string }
  | { readonly kind: "truncated" }
  /** All right but for the case of the name: an upstream that folds, or a forger who had to guess. */
  | { readonly kind: "case_differs" }
  | { readonly kind: "bad_rcode"; readonly rcode: number }
  | { readonly kind: "answer"; readonly scan: MessageScan };

/** @param question the question octets as sent, with their random case */
export function judgeReply(
  bytes: Uint8Array,
  question: Uint8Array,
  caseSensitive: boolean,
): ReplyVerdict {
  if (bytes.length < HEADER_BYTES) return { kind: "ignore", why: "short" };
  const flags = readUint16(bytes, 2);
  if ((flags & Flag.QR) === 0) return { kind: "ignore", why: "not_a_response" };
  if (((flags >>> OPCODE_SHIFT) & 0x0f) !== 0) return { kind: "ignore", why: "opcode" };
  const rcode = flags & 0x0f;
  const questions = readUint16(bytes, 4);
  if (questions === 0 && rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) {
    // Some servers refuse without repeating the question (FORMERR, NOTIMP).
    return { kind: "bad_rcode", rcode };
  }
  const end = HEADER_BYTES + question.length;
  if (questions !== 1 || bytes.length < end) return { kind: "ignore", why: "question_count" };
  const nameLength = question.length - 4;
  if (!equalFolded(bytes, HEADER_BYTES, question, 0, nameLength))
    return { kind: "ignore", why: "question" };
  if (!bytesEqual(bytes.subarray(end - 4, end), question.subarray(nameLength))) {
    return { kind: "ignore", why: "question" };
  }
  if (caseSensitive && !bytesEqual(bytes.subarray(HEADER_BYTES, end), question))
    return { kind: "case_differs" };
  if ((flags & Flag.TC) !== 0) return { kind: "truncated" };
  const scan = scanMessage(bytes);
  if (!scan.ok) return { kind: "ignore", why: scan.error.code };
  const extended = scan.value.opt === undefined ? 0 : (bytes[scan.value.opt.ttlAt] ?? 0);
  if (extended !== 0) return { kind: "bad_rcode", rcode: extended * 16 + rcode };
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) return { kind: "bad_rcode", rcode };
  return { kind: "answer", scan: scan.value };
}
