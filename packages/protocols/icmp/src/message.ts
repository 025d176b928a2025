import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { internetChecksum, sumWords } from "@passerelle/ether";
import { type Ipv4, type Ipv6, ipv6Bytes } from "@passerelle/net";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";

export type IpAddress = Ipv4 | Ipv6;

/** One message of ICMP (RFC 792) or ICMPv6 (RFC 4443), without the IP header before it. */
export type IcmpMessage = IcmpEcho | IcmpError | IcmpOther;

export interface IcmpEcho {
  readonly kind: "echo_request" | "echo_reply";
  /** 0 in every message of honest senders; kept. */
  readonly code: number;
  /** Tells one asker of a machine from another. */
  readonly identifier: number;
  readonly sequence: number;
  /** Comes back as it was sent. */
  readonly data: Uint8Array;
}

export interface IcmpError {
  readonly kind: "unreachable" | "packet_too_big" | "time_exceeded" | "parameter_problem";
  /** Why, see `UNREACHABLE` and RFC 4443 section 3.1; of "time_exceeded" 0 is the hop limit. */
  readonly code: number;
  /** The 32 bits before the quoted packet: next hop's MTU (RFC 1191), pointer, length of RFC 4884; kept as they are. */
  readonly parameter: number;
  /** The start of the packet that it is about, from its IP header on; see `readQuoted`. */
  readonly original: Uint8Array;
}

/** A message of a type that this package does not read; octets kept. */
export interface IcmpOther {
  readonly kind: "other";
  readonly type: number;
  readonly code: number;
  readonly body: Uint8Array;
}

/** Between whom an ICMPv6 message goes: its checksum covers them (RFC 4443 section 2.3). */
export interface Icmpv6Ends {
  readonly source: Ipv6;
  readonly destination: Ipv6;
}

/** The checksum is verified. ICMP has no length: a cut message is one whose checksum is wrong. */
export function decodeIcmpv4(bytes: Uint8Array): Result<IcmpMessage, DecodeError> {
  return decode(bytes, KINDS4, bytes.length >= HEADER_BYTES ? internetChecksum(bytes) : 0);
}

/**
 * @param ends absent where the kernel has already verified the checksum, as it does for ICMPv6 sockets
 * (RFC 3542 section 3.1)
 */
export function decodeIcmpv6(
  bytes: Uint8Array,
  ends?: Icmpv6Ends,
): Result<IcmpMessage, DecodeError> {
  const sum = ends === undefined ? 0 : internetChecksum(bytes, pseudoHeaderSum(ends, bytes.length));
  return decode(bytes, KINDS6, sum);
}

export function encodeIcmpv4(message: IcmpMessage): Uint8Array {
  const writer = write(message, TYPES4);
  return writer.setUint16(2, internetChecksum(writer.finish())).finish();
}

/** @param ends absent where the kernel computes the checksum: the field stays 0 */
export function encodeIcmpv6(message: IcmpMessage, ends?: Icmpv6Ends): Uint8Array {
  const writer = write(message, TYPES6);
  if (ends === undefined) return writer.finish();
  const sum = internetChecksum(writer.finish(), pseudoHeaderSum(ends, writer.length));
  return writer.setUint16(2, sum).finish();
}

/** Codes of "unreachable" in IPv4 (RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1). */
export const UNREACHABLE = {
  network: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  networkProhibited: 9,
  hostProhibited: 10,
  prohibited: 13,
} as const;

/** Codes of "unreachable" in IPv6 (RFC 4443 section 3.1). */
export const UNREACHABLE6 = {
  noRoute: 0,
  prohibited: 1,
  beyondScope: 2,
  address: 3,
  port: 4,
  sourcePolicy: 5,
  rejectRoute: 6,
} as const;

/** IANA protocol numbers. */
export const PROTOCOL_ICMPV4 = 1;
export const PROTOCOL_ICMPV6 = 58;

type KnownKind = Exclude<IcmpMessage["kind"], "other">;

// IANA "ICMP Type Numbers" and "ICMPv6 type Numbers". ICMP says "too big" by a code of "unreachable".
const TYPES4: Readonly<Partial<Record<KnownKind, number>>> = {
  echo_reply: 0,
  unreachable: 3,
  echo_request: 8,
  time_exceeded: 11,
  parameter_problem: 12,
};
const TYPES6: Readonly<Record<KnownKind, number>> = {
  unreachable: 1,
  packet_too_big: 2,
  time_exceeded: 3,
  parameter_problem: 4,
  echo_request: 128,
  echo_reply: 129,
};
const KINDS4 = kindsOf(TYPES4);
const KINDS6 = kindsOf(TYPES6);

/** Type, code, checksum, and the 32 bits whose meaning depends on the type. */
const HEADER_BYTES = 8;

function decode(
  bytes: Uint8Array,
  kinds: ReadonlyMap<number, KnownKind>,
  sum: number,
): Result<IcmpMessage, DecodeError> {
  const reader = new ByteReader(bytes);
  const type = reader.uint8();
  const code = reader.uint8();
  reader.skip(2);
  const kind = kinds.get(type);
  if (kind === undefined) {
    if (reader.overrun !== undefined) return err({ code: "icmp_truncated", at: reader.overrun });
    if (sum !== 0) return err({ code: "icmp_checksum", at: 2 });
    return ok({ kind: "other", type, code, body: reader.take(reader.left) });
  }
  const high = reader.uint16();
  const low = reader.uint16();
  if (reader.overrun !== undefined) return err({ code: "icmp_truncated", at: reader.overrun });
  if (sum !== 0) return err({ code: "icmp_checksum", at: 2 });
  const rest = reader.take(reader.left);
  if (kind === "echo_request" || kind === "echo_reply") {
    return ok({ kind, code, identifier: high, sequence: low, data: rest });
  }
  return ok({ kind, code, parameter: high * 0x1_0000 + low, original: rest });
}

function write(
  message: IcmpMessage,
  types: Readonly<Partial<Record<KnownKind, number>>>,
): ByteWriter {
  if (message.kind === "other") {
    const { type, code, body } = message;
    return new ByteWriter(4 + body.length).uint8(type).uint8(code).uint16(0).put(body);
  }
  const type = types[message.kind];
  invariant(type !== undefined, "ICMP has no message of its own for a packet that is too big");
  const writer = new ByteWriter(64).uint8(type).uint8(message.code).uint16(0);
  if ("identifier" in message) {
    return writer.uint16(message.identifier).uint16(message.sequence).put(message.data);
  }
  return writer.uint32(message.parameter).put(message.original);
}

/** RFC 8200 section 8.1. */
function pseudoHeaderSum({ source, destination }: Icmpv6Ends, length: number): number {
  const header = new ByteWriter(40).put(ipv6Bytes(source)).put(ipv6Bytes(destination));
  return sumWords(header.uint32(length).uint32(PROTOCOL_ICMPV6).finish());
}

function kindsOf(
  types: Readonly<Partial<Record<KnownKind, number>>>,
): ReadonlyMap<number, KnownKind> {
  return new Map(
    (Object.entries(types) as [KnownKind, number][]).map(([kind, type]) => [type, kind]),
  );
}
