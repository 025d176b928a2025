import type { DecodeError } from "@passerelle/result";
import {
  AttributeSet,
  align4,
  decodeAttributes,
  putUint16,
  putUint32,
  uint16,
  uint32,
} from "./attribute.ts";
import { NLM_F_ACK_TLVS, NLM_F_CAPPED } from "./constants.ts";

/** One netlink message: the header of RFC 3549 section 2.3.2 and what follows it. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  /** The request's number, repeated in its answers; 0 in events. */
  readonly sequence: number;
  readonly port: number;
  /** A view of the received octets: decode it before the buffer is reused. */
  readonly payload: Uint8Array;
}

/** What a datagram held; after a broken header the rest cannot be read, but what came before stands. */
export interface DecodedMessages {
  readonly messages: readonly NetlinkMessage[];
  readonly error?: DecodeError;
}

/** Where a request failed, or 0 for "done": an acknowledgement is an error with the code 0. */
export interface NetlinkError {
  /** A positive errno. */
  readonly errno: number;
  /** The kernel's sentence (extended acknowledgement), e.g. "Invalid prefix for given prefix length". */
  readonly text?: string;
  /** Octet of the request that the sentence is about. */
  readonly offset?: number;
}

const HEADER_BYTES = 16;
const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;

export function decodeMessages(bytes: Uint8Array): DecodedMessages {
  const messages: NetlinkMessage[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    const length = uint32(bytes, at);
    if (length < HEADER_BYTES) return { messages, error: { code: "message_too_short", at } };
    if (at + length > bytes.length) return { messages, error: { code: "message_overruns", at } };
    messages.push({
      type: uint16(bytes, at + 4),
      flags: uint16(bytes, at + 6),
      sequence: uint32(bytes, at + 8),
      port: uint32(bytes, at + 12),
      payload: bytes.subarray(at + HEADER_BYTES, at + length),
    });
    at += align4(length);
  }
  if (at < bytes.length) return { messages, error: { code: "header_cut", at } };
  return { messages };
}

export function encodeMessage(message: NetlinkMessage): Uint8Array {
  const length = HEADER_BYTES + message.payload.length;
  const bytes = new Uint8Array(align4(length));
  putUint32(bytes, 0, length);
  putUint16(bytes, 4, message.type);
  putUint16(bytes, 6, message.flags);
  putUint32(bytes, 8, message.sequence);
  putUint32(bytes, 12, message.port);
  bytes.set(message.payload, HEADER_BYTES);
  return bytes;
}

/** Of NLMSG_ERROR, and of NLMSG_DONE, which ends a dump with the same code in front. */
export function decodeNetlinkError(message: NetlinkMessage, isDone: boolean): NetlinkError {
  const { payload, flags } = message;
  // A dump's end without a code is a success.
  if (payload.length < 4) return { errno: isDone ? 0 : EBADMSG };
  const errno = 0 - (uint32(payload, 0) | 0);
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno };
  // After an error comes the request: only its header when capped, else all of it.
  const echo = (flags & NLM_F_CAPPED) !== 0 ? HEADER_BYTES : align4(uint32(payload, 4));
  const start = isDone ? 4 : 4 + echo;
  if (!(start <= payload.length)) return { errno };
  const attributes = decodeAttributes(payload, start);
  if (!attributes.ok) return { errno };
  const set = new AttributeSet(attributes.value);
  const text = set.text(NLMSGERR_ATTR_MSG);
  const offset = set.uint32(NLMSGERR_ATTR_OFFS);
  return {
    errno,
    ...(text === undefined ? {} : { text }),
    ...(offset === undefined ? {} : { offset }),
  };
}

const EBADMSG = 74;
