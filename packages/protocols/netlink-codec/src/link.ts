import { type Mac, macBytes, macFromBytes } from "@passerelle/net";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { defined } from "./address-bytes.ts";
import {
  type Attribute,
  AttributeSet,
  AttributeWriter,
  decodeAttributes,
  putUint16,
  putUint32,
  uint16,
  uint32,
} from "./attribute.ts";

/** A network interface (struct ifinfomsg and IFLA_* attributes). */
export interface Link {
  readonly index: number;
  /** ARPHRD_*: 1 is Ethernet, 772 the loopback, 512 PPP. */
  readonly hardwareType: number;
  /** IFF_*; see IFF_UP and IFF_LOWER_UP. */
  readonly flags: number;
  readonly name?: string;
  readonly mac?: Mac;
  readonly mtu?: number;
  readonly operState?: OperState;
  /** 1 where the lower layer has a carrier. */
  readonly carrier?: number;
  /** The bridge or bond this one belongs to; 0 takes it out in a request. */
  readonly master?: number;
  /** The interface below: a VLAN's parent, a veth's peer. */
  readonly lower?: number;
  readonly transmitQueueLength?: number;
  readonly alias?: string;
  /** "bridge", "veth", "vlan", "dummy" … */
  readonly kind?: string;
  /** What the kind says of itself, for `kind` "vlan", "bridge" and others: attributes by number. */
  readonly kindData?: readonly Attribute[];
  /** The kind of the master, on its members. */
  readonly memberKind?: string;
  readonly unknown: readonly Attribute[];
}

/** RFC 2863 operational states, by the kernel's numbers. */
export const OPER_STATES = [
  "unknown",
  "not-present",
  "down",
  "lower-layer-down",
  "testing",
  "dormant",
  "up",
] as const;
export type OperState = (typeof OPER_STATES)[number];

/** Attribute numbers inside `kindData`. */
export const IFLA_VLAN_ID = 1;
export const IFLA_VLAN_EGRESS_QOS = 3;
export const IFLA_VLAN_PROTOCOL = 5;
export const VETH_INFO_PEER = 1;
export const IFLA_BR_STP_STATE = 5;
export const IFLA_BR_FORWARD_DELAY = 1;
export const IFLA_BR_MCAST_SNOOPING = 23;
export const IFLA_BR_MCAST_QUERIER = 25;

export function decodeLink(payload: Uint8Array): Result<Link, DecodeError> {
  if (payload.length < HEADER_BYTES) return err({ code: "link_cut", at: payload.length });
  const attributes = decodeAttributes(payload, HEADER_BYTES);
  if (!attributes.ok) return attributes;
  const set = new AttributeSet(attributes.value);
  const hardware = set.bytes(IFLA_ADDRESS, 6);
  const operState = OPER_STATES[set.uint8(IFLA_OPERSTATE) ?? -1];
  const info = decodeInfo(set);
  return ok({
    index: uint32(payload, 4),
    hardwareType: uint16(payload, 2),
    flags: uint32(payload, 8),
    ...defined({
      name: set.text(IFLA_IFNAME),
      mac: hardware === undefined ? undefined : macFromBytes(hardware),
      mtu: set.uint32(IFLA_MTU),
      operState,
      carrier: set.uint8(IFLA_CARRIER),
      master: set.uint32(IFLA_MASTER),
      lower: set.uint32(IFLA_LINK),
      transmitQueueLength: set.uint32(IFLA_TXQLEN),
      alias: set.text(IFLA_IFALIAS),
      ...info,
    }),
    unknown: set.rest,
  });
}

/** @param change the flags that a request changes to their value in `link.flags` */
export function encodeLink(link: Link, change = 0): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  putUint16(header, 2, link.hardwareType);
  putUint32(header, 4, link.index);
  putUint32(header, 8, link.flags);
  putUint32(header, 12, change);
  const writer = new AttributeWriter()
    .raw(header)
    .text(IFLA_IFNAME, link.name)
    .optional(IFLA_ADDRESS, link.mac === undefined ? undefined : macBytes(link.mac))
    .uint32(IFLA_MTU, link.mtu)
    .uint32(IFLA_LINK, link.lower)
    .uint32(IFLA_MASTER, link.master)
    .uint32(IFLA_TXQLEN, link.transmitQueueLength)
    .text(IFLA_IFALIAS, link.alias)
    .uint8(IFLA_OPERSTATE, link.operState && OPER_STATES.indexOf(link.operState))
    .uint8(IFLA_CARRIER, link.carrier);
  if (link.kind !== undefined || link.memberKind !== undefined) {
    writer.nested(IFLA_LINKINFO, (info) => {
      info.text(IFLA_INFO_KIND, link.kind);
      const data = link.kindData;
      if (data !== undefined) info.nested(IFLA_INFO_DATA, (inner) => inner.all(data));
      info.text(IFLA_INFO_SLAVE_KIND, link.memberKind);
    });
  }
  return writer.all(link.unknown).finish();
}

interface LinkInfo {
  readonly kind?: string | undefined;
  readonly kindData?: readonly Attribute[] | undefined;
  readonly memberKind?: string | undefined;
}

function decodeInfo(set: AttributeSet): LinkInfo {
  const bytes = set.bytes(IFLA_LINKINFO);
  if (bytes === undefined) return {};
  const attributes = decodeAttributes(bytes);
  if (!attributes.ok) return {};
  const info = new AttributeSet(attributes.value);
  const data = info.bytes(IFLA_INFO_DATA);
  const inner = data === undefined ? undefined : decodeAttributes(data);
  return {
    kind: info.text(IFLA_INFO_KIND),
    kindData: inner?.ok === true ? inner.value : undefined,
    memberKind: info.text(IFLA_INFO_SLAVE_KIND),
  };
}

const HEADER_BYTES = 16;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINK = 5;
const IFLA_MASTER = 10;
const IFLA_TXQLEN = 13;
const IFLA_OPERSTATE = 16;
const IFLA_LINKINFO = 18;
const IFLA_IFALIAS = 20;
const IFLA_CARRIER = 33;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_INFO_SLAVE_KIND = 4;
