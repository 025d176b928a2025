import { ByteReader, ByteWriter } from "@passerelle/bytes";
import type { Ipv4 } from "@passerelle/net";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import { internetChecksum, sumWords } from "./checksum.ts";
import { decodeIpv4, encodeIpv4, IPV4_PROTOCOL_UDP } from "./ipv4-packet.ts";

/** A UDP datagram in its IPv4 packet (RFC 768): what goes into, and comes out of, a packet socket. */
export interface UdpPacket {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
  /** Default 64. */
  readonly ttl?: number;
  /** DSCP in the upper six bits. Default 0. */
  readonly trafficClass?: number;
}

const HEADER_LENGTH = 8;

/**
 * Reads IPv4 and UDP headers. Other protocols than UDP are refused.
 *
 * @param checksumReady false where the sender left the checksum to its card, as the kernel reports for
 * packets of the same machine: the field then holds an unfinished sum and is not looked at
 */
export function decodeUdpPacket(
  bytes: Uint8Array,
  checksumReady = true,
): Result<Required<UdpPacket>, DecodeError> {
  const packet = decodeIpv4(bytes);
  if (!packet.ok) return packet;
  const { source, destination, protocol, ttl, trafficClass, payload: segment } = packet.value;
  if (protocol !== IPV4_PROTOCOL_UDP) return err({ code: "ipv4_not_udp", at: 9 });
  const start = (bytes[0] ?? 0) & 0xf;
  const reader = new ByteReader(segment);
  const sourcePort = reader.uint16();
  const destinationPort = reader.uint16();
  const length = reader.uint16();
  const checksum = reader.uint16();
  const at = (offset: number): number => start * 4 + offset;
  if (reader.overrun !== undefined) return err({ code: "udp_truncated", at: at(reader.overrun) });
  if (length < HEADER_LENGTH || length > segment.length)
    return err({ code: "udp_length", at: at(4) });
  const datagram = segment.subarray(0, length);
  // RFC 768: zero means that the sender made no checksum.
  if (checksumReady && checksum !== 0) {
    if (internetChecksum(datagram, pseudoHeaderSum(source, destination, length)) !== 0) {
      return err({ code: "udp_checksum", at: at(6) });
    }
  }
  const payload = datagram.slice(HEADER_LENGTH);
  return ok({ source, destination, sourcePort, destinationPort, payload, ttl, trafficClass });
}

/** IPv4 and UDP headers with both checksums, ready to be the payload of an Ethernet frame. */
export function encodeUdpPacket(packet: UdpPacket): Uint8Array {
  const length = HEADER_LENGTH + packet.payload.length;
  invariant(length <= 0xffff - 20, "a datagram fits into one IPv4 packet");
  const writer = new ByteWriter(length)
    .uint16(packet.sourcePort)
    .uint16(packet.destinationPort)
    .uint16(length)
    .uint16(0)
    .put(packet.payload);
  const sum = internetChecksum(
    writer.finish(),
    pseudoHeaderSum(packet.source, packet.destination, length),
  );
  // RFC 768: a computed zero is sent as all ones, because zero says "none".
  writer.setUint16(6, sum === 0 ? 0xffff : sum);
  return encodeIpv4({
    source: packet.source,
    destination: packet.destination,
    protocol: IPV4_PROTOCOL_UDP,
    ttl: packet.ttl ?? 64,
    trafficClass: packet.trafficClass ?? 0,
    identification: 0,
    payload: writer.finish(),
  });
}

function pseudoHeaderSum(source: Ipv4, destination: Ipv4, length: number): number {
  const header = new ByteWriter(12).uint32(source).uint32(destination);
  return sumWords(header.uint16(IPV4_PROTOCOL_UDP).uint16(length).finish());
}
