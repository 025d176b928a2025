import { ByteReader } from "@passerelle/bytes";
import { decodeIcmpv6, type Icmpv6Ends } from "@passerelle/icmp";
import { IPV6_ANY, ipv6FromBytes } from "@passerelle/net";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { NDP_TYPE, type NdpMessage } from "./message.ts";
import { decodeOptions } from "./option-list.ts";
import { faultOf, type NdpEnvelope, type NdpFault } from "./validity.ts";

/** Longest message read. Real ones fit into a packet; the limit bounds the work a stranger can ask for. */
export const MESSAGE_LENGTH_MAX = 9000;

/**
 * Reads a message as an ICMPv6 socket gives it, and refuses what RFC 4861 says must be discarded. The
 * checksum is the kernel's (RFC 3542 section 3.1), see `hasRightChecksum`.
 */
export function decodeNdp(
  bytes: Uint8Array,
  envelope: NdpEnvelope,
): Result<NdpMessage, DecodeError> {
  const read = readNdp(bytes);
  if (!read.ok) return read;
  const fault = faultOf(read.value, envelope);
  return fault === undefined ? read : err({ code: fault, at: OFFSETS[fault] });
}

/** For octets that no kernel has looked at. */
export function hasRightChecksum(bytes: Uint8Array, ends: Icmpv6Ends): boolean {
  return decodeIcmpv6(bytes, ends).ok;
}

function readNdp(bytes: Uint8Array): Result<NdpMessage, DecodeError> {
  if (bytes.length > MESSAGE_LENGTH_MAX) return err({ code: "ndp_too_long", at: 0 });
  const reader = new ByteReader(bytes);
  const kind = KINDS.get(reader.uint8());
  const code = reader.uint8();
  reader.skip(2);
  if (reader.overrun !== undefined) return err({ code: "ndp_truncated", at: reader.overrun });
  if (kind === undefined) return err({ code: "ndp_type", at: 0 });
  if (code !== 0) return err({ code: "ndp_code", at: 1 });
  const header = readHeader(kind, reader);
  if (reader.overrun !== undefined) return err({ code: "ndp_truncated", at: reader.overrun });
  const options = decodeOptions(bytes, reader.at);
  return options.ok ? ok({ ...header, options: options.value }) : options;
}

type Header<Message = NdpMessage> = Message extends NdpMessage ? Omit<Message, "options"> : never;

function readHeader(kind: NdpMessage["kind"], reader: ByteReader): Header {
  const address = () => ipv6FromBytes(reader.take(16)) ?? IPV6_ANY;
  switch (kind) {
    case "router_solicitation":
      return { kind, reserved: reader.uint32() };
    case "router_advertisement":
      return {
        kind,
        curHopLimit: reader.uint8(),
        flags: reader.uint8(),
        routerLifetime: reader.uint16(),
        reachableTime: reader.uint32(),
        retransTimer: reader.uint32(),
      };
    case "neighbour_solicitation":
      return { kind, reserved: reader.uint32(), targetAddress: address() };
    case "neighbour_advertisement":
      return { kind, flags: reader.uint32(), targetAddress: address() };
    case "redirect":
      return {
        kind,
        reserved: reader.uint32(),
        targetAddress: address(),
        destinationAddress: address(),
      };
  }
}

const KINDS: ReadonlyMap<number, NdpMessage["kind"]> = new Map(
  (Object.entries(NDP_TYPE) as [NdpMessage["kind"], number][]).map(([kind, type]) => [type, kind]),
);

/** Where in the message the rule looks; 0 for what the IPv6 header says. */
const OFFSETS: Readonly<Record<NdpFault, number>> = {
  ndp_hop_limit: 0,
  ndp_source: 0,
  ndp_destination: 0,
  ndp_solicited: 4,
  ndp_target: 8,
  ndp_source_link_layer_address: 8,
};
