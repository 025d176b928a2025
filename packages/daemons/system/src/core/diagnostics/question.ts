import {
  type DnsMessage,
  decodeMessage,
  encodeQuery,
  foldName,
  type NameText,
  Rcode,
  RecordType,
  SAFE_UDP_BYTES,
} from "@passerelle/dns";

/** One question to a resolver. */
export interface Question {
  readonly id: number;
  readonly name: NameText;
  /** IANA number of the record type. */
  readonly type: number;
}

export const LOOKUP_TYPES = {
  A: RecordType.A,
  AAAA: RecordType.AAAA,
  PTR: RecordType.PTR,
  MX: RecordType.MX,
  TXT: RecordType.TXT,
  NS: RecordType.NS,
  SOA: RecordType.SOA,
  CNAME: RecordType.CNAME,
  SRV: RecordType.SRV,
  HTTPS: RecordType.HTTPS,
} as const;

export function encodeQuestion(question: Question): Uint8Array {
  return encodeQuery({ ...question, udpBytes: SAFE_UDP_BYTES });
}

/** The answer to this question; undefined for anything else, which anybody could have sent. */
export function readAnswer(bytes: Uint8Array, asked: Question): DnsMessage | undefined {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return undefined;
  const { header, questions } = decoded.value;
  if (!header.response || header.id !== asked.id) return undefined;
  const [question] = questions;
  // A server that cannot read the question may leave it out (RFC 1035 section 4.1.1).
  if (question === undefined) {
    return header.rcode === Rcode.FORMERR || header.rcode === Rcode.NOTIMP
      ? decoded.value
      : undefined;
  }
  const same =
    questions.length === 1 &&
    question.type === asked.type &&
    foldName(question.name) === foldName(asked.name);
  return same ? decoded.value : undefined;
}
