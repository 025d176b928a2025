import type { PppoePacket, PppoeTag } from "./packet.ts";

/** Tag types (RFC 2516 appendix A, RFC 4638 section 4; IANA "Point-to-Point (PPP) over Ethernet"). */
export const TAG = {
  END_OF_LIST: 0x0000,
  SERVICE_NAME: 0x0101,
  AC_NAME: 0x0102,
  HOST_UNIQ: 0x0103,
  AC_COOKIE: 0x0104,
  VENDOR_SPECIFIC: 0x0105,
  RELAY_SESSION_ID: 0x0110,
  PPP_MAX_PAYLOAD: 0x0120,
  SERVICE_NAME_ERROR: 0x0201,
  AC_SYSTEM_ERROR: 0x0202,
  GENERIC_ERROR: 0x0203,
} as const;

/** The value of the first tag of a type. */
export function tagOf(packet: PppoePacket, type: number): Uint8Array | undefined {
  return packet.tags.find((tag) => tag.type === type)?.value;
}

export function tagsOf(packet: PppoePacket, type: number): readonly Uint8Array[] {
  return packet.tags.flatMap((tag) => (tag.type === type ? [tag.value] : []));
}

/** RFC 4638 section 4: the largest PPP payload a host or concentrator takes; undefined where absent or malformed. */
export function maxPayloadOf(packet: PppoePacket): number | undefined {
  const value = tagOf(packet, TAG.PPP_MAX_PAYLOAD);
  return value?.length === 2 ? ((value[0] ?? 0) << 8) | (value[1] ?? 0) : undefined;
}

export function maxPayloadTag(octets: number): PppoeTag {
  return { type: TAG.PPP_MAX_PAYLOAD, value: Uint8Array.of(octets >>> 8, octets & 0xff) };
}
