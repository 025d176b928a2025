import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type Ipv4, ipv4 } from "@passerelle/net";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import { internetChecksum } from "./checksum.ts";

/** A whole IPv4 datagram (RFC 791). Options are skipped when read and never written. */
export interface Ipv4Packet {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** IANA protocol number, e.g. 17 for UDP. */
  readonly protocol: number;
  /** Hops it may still make. */
  readonly ttl: number;
  /** Differentiated services field: DSCP in the upper six bits, ECN in the lower two (RFC 2474). */
  readonly trafficClass: number;
  readonly identification: number;
  readonly payload: Uint8Array;
}

export const IPV4_PROTOCOL_ICMP = 1;
export const IPV4_PROTOCOL_UDP = 17;
const HEADER_LENGTH = 20;
const LENGTH_MAX = 0xffff;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

/** Trailing octets are Ethernet padding and ignored. Fragments are refused: nothing of ours is ever fragmented. */
export function decodeIpv4(bytes: Uint8Array): Result<Ipv4Packet, DecodeError> {
  const reader = new ByteReader(bytes);
  const versionAndLength = reader.uint8();
  const trafficClass = reader.uint8();
  const totalLength = reader.uint16();
  const identification = reader.uint16();
  const flagsAndOffset = reader.uint16();
  const ttl = reader.uint8();
  const protocol = reader.uint8();
  reader.skip(2);
  const source = ipv4(reader.uint32());
  const destination = ipv4(reader.uint32());
  if (reader.overrun !== undefined) return err({ code: "ipv4_truncated", at: reader.overrun });
  if (versionAndLength >>> 4 !== 4) return err({ code: "ipv4_version", at: 0 });
  const headerLength = (versionAndLength & 0xf) * 4;
  if (headerLength < HEADER_LENGTH) return err({ code: "ipv4_header_length", at: 0 });
  if (totalLength < headerLength) return err({ code: "ipv4_total_length", at: 2 });
  if (totalLength > bytes.length) return err({ code: "ipv4_truncated", at: bytes.length });
  if (internetChecksum(bytes.subarray(0, headerLength)) !== 0) {
    return err({ code: "ipv4_checksum", at: 10 });
  }
  if ((flagsAndOffset & MORE_FRAGMENTS_OR_OFFSET) !== 0)
    return err({ code: "ipv4_fragment", at: 6 });
  const payload = bytes.slice(headerLength, totalLength);
  return ok({ source, destination, protocol, ttl, trafficClass, identification, payload });
}

export function encodeIpv4(packet: Ipv4Packet): Uint8Array {
  const totalLength = HEADER_LENGTH + packet.payload.length;
  invariant(totalLength <= LENGTH_MAX, "a datagram fits into 65 535 octets");
  const writer = new ByteWriter(totalLength)
    .uint8(0x45)
    .uint8(packet.trafficClass)
    .uint16(totalLength)
    .uint16(packet.identification)
    // RFC 6864 section 4.1: with DF set the identification means nothing, so that it may be any.
    .uint16(DONT_FRAGMENT)
    .uint8(packet.ttl)
    .uint8(packet.protocol)
    .uint16(0)
    .uint32(packet.source)
    .uint32(packet.destination);
  writer.setUint16(10, internetChecksum(writer.finish()));
  return writer.put(packet.payload).finish();
}
