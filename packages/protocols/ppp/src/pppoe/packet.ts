import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import { TAG } from "./tags.ts";

/** A packet of the discovery stage (RFC 2516 section 4), as it is in an Ethernet frame of type 0x8863. */
export interface PppoePacket {
  /** One of PPPOE_CODE; others are kept. */
  readonly code: number;
  /** 0 until the access concentrator has given one. */
  readonly sessionId: number;
  /** In the order of the wire, without End-Of-List; unknown ones are kept. */
  readonly tags: readonly PppoeTag[];
}

export interface PppoeTag {
  readonly type: number;
  readonly value: Uint8Array;
}

/** A PPP packet of a session (RFC 2516 section 6), as it is in an Ethernet frame of type 0x8864. */
export interface PppoeSessionFrame {
  readonly sessionId: number;
  /** PPP protocol number, see PPP_PROTOCOL. */
  readonly protocol: number;
  readonly payload: Uint8Array;
}

export const ETHERTYPE_PPPOE_DISCOVERY = 0x8863;
export const ETHERTYPE_PPPOE_SESSION = 0x8864;

/** RFC 2516 section 5. */
export const PPPOE_CODE = {
  SESSION: 0x00,
  PADO: 0x07,
  PADI: 0x09,
  PADR: 0x19,
  PADS: 0x65,
  PADT: 0xa7,
} as const;

/** RFC 2516 section 4: the value 0xffff is reserved and must not be used. */
export const SESSION_ID_RESERVED = 0xffff;
/** RFC 2516 section 5.1: a PADI leaves room for the tag of a relay agent. */
export const PADI_LENGTH_MAX = 1484;
/** Octets of the PPPoE header and the PPP protocol number: what a session takes of each Ethernet payload. */
export const PPPOE_OVERHEAD = 8;

/** Real packets have fewer than ten; the limit bounds the work a stranger can ask for. */
const TAGS_MAX = 64;
/** VER 1 and TYPE 1. */
const VERSION_AND_TYPE = 0x11;
const HEADER_LENGTH = 6;
const TAG_HEADER_LENGTH = 4;

export function decodePppoe(bytes: Uint8Array): Result<PppoePacket, DecodeError> {
  const header = decodeHeader(bytes);
  if (!header.ok) return header;
  const { code, sessionId, end } = header.value;
  const reader = new ByteReader(bytes, HEADER_LENGTH, end);
  const tags: PppoeTag[] = [];
  while (reader.left > 0) {
    const at = reader.at;
    const type = reader.uint16();
    const value = reader.take(reader.uint16());
    if (reader.overrun !== undefined) return err({ code: "tag_overruns", at });
    if (type === TAG.END_OF_LIST) break;
    if (tags.length === TAGS_MAX) return err({ code: "too_many_tags", at });
    tags.push({ type, value });
  }
  return ok({ code, sessionId, tags });
}

export function encodePppoe(packet: PppoePacket): Uint8Array {
  const length = packet.tags.reduce((sum, tag) => sum + TAG_HEADER_LENGTH + tag.value.length, 0);
  const writer = headerWriter(packet.code, packet.sessionId, length);
  for (const { type, value } of packet.tags) {
    invariant(type !== TAG.END_OF_LIST, "End-Of-List is the decoder's");
    writer.uint16(type).uint16(value.length).put(value);
  }
  return writer.finish();
}

export function decodeSessionFrame(bytes: Uint8Array): Result<PppoeSessionFrame, DecodeError> {
  const header = decodeHeader(bytes);
  if (!header.ok) return header;
  const { code, sessionId, end } = header.value;
  if (code !== PPPOE_CODE.SESSION) return err({ code: "pppoe_code", at: 1 });
  const reader = new ByteReader(bytes, HEADER_LENGTH, end);
  const protocol = reader.uint16();
  if (reader.overrun !== undefined) return err({ code: "pppoe_truncated", at: reader.overrun });
  // RFC 1661 section 2: the low octet is odd, the lowest bit of the high octet is 0.
  if ((protocol & 0x0101) !== 0x0001) return err({ code: "ppp_protocol", at: HEADER_LENGTH });
  return ok({ sessionId, protocol, payload: reader.take(reader.left) });
}

export function encodeSessionFrame(frame: PppoeSessionFrame): Uint8Array {
  return headerWriter(PPPOE_CODE.SESSION, frame.sessionId, frame.payload.length + 2)
    .uint16(frame.protocol)
    .put(frame.payload)
    .finish();
}

interface Header {
  readonly code: number;
  readonly sessionId: number;
  /** Offset behind the payload; what follows is padding of the Ethernet frame. */
  readonly end: number;
}

function decodeHeader(bytes: Uint8Array): Result<Header, DecodeError> {
  const reader = new ByteReader(bytes);
  const versionAndType = reader.uint8();
  const code = reader.uint8();
  const sessionId = reader.uint16();
  const length = reader.uint16();
  if (reader.overrun !== undefined) return err({ code: "pppoe_truncated", at: reader.overrun });
  if (versionAndType !== VERSION_AND_TYPE) return err({ code: "pppoe_version", at: 0 });
  if (length > reader.left) return err({ code: "pppoe_length", at: 4 });
  return ok({ code, sessionId, end: HEADER_LENGTH + length });
}

function headerWriter(code: number, sessionId: number, length: number): ByteWriter {
  return new ByteWriter(HEADER_LENGTH + length)
    .uint8(VERSION_AND_TYPE)
    .uint8(code)
    .uint16(sessionId)
    .uint16(length);
}
