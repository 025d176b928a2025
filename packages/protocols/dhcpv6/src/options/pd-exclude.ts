import { type Cidr6, contains6, ipv6Bytes, ipv6FromBytes } from "@passerelle/net";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";

/**
 * Option PD_EXCLUDE (RFC 6603 section 4.2): the bits of the excluded prefix that come after those of the
 * delegated one, left-aligned in as few octets as hold them.
 *
 * @param delegated the prefix of the IAPREFIX that the option stands in
 */
export function decodePdExclude(bytes: Uint8Array, delegated: Cidr6): Result<Cidr6, DecodeError> {
  const prefixLength = bytes[0];
  if (prefixLength === undefined) return err({ code: "exclude_truncated", at: 0 });
  if (!(prefixLength > delegated.prefixLength && prefixLength <= 128)) {
    return err({ code: "exclude_length", at: 0 });
  }
  const bits = prefixLength - delegated.prefixLength;
  if (bytes.length !== 1 + Math.ceil(bits / 8)) {
    return err({ code: "exclude_truncated", at: bytes.length });
  }
  const whole = ipv6Bytes(delegated.address);
  for (let bit = 0; bit < bits; bit += 1) {
    if (bitOf(bytes, 8 + bit) === 1) setBit(whole, delegated.prefixLength + bit);
  }
  const address = ipv6FromBytes(whole);
  invariant(address !== undefined, "sixteen octets are an address");
  return ok({ address, prefixLength });
}

export function encodePdExclude(excluded: Cidr6, delegated: Cidr6): Uint8Array {
  const bits = excluded.prefixLength - delegated.prefixLength;
  invariant(bits > 0 && contains6(delegated, excluded.address), "a part of the prefix is excluded");
  const bytes = new Uint8Array(1 + Math.ceil(bits / 8));
  bytes[0] = excluded.prefixLength;
  const whole = ipv6Bytes(excluded.address);
  for (let bit = 0; bit < bits; bit += 1) {
    if (bitOf(whole, delegated.prefixLength + bit) === 1) setBit(bytes, 8 + bit);
  }
  return bytes;
}

function bitOf(bytes: Uint8Array, bit: number): number {
  return ((bytes[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1;
}

function setBit(bytes: Uint8Array, bit: number): void {
  bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) | (0x80 >>> (bit & 7));
}
