import { ByteReader } from "@passerelle/bytes";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";

/** Option 82 (RFC 3046 section 2.0). A server sends the option back as it came, it never builds one. */
export interface RelayAgentInformation {
  /** Sub-option 1: the port by which the client is attached. */
  readonly circuitId?: Uint8Array;
  /** Sub-option 2: who the client is to the relay agent. */
  readonly remoteId?: Uint8Array;
  /** Every sub-option in order, with those two. */
  readonly suboptions: readonly { readonly code: number; readonly data: Uint8Array }[];
}

const CIRCUIT_ID = 1;
const REMOTE_ID = 2;

export function decodeRelayAgentInformation(
  bytes: Uint8Array,
): Result<RelayAgentInformation, DecodeError> {
  const reader = new ByteReader(bytes);
  const suboptions: { readonly code: number; readonly data: Uint8Array }[] = [];
  while (reader.left > 0) {
    const at = reader.at;
    const code = reader.uint8();
    const data = reader.take(reader.uint8());
    if (reader.overrun !== undefined) return err({ code: "suboption_overruns", at });
    suboptions.push({ code, data });
  }
  const circuitId = suboptions.find((one) => one.code === CIRCUIT_ID)?.data;
  const remoteId = suboptions.find((one) => one.code === REMOTE_ID)?.data;
  return ok({
    ...(circuitId === undefined ? {} : { circuitId }),
    ...(remoteId === undefined ? {} : { remoteId }),
    suboptions,
  });
}
