import { ByteWriter } from "@passerelle/bytes";
import { type Mac, macBytes, macFromBytes } from "@passerelle/net";
import { HTYPE_ETHERNET } from "../message.ts";

/** What a client identifier (option 61, RFC 2132 section 9.14) says, where it has a known form. */
export type ClientIdentifier =
  /** RFC 4361: an association of one device; the DUID stays when the network card changes. */
  | { readonly kind: "duid"; readonly iaid: number; readonly duid: Uint8Array }
  /** The old form: hardware type and address. */
  | { readonly kind: "ethernet"; readonly mac: Mac }
  /** Anything else, only to be compared. */
  | { readonly kind: "opaque"; readonly bytes: Uint8Array };

const TYPE_DUID = 255;
const DUID_LENGTH_MIN = 3;
/** RFC 8415 section 11.1: at most 128 octets after the two of its type. */
const DUID_LENGTH_MAX = 130;

export function readClientIdentifier(data: Uint8Array): ClientIdentifier {
  if (data[0] === TYPE_DUID) {
    const duid = data.slice(5);
    if (duid.length >= DUID_LENGTH_MIN && duid.length <= DUID_LENGTH_MAX) {
      const [, a = 0, b = 0, c = 0, d = 0] = data;
      return { kind: "duid", iaid: a * 0x100_0000 + ((b << 16) | (c << 8) | d), duid };
    }
  }
  const mac = data[0] === HTYPE_ETHERNET && data.length === 7 ? macFromBytes(data, 1) : undefined;
  return mac === undefined ? { kind: "opaque", bytes: data } : { kind: "ethernet", mac };
}

export function writeClientIdentifier(identifier: ClientIdentifier): Uint8Array {
  switch (identifier.kind) {
    case "duid":
      return new ByteWriter()
        .uint8(TYPE_DUID)
        .uint32(identifier.iaid)
        .put(identifier.duid)
        .finish();
    case "ethernet":
      return new ByteWriter().uint8(HTYPE_ETHERNET).put(macBytes(identifier.mac)).finish();
    case "opaque":
      return identifier.bytes;
  }
}
