import { ByteReader, ByteWriter, fromHex, toHex } from "@passerelle/bytes";
import { type Mac, macBytes, macFromBytes } from "@passerelle/net";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";

/**
 * What names a client or a server (RFC 9915 section 11). It is compared as octets and nothing may be
 * concluded from what is in it; its parts are for people and for building one's own.
 */
export type Duid =
  /** DUID-LLT: a hardware address, and when the DUID was made. */
  | {
      readonly kind: "llt";
      readonly hardwareType: number;
      /** Seconds since 2000-01-01 UTC, modulo 2^32. */
      readonly time: number;
      readonly linkLayerAddress: Uint8Array;
    }
  /** DUID-EN: a vendor's. */
  | { readonly kind: "en"; readonly enterprise: number; readonly identifier: Uint8Array }
  /** DUID-LL: a hardware address. */
  | { readonly kind: "ll"; readonly hardwareType: number; readonly linkLayerAddress: Uint8Array }
  /** DUID-UUID (RFC 6355), 16 octets. */
  | { readonly kind: "uuid"; readonly uuid: Uint8Array }
  /** A type that we do not know, or a known one in another form. */
  | { readonly kind: "other"; readonly type: number; readonly data: Uint8Array };

/** RFC 9915 section 11.1: 1 to 128 octets after the two of the type. */
export const DUID_LENGTH_MIN = 3;
export const DUID_LENGTH_MAX = 130;

const TYPE = { LLT: 1, EN: 2, LL: 3, UUID: 4 } as const;
const HARDWARE_TYPE_ETHERNET = 1;

export function isDuid(bytes: Uint8Array): boolean {
  return bytes.length >= DUID_LENGTH_MIN && bytes.length <= DUID_LENGTH_MAX;
}

export function decodeDuid(bytes: Uint8Array): Result<Duid, DecodeError> {
  if (bytes.length < DUID_LENGTH_MIN) return err({ code: "duid_too_short", at: bytes.length });
  if (bytes.length > DUID_LENGTH_MAX) return err({ code: "duid_too_long", at: DUID_LENGTH_MAX });
  const reader = new ByteReader(bytes);
  const type = reader.uint16();
  const duid = readKnown(type, reader);
  return ok(duid ?? { kind: "other", type, data: bytes.slice(2) });
}

export function encodeDuid(duid: Duid): Uint8Array {
  const bytes = write(duid);
  invariant(isDuid(bytes), "a DUID has 3 to 130 octets");
  return bytes;
}

/** A DUID-LL of an Ethernet interface. */
export function duidLl(mac: Mac): Uint8Array {
  const linkLayerAddress = macBytes(mac);
  return encodeDuid({ kind: "ll", hardwareType: HARDWARE_TYPE_ETHERNET, linkLayerAddress });
}

/** The hardware address in a DUID of an Ethernet interface: it says who made the device, not who sent the message. */
export function macInDuid(bytes: Uint8Array): Mac | undefined {
  const duid = decodeDuid(bytes);
  if (!duid.ok || !("linkLayerAddress" in duid.value)) return undefined;
  const { hardwareType, linkLayerAddress } = duid.value;
  const isEthernet = hardwareType === HARDWARE_TYPE_ETHERNET && linkLayerAddress.length === 6;
  return isEthernet ? macFromBytes(linkLayerAddress) : undefined;
}

/** All octets with colons between them, as other DHCP programs write a DUID: for logs, pages and configuration. */
export function formatDuid(bytes: Uint8Array): string {
  return toHex(bytes).replace(/(?<=.)(?=(?:..)+$)/g, ":");
}

/** Reads hexadecimal with or without colons; undefined where it is no DUID. */
export function parseDuid(text: string): Uint8Array | undefined {
  if (text.length > DUID_LENGTH_MAX * 3) return undefined;
  const bytes = fromHex(text);
  return bytes !== undefined && isDuid(bytes) ? bytes : undefined;
}

function readKnown(type: number, reader: ByteReader): Duid | undefined {
  switch (type) {
    case TYPE.LLT: {
      const hardwareType = reader.uint16();
      const time = reader.uint32();
      if (reader.overrun !== undefined) return undefined;
      return { kind: "llt", hardwareType, time, linkLayerAddress: reader.take(reader.left) };
    }
    case TYPE.EN: {
      const enterprise = reader.uint32();
      if (reader.overrun !== undefined) return undefined;
      return { kind: "en", enterprise, identifier: reader.take(reader.left) };
    }
    case TYPE.LL: {
      const hardwareType = reader.uint16();
      if (reader.overrun !== undefined) return undefined;
      return { kind: "ll", hardwareType, linkLayerAddress: reader.take(reader.left) };
    }
    case TYPE.UUID:
      return reader.left === 16 ? { kind: "uuid", uuid: reader.take(16) } : undefined;
    default:
      return undefined;
  }
}

function write(duid: Duid): Uint8Array {
  const writer = new ByteWriter(DUID_LENGTH_MAX);
  switch (duid.kind) {
    case "llt":
      writer.uint16(TYPE.LLT).uint16(duid.hardwareType).uint32(duid.time);
      return writer.put(duid.linkLayerAddress).finish();
    case "en":
      return writer.uint16(TYPE.EN).uint32(duid.enterprise).put(duid.identifier).finish();
    case "ll":
      writer.uint16(TYPE.LL).uint16(duid.hardwareType);
      return writer.put(duid.linkLayerAddress).finish();
    case "uuid":
      invariant(duid.uuid.length === 16, "a UUID has 16 octets");
      return writer.uint16(TYPE.UUID).put(duid.uuid).finish();
    case "other":
      return writer.uint16(duid.type).put(duid.data).finish();
  }
}
