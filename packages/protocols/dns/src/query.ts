import { Opcode, Rcode, RecordClass } from "./codes.ts";
import { encodeMessage } from "./encode.ts";
import type { NameText } from "./name.ts";

/** One question to a resolver, of class IN, with recursion desired (RFC 1035 section 4.1). */
export interface Query {
  readonly id: number;
  readonly name: NameText;
  /** IANA number of the record type. */
  readonly type: number;
  /** Octets of an answer that we take by UDP (RFC 6891 section 6.2.3); absent: 512, without EDNS. */
  readonly udpBytes?: number;
}

export function encodeQuery({ id, name, type, udpBytes }: Query): Uint8Array {
  return encodeMessage({
    header: {
      id,
      response: false,
      opcode: Opcode.QUERY,
      authoritative: false,
      truncated: false,
      recursionDesired: true,
      recursionAvailable: false,
      authenticData: false,
      checkingDisabled: false,
      rcode: Rcode.NOERROR,
    },
    questions: [{ name, type, class: RecordClass.IN }],
    answers: [],
    authorities: [],
    additionals: [],
    ...(udpBytes === undefined
      ? {}
      : {
          edns: { udpBytes, extendedRcode: 0, version: 0, dnssecOk: false, flags: 0, options: [] },
        }),
  });
}
