import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { ipv6Bytes, ipv6FromBytes } from "@passerelle/net";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import { decodeDhcpv6, MESSAGE_LENGTH_MAX } from "./decode.ts";
import { encodeDhcpv6 } from "./encode.ts";
import { type Dhcpv6Message, type Dhcpv6RelayMessage, RELAY_MESSAGE_TYPE } from "./message.ts";
import { OPTION } from "./option-codes.ts";
import { decodeOptions, optionIn, writeOptions } from "./option-list.ts";

/** RFC 9915 section 7.6: a relay agent drops what has come through so many. */
export const HOP_COUNT_LIMIT = 8;
/** The relay agent that counts 0, and those that count 1 to the limit. */
const RELAYS_MAX = HOP_COUNT_LIMIT + 1;
const HEADER_LENGTH = 34;

/** A message as a server has it from relay agents. */
export interface Relayed {
  /** From the one next to the server to the one next to the client. Empty where the client sent it itself. */
  readonly relays: readonly Dhcpv6RelayMessage[];
  readonly message: Dhcpv6Message;
}

/** Reads what reaches a server: a client's message, or one inside the messages of relay agents. */
export function decodeRelayed(bytes: Uint8Array): Result<Relayed, DecodeError> {
  const relays: Dhcpv6RelayMessage[] = [];
  let inner = bytes;
  // Offset of `inner` in `bytes`.
  let start = 0;
  while (isRelayType(inner[0])) {
    if (relays.length >= RELAYS_MAX) return err({ code: "relays_too_many", at: start });
    const relay = decodeDhcpv6Relay(inner);
    if (!relay.ok) return err({ code: relay.error.code, at: relay.error.at + start });
    relays.push(relay.value);
    const { options } = relay.value;
    const carried = optionIn(options, OPTION.RELAY_MSG);
    if (carried === undefined) return err({ code: "relay_message_missing", at: start });
    start += HEADER_LENGTH + lengthBefore(options, OPTION.RELAY_MSG) + 4;
    inner = carried;
  }
  const message = decodeDhcpv6(inner);
  if (!message.ok) return err({ code: message.error.code, at: message.error.at + start });
  return ok({ relays, message: message.value });
}

/** One relay agent's message, what it carries left as octets. */
export function decodeDhcpv6Relay(bytes: Uint8Array): Result<Dhcpv6RelayMessage, DecodeError> {
  if (bytes.length > MESSAGE_LENGTH_MAX) return err({ code: "message_too_long", at: 0 });
  const reader = new ByteReader(bytes);
  const msgType = reader.uint8();
  const hopCount = reader.uint8();
  const linkAddress = ipv6FromBytes(reader.take(16));
  const peerAddress = ipv6FromBytes(reader.take(16));
  if (linkAddress === undefined || peerAddress === undefined) {
    return err({ code: "message_truncated", at: reader.overrun ?? 0 });
  }
  if (!isRelayType(msgType)) return err({ code: "message_type", at: 0 });
  const options = decodeOptions(bytes, HEADER_LENGTH);
  if (!options.ok) return options;
  return ok({ msgType, hopCount, linkAddress, peerAddress, options: options.value });
}

export function encodeDhcpv6Relay(relay: Dhcpv6RelayMessage): Uint8Array {
  invariant(relay.hopCount >= 0 && relay.hopCount <= 255, "a hop count has one octet");
  const writer = new ByteWriter()
    .uint8(relay.msgType)
    .uint8(relay.hopCount)
    .put(ipv6Bytes(relay.linkAddress))
    .put(ipv6Bytes(relay.peerAddress));
  return writeOptions(writer, relay.options).finish();
}

/**
 * The answer to a message on the way it came: without relay agents the message itself, else one Relay-reply
 * in another, each with the interface identifier that its relay agent gave (RFC 9915 section 19.3).
 */
export function encodeReplyBy(
  relays: readonly Dhcpv6RelayMessage[],
  answer: Dhcpv6Message,
): Uint8Array {
  let bytes = encodeDhcpv6(answer);
  for (const { hopCount, linkAddress, peerAddress, options } of [...relays].reverse()) {
    bytes = encodeDhcpv6Relay({
      msgType: RELAY_MESSAGE_TYPE.RELAY_REPL,
      hopCount,
      linkAddress,
      peerAddress,
      options: [
        ...options.filter(({ code }) => code === OPTION.INTERFACE_ID).slice(0, 1),
        { code: OPTION.RELAY_MSG, data: bytes },
      ],
    });
  }
  return bytes;
}

function isRelayType(octet: number | undefined): octet is 12 | 13 {
  return octet === RELAY_MESSAGE_TYPE.RELAY_FORW || octet === RELAY_MESSAGE_TYPE.RELAY_REPL;
}

/** Octets of the options before the first with this code. */
function lengthBefore(options: Dhcpv6RelayMessage["options"], code: number): number {
  const at = options.findIndex((option) => option.code === code);
  return options.slice(0, at).reduce((sum, { data }) => sum + data.length + 4, 0);
}
