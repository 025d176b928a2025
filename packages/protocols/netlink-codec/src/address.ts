import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import {
  addressBytes,
  addressOf,
  defined,
  type Family,
  familyNumber,
  familyOf,
  type IpAddress,
} from "./address-bytes.ts";
import {
  type Attribute,
  AttributeSet,
  AttributeWriter,
  decodeAttributes,
  putUint32,
  uint32,
} from "./attribute.ts";

export type { Family, IpAddress, Prefix } from "./address-bytes.ts";

/** An address of an interface (struct ifaddrmsg and IFA_* attributes). */
export interface InterfaceAddress {
  readonly family: Family;
  readonly interfaceIndex: number;
  /** The interface's own address. */
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** The other end of a point-to-point link, where it differs. */
  readonly peer?: IpAddress;
  readonly broadcast?: IpAddress;
  readonly label?: string;
  /** IFA_F_*. */
  readonly flags: number;
  /** RT_SCOPE_*. */
  readonly scope: number;
  /** Remaining seconds; absent for ever. */
  readonly preferredSeconds?: number;
  readonly validSeconds?: number;
  /** Metric of the route that comes with it. */
  readonly metric?: number;
  /** Who made it: IFAPROT_* of the kernel, or a program's own number. Absent before Linux 5.18. */
  readonly protocol?: number;
  readonly unknown: readonly Attribute[];
}

export function decodeInterfaceAddress(payload: Uint8Array): Result<InterfaceAddress, DecodeError> {
  if (payload.length < HEADER_BYTES) return err({ code: "address_cut", at: payload.length });
  const family = familyOf(payload[0]);
  if (family === undefined) return err({ code: "family_unknown", at: 0 });
  const attributes = decodeAttributes(payload, HEADER_BYTES);
  if (!attributes.ok) return attributes;
  const set = new AttributeSet(attributes.value);
  const near = addressOf(set, IFA_LOCAL, family);
  const far = addressOf(set, IFA_ADDRESS, family);
  // IFA_ADDRESS is the far end; without IFA_LOCAL (IPv6) it is the address itself.
  const address = near ?? far;
  if (address === undefined) return err({ code: "address_missing", at: HEADER_BYTES });
  const life = set.bytes(IFA_CACHEINFO, 16);
  return ok({
    family,
    interfaceIndex: uint32(payload, 4),
    address,
    prefixLength: payload[1] ?? 0,
    flags: set.uint32(IFA_FLAGS) ?? payload[2] ?? 0,
    scope: payload[3] ?? 0,
    ...defined({
      peer: far === address ? undefined : far,
      broadcast: addressOf(set, IFA_BROADCAST, family),
      label: set.text(IFA_LABEL),
      preferredSeconds: life === undefined ? undefined : finite(uint32(life, 0)),
      validSeconds: life === undefined ? undefined : finite(uint32(life, 4)),
      metric: set.uint32(IFA_RT_PRIORITY),
      protocol: set.uint8(IFA_PROTO),
    }),
    unknown: set.rest,
  });
}

export function encodeInterfaceAddress(address: InterfaceAddress): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = familyNumber(address.family);
  header[1] = address.prefixLength;
  header[2] = address.flags & 0xff;
  header[3] = address.scope;
  putUint32(header, 4, address.interfaceIndex);
  return new AttributeWriter()
    .raw(header)
    .optional(IFA_LOCAL, addressBytes(address.address))
    .optional(IFA_ADDRESS, addressBytes(address.peer ?? address.address))
    .optional(IFA_BROADCAST, addressBytes(address.broadcast))
    .text(IFA_LABEL, address.label)
    .uint32(IFA_FLAGS, address.flags)
    .uint32(IFA_RT_PRIORITY, address.metric)
    .uint8(IFA_PROTO, address.protocol)
    .optional(IFA_CACHEINFO, lifetimes(address))
    .all(address.unknown)
    .finish();
}

function lifetimes(address: InterfaceAddress): Uint8Array | undefined {
  const { preferredSeconds, validSeconds } = address;
  if (preferredSeconds === undefined && validSeconds === undefined) return undefined;
  const bytes = new Uint8Array(16);
  putUint32(bytes, 0, preferredSeconds ?? FOR_EVER);
  putUint32(bytes, 4, validSeconds ?? FOR_EVER);
  return bytes;
}

function finite(seconds: number): number | undefined {
  return seconds === FOR_EVER ? undefined : seconds;
}

const FOR_EVER = 0xffff_ffff;
const HEADER_BYTES = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;
const IFA_BROADCAST = 4;
const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;
const IFA_RT_PRIORITY = 9;
const IFA_PROTO = 11;
