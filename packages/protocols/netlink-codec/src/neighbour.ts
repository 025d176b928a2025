import { type Mac, macBytes, macFromBytes } from "@passerelle/net";
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
  putUint16,
  putUint32,
  uint16,
  uint32,
} from "./attribute.ts";

/** An entry of the ARP or neighbour-discovery cache (struct ndmsg and NDA_* attributes). */
export interface Neighbour {
  readonly family: Family;
  readonly interfaceIndex: number;
  readonly address: IpAddress;
  /** Absent while it is looked for, and where it was not found. */
  readonly mac?: Mac;
  /** NUD_*. */
  readonly state: number;
  /** NTF_*; 128 is a router. */
  readonly flags: number;
  readonly type: number;
  readonly unknown: readonly Attribute[];
}

export function decodeNeighbour(payload: Uint8Array): Result<Neighbour, DecodeError> {
  if (payload.length < HEADER_BYTES) return err({ code: "neighbour_cut", at: payload.length });
  const family = familyOf(payload[0]);
  if (family === undefined) return err({ code: "family_unknown", at: 0 });
  const attributes = decodeAttributes(payload, HEADER_BYTES);
  if (!attributes.ok) return attributes;
  const set = new AttributeSet(attributes.value);
  const address = addressOf(set, NDA_DST, family);
  if (address === undefined) return err({ code: "address_missing", at: HEADER_BYTES });
  const hardware = set.bytes(NDA_LLADDR, 6);
  return ok({
    family,
    interfaceIndex: uint32(payload, 4),
    address,
    state: uint16(payload, 8),
    flags: payload[10] ?? 0,
    type: payload[11] ?? 0,
    ...defined({ mac: hardware === undefined ? undefined : macFromBytes(hardware) }),
    unknown: set.rest,
  });
}

export function encodeNeighbour(neighbour: Neighbour): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = familyNumber(neighbour.family);
  putUint32(header, 4, neighbour.interfaceIndex);
  putUint16(header, 8, neighbour.state);
  header[10] = neighbour.flags;
  header[11] = neighbour.type;
  return new AttributeWriter()
    .raw(header)
    .optional(NDA_DST, addressBytes(neighbour.address))
    .optional(NDA_LLADDR, neighbour.mac === undefined ? undefined : macBytes(neighbour.mac))
    .all(neighbour.unknown)
    .finish();
}

const HEADER_BYTES = 12;
const NDA_DST = 1;
const NDA_LLADDR = 2;
