import { ByteReader, ByteWriter } from "@passerelle/bytes";
import {
  IPV4_ANY,
  type Ipv4,
  ipv4,
  MAC_ZERO,
  type Mac,
  macBytes,
  macFromBytes,
} from "@passerelle/net";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";

/** RFC 826 for Ethernet and IPv4, the only pair a home uses. Field names are those of the RFC. */
export interface ArpPacket {
  readonly operation: "request" | "reply";
  /** Sender hardware address. */
  readonly sha: Mac;
  /** Sender protocol address; 0.0.0.0 in a probe. */
  readonly spa: Ipv4;
  /** Target hardware address; zeros where it is asked for. */
  readonly tha: Mac;
  /** Target protocol address. */
  readonly tpa: Ipv4;
}

const HARDWARE_ETHERNET = 1;
const PROTOCOL_IPV4 = 0x0800;
const OPERATION_REQUEST = 1;
const OPERATION_REPLY = 2;

/** Octets of an ARP packet for Ethernet and IPv4; what follows in the frame is padding. */
export const ARP_LENGTH = 28;

export function decodeArp(bytes: Uint8Array): Result<ArpPacket, DecodeError> {
  const reader = new ByteReader(bytes);
  if (reader.uint16() !== HARDWARE_ETHERNET) return err({ code: "arp_hardware", at: 0 });
  if (reader.uint16() !== PROTOCOL_IPV4) return err({ code: "arp_protocol", at: 2 });
  if (reader.uint8() !== 6 || reader.uint8() !== 4) return err({ code: "arp_lengths", at: 4 });
  const operation = reader.uint16();
  const sha = macFromBytes(reader.take(6));
  const spa = ipv4(reader.uint32());
  const tha = macFromBytes(reader.take(6));
  const tpa = ipv4(reader.uint32());
  if (reader.overrun !== undefined || sha === undefined || tha === undefined) {
    return err({ code: "arp_truncated", at: reader.overrun ?? 0 });
  }
  if (operation !== OPERATION_REQUEST && operation !== OPERATION_REPLY) {
    return err({ code: "arp_operation", at: 6 });
  }
  return ok({
    operation: operation === OPERATION_REQUEST ? "request" : "reply",
    sha,
    spa,
    tha,
    tpa,
  });
}

export function encodeArp(packet: ArpPacket): Uint8Array {
  return new ByteWriter(ARP_LENGTH)
    .uint16(HARDWARE_ETHERNET)
    .uint16(PROTOCOL_IPV4)
    .uint8(6)
    .uint8(4)
    .uint16(packet.operation === "request" ? OPERATION_REQUEST : OPERATION_REPLY)
    .put(macBytes(packet.sha))
    .uint32(packet.spa)
    .put(macBytes(packet.tha))
    .uint32(packet.tpa)
    .finish();
}

/** RFC 5227 section 2.1.1: asks whether somebody has `address`, without saying that we have one ourselves. */
export function arpProbe(sender: Mac, address: Ipv4): ArpPacket {
  return { operation: "request", sha: sender, spa: IPV4_ANY, tha: MAC_ZERO, tpa: address };
}

/** RFC 5227 section 2.3: says that `address` is ours from now on. */
export function arpAnnouncement(sender: Mac, address: Ipv4): ArpPacket {
  return { operation: "request", sha: sender, spa: address, tha: MAC_ZERO, tpa: address };
}

/**
 * RFC 5227 section 2.1.1: what tells a prober that `address` is taken or about to be: any packet of
 * another's with it as sender address, or another's probe for it.
 */
export function arpConflicts(packet: ArpPacket, prober: Mac, address: Ipv4): boolean {
  if (packet.sha === prober) return false;
  if (packet.spa === address) return true;
  return packet.operation === "request" && packet.spa === IPV4_ANY && packet.tpa === address;
}
