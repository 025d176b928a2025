import { concatBytes } from "@passerelle/bytes";
import { err, ok, type Result } from "@passerelle/result";

/** Attribute types that operators carry in DHCP (RFC 2865 section 5). */
export const RadiusAttributeType = {
  userName: 1,
  chapPassword: 3,
  vendorSpecific: 26,
  chapChallenge: 60,
} as const;

export interface RadiusAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** RFC 2865 section 5: the length octet counts type and length too, so 253 octets of value at most. */
export const RADIUS_VALUE_MAX = 253;

export function encodeAttribute(attribute: RadiusAttribute): Uint8Array {
  const length = attribute.value.length + 2;
  if (!(length <= 255)) throw new Error("invariant: a RADIUS value is 253 octets at most");
  return concatBytes(Uint8Array.of(attribute.type, length), attribute.value);
}

export interface RadiusError {
  readonly code: "attribute_truncated" | "attribute_too_short";
  /** Offset in octets where reading stopped. */
  readonly at: number;
}

/** A chain of attributes to its end; types we do not know are kept as they are. */
export function decodeAttributes(
  bytes: Uint8Array,
): Result<readonly RadiusAttribute[], RadiusError> {
  const attributes: RadiusAttribute[] = [];
  let at = 0;
  while (at < bytes.length) {
    const type = bytes[at] ?? 0;
    const length = bytes[at + 1] ?? 0;
    if (at + 2 > bytes.length) return err({ code: "attribute_truncated", at });
    if (length < 2) return err({ code: "attribute_too_short", at: at + 1 });
    if (at + length > bytes.length) return err({ code: "attribute_truncated", at });
    attributes.push({ type, value: bytes.slice(at + 2, at + length) });
    at += length;
  }
  return ok(attributes);
}
