import { concatBytes } from "@passerelle/bytes";
import {
  type Ipv4,
  type Ipv6,
  ipv4Bytes,
  ipv4FromBytes,
  ipv6Bytes,
  ipv6FromBytes,
  type Mac,
  macBytes,
} from "@passerelle/net";

/** A UDP datagram as the network in memory carries it. */
export interface FakeUdp {
  readonly family: 4 | 6;
  readonly source: Ipv4 | Ipv6;
  readonly sourcePort: number;
  readonly destination: Ipv4 | Ipv6;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
  /** TOS or traffic class, and TTL or hop limit. */
  readonly tos: number;
  readonly ttl: number;
}

/** Ethernet, IP and UDP headers with right lengths and checksums (RFC 894, 791, 8200, 768). */
export function udpFrame(from: Mac, to: Mac, udp: FakeUdp): Uint8Array {
  const length = 8 + udp.payload.length;
  const head = Uint8Array.of(
    udp.sourcePort >>> 8,
    udp.sourcePort & 0xff,
    udp.destinationPort >>> 8,
    udp.destinationPort & 0xff,
    length >>> 8,
    length & 0xff,
    0,
    0,
  );
  const segment = concatBytes(head, udp.payload);
  const sum = checksum(concatBytes(pseudoHeader(udp, UDP, length), segment)) || 0xffff;
  segment[6] = sum >>> 8;
  segment[7] = sum & 0xff;
  const type = udp.family === 4 ? [0x08, 0x00] : [0x86, 0xdd];
  const ip = udp.family === 4 ? ipv4Header(udp, length) : ipv6Header(udp, UDP, length);
  return concatBytes(macBytes(to), macBytes(from), Uint8Array.from(type), ip, segment);
}

/** The datagram inside a frame; undefined for anything that a host would drop or not take as UDP. */
export function parseUdpFrame(frame: Uint8Array): FakeUdp | undefined {
  const type = word(frame, 12);
  if (type === 0x0800) return parseIpv4Udp(frame.subarray(14));
  if (type === 0x86dd) return parseIpv6Udp(frame.subarray(14));
  return undefined;
}

function parseIpv4Udp(packet: Uint8Array): FakeUdp | undefined {
  const headerLength = ((packet[0] ?? 0) & 0x0f) * 4;
  const total = word(packet, 2);
  const fits = headerLength >= 20 && total >= headerLength + 8 && total <= packet.length;
  if (!fits || packet[9] !== 17 || checksum(packet.subarray(0, headerLength)) !== 0)
    return undefined;
  const source = ipv4FromBytes(packet, 12);
  const destination = ipv4FromBytes(packet, 16);
  if (source === undefined || destination === undefined) return undefined;
  const head = {
    family: 4,
    source,
    destination,
    tos: packet[1] ?? 0,
    ttl: packet[8] ?? 0,
  } as const;
  return parseUdp(head, packet.subarray(headerLength, total));
}

function parseIpv6Udp(packet: Uint8Array): FakeUdp | undefined {
  const parsed = parseIpv6(packet, UDP);
  return parsed === undefined ? undefined : parseUdp(parsed.head, parsed.body);
}

/** A packet of IPv6 that carries one protocol, without extension headers. */
export function parseIpv6(
  packet: Uint8Array,
  nextHeader: number,
): { readonly head: Ipv6Head; readonly body: Uint8Array } | undefined {
  const length = word(packet, 4);
  if (packet[6] !== nextHeader || packet.length < 40 + length) return undefined;
  const source = ipv6FromBytes(packet, 8);
  const destination = ipv6FromBytes(packet, 24);
  if (source === undefined || destination === undefined) return undefined;
  const tos = (word(packet, 0) >>> 4) & 0xff;
  const head = { family: 6, source, destination, tos, ttl: packet[7] ?? 0 } as const;
  return { head, body: packet.subarray(40, 40 + length) };
}

type Ipv4Head = Pick<FakeUdp, "source" | "destination" | "tos" | "ttl"> & { readonly family: 4 };

export interface Ipv6Head {
  readonly family: 6;
  readonly source: Ipv6;
  readonly destination: Ipv6;
  readonly tos: number;
  readonly ttl: number;
}

function parseUdp(head: Ipv4Head | Ipv6Head, segment: Uint8Array): FakeUdp | undefined {
  const length = word(segment, 4);
  if (!(length >= 8 && length <= segment.length)) return undefined;
  const udp: FakeUdp = {
    ...head,
    sourcePort: word(segment, 0),
    destinationPort: word(segment, 2),
    payload: segment.slice(8, length),
  };
  // RFC 768: a zero checksum was not computed; RFC 8200 section 8.1 forbids it for IPv6.
  const computed = word(segment, 6) !== 0;
  const covered = concatBytes(pseudoHeader(udp, UDP, length), segment.subarray(0, length));
  const right = checksum(covered) === 0;
  return right || (!computed && head.family === 4) ? udp : undefined;
}

function ipv4Header(udp: FakeUdp, length: number): Uint8Array {
  const total = 20 + length;
  const header = concatBytes(
    Uint8Array.of(0x45, udp.tos, total >>> 8, total & 0xff, 0, 0, 0x40, 0, udp.ttl, UDP, 0, 0),
    ipv4Bytes(udp.source as Ipv4),
    ipv4Bytes(udp.destination as Ipv4),
  );
  const sum = checksum(header);
  header[10] = sum >>> 8;
  header[11] = sum & 0xff;
  return header;
}

type Ends = Pick<FakeUdp, "family" | "source" | "destination">;

export function ipv6Header(
  head: Ends & { readonly tos: number; readonly ttl: number },
  nextHeader: number,
  length: number,
): Uint8Array {
  const version = 0x60 | (head.tos >>> 4);
  const tos = (head.tos & 0x0f) << 4;
  return concatBytes(
    Uint8Array.of(version, tos, 0, 0, length >>> 8, length & 0xff, nextHeader, head.ttl),
    ipv6Bytes(head.source as Ipv6),
    ipv6Bytes(head.destination as Ipv6),
  );
}

export function pseudoHeader(udp: Ends, protocol: number, length: number): Uint8Array {
  const tail = Uint8Array.of(0, protocol, length >>> 8, length & 0xff);
  if (udp.family === 4) {
    return concatBytes(ipv4Bytes(udp.source as Ipv4), ipv4Bytes(udp.destination as Ipv4), tail);
  }
  const tail6 = Uint8Array.of(0, 0, length >>> 8, length & 0xff, 0, 0, 0, protocol);
  return concatBytes(ipv6Bytes(udp.source as Ipv6), ipv6Bytes(udp.destination as Ipv6), tail6);
}

const UDP = 17;

/** RFC 1071; zero over octets that hold their own right checksum. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += word(bytes, i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
