import {
  type Attribute,
  AttributeSet,
  AttributeWriter,
  decodeAttributes,
  IFLA_VLAN_EGRESS_QOS,
  IFLA_VLAN_ID,
  type Link,
  uint32,
  uint32Bytes,
} from "@passerelle/netlink-codec";
import type { VlanOptions } from "./port.ts";

/** What the kernel is told of a new VLAN. */
export function vlanData(options: VlanOptions): readonly Attribute[] {
  const id: Attribute = {
    type: IFLA_VLAN_ID,
    flags: 0,
    bytes: Uint8Array.of(options.id & 0xff, options.id >>> 8),
  };
  if (options.egress === undefined) return [id];
  const inner = new AttributeWriter();
  for (const { priority, tag } of options.egress) {
    // struct ifla_vlan_qos_mapping: from, to.
    const mapping = new Uint8Array(8);
    mapping.set(uint32Bytes(priority));
    mapping.set(uint32Bytes(tag), 4);
    inner.attribute(IFLA_VLAN_QOS_MAPPING, mapping);
  }
  return [id, { type: IFLA_VLAN_EGRESS_QOS, flags: NLA_F_NESTED, bytes: inner.finish() }];
}

/**
 * What the kernel tells of a VLAN; undefined for an interface of another kind. It leaves out priorities that get the tag
 * 0, as every priority does that is not mapped.
 */
export function vlanOf(link: Link): VlanOptions | undefined {
  if (link.kind !== "vlan" || link.lower === undefined) return undefined;
  const data = new AttributeSet(link.kindData ?? []);
  const id = data.uint16(IFLA_VLAN_ID);
  if (id === undefined) return undefined;
  const mappings = decodeAttributes(data.bytes(IFLA_VLAN_EGRESS_QOS) ?? new Uint8Array(0));
  const egress = (mappings.ok ? mappings.value : [])
    .filter((one) => one.type === IFLA_VLAN_QOS_MAPPING && one.bytes.length === 8)
    .map(({ bytes }) => ({ priority: uint32(bytes, 0), tag: uint32(bytes, 4) }));
  return { lower: link.lower, id, egress };
}

const IFLA_VLAN_QOS_MAPPING = 1;
const NLA_F_NESTED = 0x8000;
