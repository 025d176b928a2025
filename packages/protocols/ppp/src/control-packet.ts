import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";

/** The shape that LCP, the NCPs, PAP and CHAP have in common (RFC 1661 section 5). */
export interface ControlPacket {
  readonly code: number;
  /** 0 to 255: an answer has that of its request. */
  readonly identifier: number;
  readonly data: Uint8Array;
}

/** An option as its octets (RFC 1661 section 6). Unknown types are kept like any other. */
export interface PppOption {
  readonly type: number;
  readonly data: Uint8Array;
}

/** RFC 1661 section 5, RFC 1570 section 2. The NCPs have 1 to 7. */
export const CODE = {
  CONFIGURE_REQUEST: 1,
  CONFIGURE_ACK: 2,
  CONFIGURE_NAK: 3,
  CONFIGURE_REJECT: 4,
  TERMINATE_REQUEST: 5,
  TERMINATE_ACK: 6,
  CODE_REJECT: 7,
  PROTOCOL_REJECT: 8,
  ECHO_REQUEST: 9,
  ECHO_REPLY: 10,
  DISCARD_REQUEST: 11,
  IDENTIFICATION: 12,
  TIME_REMAINING: 13,
} as const;

export const CONTROL_HEADER_LENGTH = 4;
/** Real requests have fewer than ten options. */
const OPTIONS_MAX = 64;
const OPTION_HEADER_LENGTH = 2;

/** RFC 1661 section 5: octets behind the length are padding; a length that does not fit is a fault. */
export function decodeControlPacket(bytes: Uint8Array): Result<ControlPacket, DecodeError> {
  const reader = new ByteReader(bytes);
  const code = reader.uint8();
  const identifier = reader.uint8();
  const length = reader.uint16();
  if (reader.overrun !== undefined) return err({ code: "control_truncated", at: reader.overrun });
  if (length < CONTROL_HEADER_LENGTH || length > bytes.length) {
    return err({ code: "control_length", at: 2 });
  }
  return ok({ code, identifier, data: reader.take(length - CONTROL_HEADER_LENGTH) });
}

export function encodeControlPacket(packet: ControlPacket): Uint8Array {
  invariant(packet.identifier >= 0 && packet.identifier <= 255, "an identifier is one octet");
  const length = CONTROL_HEADER_LENGTH + packet.data.length;
  return new ByteWriter(length)
    .uint8(packet.code)
    .uint8(packet.identifier)
    .uint16(length)
    .put(packet.data)
    .finish();
}

export function decodeOptions(bytes: Uint8Array): Result<readonly PppOption[], DecodeError> {
  const reader = new ByteReader(bytes);
  const options: PppOption[] = [];
  while (reader.left > 0) {
    const at = reader.at;
    const type = reader.uint8();
    const length = reader.uint8();
    if (reader.overrun !== undefined) return err({ code: "option_overruns", at });
    if (length < OPTION_HEADER_LENGTH) return err({ code: "option_too_short", at });
    const data = reader.take(length - OPTION_HEADER_LENGTH);
    if (reader.overrun !== undefined) return err({ code: "option_overruns", at });
    if (options.length === OPTIONS_MAX) return err({ code: "too_many_options", at });
    options.push({ type, data });
  }
  return ok(options);
}

export function encodeOptions(options: readonly PppOption[]): Uint8Array {
  const writer = new ByteWriter(64);
  for (const { type, data } of options) {
    invariant(data.length <= 253, "an option holds 253 octets at most");
    writer
      .uint8(type)
      .uint8(OPTION_HEADER_LENGTH + data.length)
      .put(data);
  }
  return writer.finish();
}
