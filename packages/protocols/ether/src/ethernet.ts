import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type Mac, macBytes, macFromBytes } from "@passerelle/net";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";

/** An Ethernet II frame without its frame check sequence, which the card adds and takes away. */
export interface EthernetFrame {
  readonly destination: Mac;
  readonly source: Mac;
  /** The outermost 802.1Q tag, where the frame has one. A second tag stays in the payload (etherType 0x8100). */
  readonly tag?: VlanTag;
  /** Protocol of the payload (IANA "IEEE 802 Numbers"). */
  readonly etherType: number;
  readonly payload: Uint8Array;
}

/** IEEE 802.1Q-2018 9.6: tag control information. */
export interface VlanTag {
  /** Priority code point, 0 to 7. */
  readonly priority: number;
  readonly dropEligible: boolean;
  /** 1 to 4094; 0 tags the priority alone. */
  readonly vlan: number;
}

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_VLAN = 0x8100;
export const ETHERTYPE_IPV6 = 0x86dd;

/** Shortest frame without its check sequence (IEEE 802.3 4A.4.2): 64 octets less 4. */
export const ETHERNET_FRAME_MIN = 60;

/**
 * @param tagTaken the tag control information that the kernel took out of the frame before we read it
 * (packet sockets report it beside the frame)
 */
export function decodeEthernet(
  bytes: Uint8Array,
  tagTaken?: number,
): Result<EthernetFrame, DecodeError> {
  const reader = new ByteReader(bytes);
  const destination = macFromBytes(reader.take(6));
  const source = macFromBytes(reader.take(6));
  let etherType = reader.uint16();
  let tag = tagTaken === undefined ? undefined : decodeTag(tagTaken);
  if (tag === undefined && etherType === ETHERTYPE_VLAN) {
    tag = decodeTag(reader.uint16());
    etherType = reader.uint16();
  }
  if (reader.overrun !== undefined || destination === undefined || source === undefined) {
    return err({ code: "frame_truncated", at: reader.overrun ?? 0 });
  }
  // IEEE 802.3 3.2.6: below 0x0600 the field is a length, and the frame is of 802.2, which we do not speak.
  if (etherType < 0x0600) return err({ code: "frame_not_ethernet_ii", at: reader.at - 2 });
  return ok({
    destination,
    source,
    ...(tag === undefined ? {} : { tag }),
    etherType,
    payload: reader.take(reader.left),
  });
}

/** Not padded to the shortest length: the kernel or the card does that. */
export function encodeEthernet(frame: EthernetFrame): Uint8Array {
  const writer = new ByteWriter(18 + frame.payload.length);
  writer.put(macBytes(frame.destination)).put(macBytes(frame.source));
  if (frame.tag !== undefined) writer.uint16(ETHERTYPE_VLAN).uint16(encodeTag(frame.tag));
  return writer.uint16(frame.etherType).put(frame.payload).finish();
}

export function decodeTag(tagControl: number): VlanTag {
  return {
    priority: (tagControl >>> 13) & 0x7,
    dropEligible: (tagControl & 0x1000) !== 0,
    vlan: tagControl & 0xfff,
  };
}

export function encodeTag(tag: VlanTag): number {
  invariant(tag.priority >= 0 && tag.priority <= 7, "a priority code point has three bits");
  invariant(tag.vlan >= 0 && tag.vlan <= 0xfff, "a VLAN identifier has twelve bits");
  return (tag.priority << 13) | (tag.dropEligible ? 0x1000 : 0) | tag.vlan;
}
