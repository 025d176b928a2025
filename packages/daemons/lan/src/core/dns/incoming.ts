import {
  decodeEdns,
  EDNS_DO,
  Flag,
  foldName,
  formatName,
  HEADER_BYTES,
  type NameText,
  OPCODE_SHIFT,
  Opcode,
  plainNameEnd,
  Rcode,
  readUint16,
  scanMessage,
} from "@passerelle/dns";

/** A question of a client, read and checked. */
export interface ClientQuery {
  /** Folded. */
  readonly name: NameText;
  readonly type: number;
  readonly class: number;
  /** Offset after the question in the message. */
  readonly questionEnd: number;
  readonly recursionDesired: boolean;
  /** The client wants the AD bit: it set AD or DO (RFC 6840 section 5.7). */
  readonly wantsAuthenticData: boolean;
  readonly checkingDisabled: boolean;
  readonly edns: { readonly udpBytes: number; readonly dnssecOk: boolean } | undefined;
}

export type Incoming =
  /** Not a query, or not even a header: answering could only start a loop. */
  | { readonly kind: "drop" }
  /** `questionEnd` undefined: the question cannot be repeated. */
  | {
      readonly kind: "error";
      readonly rcode: number;
      readonly questionEnd: number | undefined;
      readonly edns: boolean;
    }
  | { readonly kind: "query"; readonly query: ClientQuery };

/** Reads what a client sent. What is wrong with it is answered as RFC 1035, 6891 and 9619 ask. */
export function readIncoming(bytes: Uint8Array): Incoming {
  if (bytes.length < HEADER_BYTES) return { kind: "drop" };
  const flags = readUint16(bytes, 2);
  if ((flags & Flag.QR) !== 0) return { kind: "drop" };
  const error = (rcode: number, questionEnd?: number, edns = false): Incoming => ({
    kind: "error",
    rcode,
    questionEnd,
    edns,
  });
  // RFC 6891 section 7: who sent an OPT gets one back, also with an error.
  if (((flags >>> OPCODE_SHIFT) & 0x0f) !== Opcode.QUERY) {
    return error(Rcode.NOTIMP, undefined, carriesOpt(bytes));
  }
  // RFC 9619: a QUERY has exactly one question.
  if (readUint16(bytes, 4) !== 1) return error(Rcode.FORMERR, undefined, carriesOpt(bytes));
  const nameEnd = plainNameEnd(bytes, HEADER_BYTES, bytes.length);
  const questionEnd = nameEnd + 4;
  if (nameEnd < 0 || questionEnd > bytes.length) return error(Rcode.FORMERR);
  const scan = scanMessage(bytes);
  if (!scan.ok || (flags & Flag.TC) !== 0) return error(Rcode.FORMERR, questionEnd);
  const opt = scan.value.opt;
  let edns: ClientQuery["edns"];
  if (opt !== undefined) {
    const decoded = decodeEdns(bytes, opt);
    if (!decoded.ok) return error(Rcode.FORMERR, questionEnd, true);
    // RFC 6891 section 6.1.3: versions above ours are answered BADVERS.
    if (decoded.value.version !== 0) return error(Rcode.BADVERS, questionEnd, true);
    edns = {
      udpBytes: decoded.value.udpBytes,
      dnssecOk: (readUint16(bytes, opt.ttlAt + 2) & EDNS_DO) !== 0,
    };
  }
  return {
    kind: "query",
    query: {
      name: foldName(formatName(bytes, HEADER_BYTES)),
      type: readUint16(bytes, nameEnd),
      class: readUint16(bytes, nameEnd + 2),
      questionEnd,
      recursionDesired: (flags & Flag.RD) !== 0,
      wantsAuthenticData: (flags & Flag.AD) !== 0 || edns?.dnssecOk === true,
      checkingDisabled: (flags & Flag.CD) !== 0,
      edns,
    },
  };
}

function carriesOpt(bytes: Uint8Array): boolean {
  const scan = scanMessage(bytes);
  return scan.ok && scan.value.opt !== undefined;
}
