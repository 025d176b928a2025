import { type DnsMessage, encodeMessage, HEADER_BYTES } from "@passerelle/dns";

/** Messages for tests. */
export const header = {
  id: 0x1234,
  response: false,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
} as const;

export function queryBytes(
  name: string,
  type: number,
  options: {
    class?: number;
    rd?: boolean;
    edns?: number;
    dnssecOk?: boolean;
    id?: number;
    ad?: boolean;
  } = {},
): Uint8Array {
  const message: DnsMessage = {
    header: {
      ...header,
      id: options.id ?? 0x1234,
      recursionAvailable: false,
      recursionDesired: options.rd ?? true,
      authenticData: options.ad ?? false,
    },
    questions: [{ name, type, class: options.class ?? 1 }],
    answers: [],
    authorities: [],
    additionals: [],
  };
  if (options.edns === undefined) return encodeMessage(message);
  const edns = {
    udpBytes: options.edns,
    extendedRcode: 0,
    version: 0,
    dnssecOk: options.dnssecOk ?? false,
    flags: 0,
    options: [],
  };
  return encodeMessage({ ...message, edns });
}

export function questionOf(name: string, type: number): Uint8Array {
  return queryBytes(name, type).slice(HEADER_BYTES);
}
