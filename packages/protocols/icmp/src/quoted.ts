import { ByteReader } from "@passerelle/bytes";
import { ipv4FromBytes, ipv6FromBytes } from "@passerelle/net";
import { type IpAddress, PROTOCOL_ICMPV4, PROTOCOL_ICMPV6 } from "./message.ts";

/** What an error message says of the packet that it is about. */
export interface QuotedPacket {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** IANA protocol number. */
  readonly protocol: number;
  /** What was quoted after the IP header: 8 octets at least from honest routers (RFC 792). */
  readonly payload: Uint8Array;
}

/** The echo request that an error message is about. */
export interface QuotedEcho {
  readonly destination: IpAddress;
  readonly identifier: number;
  readonly sequence: number;
}

/**
 * Reads the head of a quoted packet. Its lengths and checksum are not judged: routers on the way changed
 * the one and cut the other. Undefined where there is no whole header, or of a later fragment.
 */
export function readQuoted(original: Uint8Array): QuotedPacket | undefined {
  const version = (original[0] ?? 0) >>> 4;
  if (version === 4) return readQuoted4(original);
  return version === 6 ? readQuoted6(original) : undefined;
}

/** Undefined where the quoted packet is anything but an echo request: not one of our probes. */
export function readQuotedEcho(original: Uint8Array): QuotedEcho | undefined {
  const packet = readQuoted(original);
  if (packet === undefined) return undefined;
  const reader = new ByteReader(packet.payload);
  const type = reader.uint8();
  reader.skip(3);
  const identifier = reader.uint16();
  const sequence = reader.uint16();
  if (reader.overrun !== undefined) return undefined;
  const isEcho =
    (packet.protocol === PROTOCOL_ICMPV4 && type === 8) ||
    (packet.protocol === PROTOCOL_ICMPV6 && type === 128);
  return isEcho ? { destination: packet.destination, identifier, sequence } : undefined;
}

function readQuoted4(original: Uint8Array): QuotedPacket | undefined {
  const headerBytes = ((original[0] ?? 0) & 0x0f) * 4;
  const offset = (((original[6] ?? 0) << 8) | (original[7] ?? 0)) & 0x1fff;
  if (!(headerBytes >= 20 && headerBytes <= original.length) || offset !== 0) return undefined;
  const source = ipv4FromBytes(original, 12);
  const destination = ipv4FromBytes(original, 16);
  if (source === undefined || destination === undefined) return undefined;
  const protocol = original[9] ?? 0;
  return { source, destination, protocol, payload: original.slice(headerBytes) };
}

/** Extension headers are not followed: no probe of ours has one, so that a packet with them is another's. */
function readQuoted6(original: Uint8Array): QuotedPacket | undefined {
  if (!(original.length >= 40)) return undefined;
  const source = ipv6FromBytes(original, 8);
  const destination = ipv6FromBytes(original, 24);
  if (source === undefined || destination === undefined) return undefined;
  return { source, destination, protocol: original[6] ?? 0, payload: original.slice(40) };
}
