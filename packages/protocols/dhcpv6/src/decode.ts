import { ByteReader } from "@passerelle/bytes";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { type Dhcpv6Message, MESSAGE_TYPE, type MessageType } from "./message.ts";
import { decodeOptions } from "./option-list.ts";

/** Longest message read. Real ones end below 1 500 octets; the limit bounds the work a stranger can ask for. */
export const MESSAGE_LENGTH_MAX = 9000;

const HEADER_LENGTH = 4;

/**
 * Reads a message of a client or a server as it came by UDP. A relay agent's is refused with code
 * `message_type`, see `decodeRelayed`, and so is a type that nobody knows (RFC 9915 section 16).
 */
export function decodeDhcpv6(bytes: Uint8Array): Result<Dhcpv6Message, DecodeError> {
  if (bytes.length > MESSAGE_LENGTH_MAX) return err({ code: "message_too_long", at: 0 });
  const reader = new ByteReader(bytes);
  const msgType = messageTypeOf(reader.uint8());
  const transactionId = reader.uint8() * 0x1_0000 + reader.uint16();
  if (reader.overrun !== undefined) return err({ code: "message_truncated", at: reader.overrun });
  if (msgType === undefined) return err({ code: "message_type", at: 0 });
  const options = decodeOptions(bytes, HEADER_LENGTH);
  return options.ok ? ok({ msgType, transactionId, options: options.value }) : options;
}

function messageTypeOf(octet: number): MessageType | undefined {
  return Object.values(MESSAGE_TYPE).find((type) => type === octet);
}
