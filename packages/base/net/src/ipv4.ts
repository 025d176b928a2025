declare const ipv4Brand: unique symbol;

/** An IPv4 address as an unsigned 32-bit number in network order: 192.0.2.1 is 0xc0000201. */
export type Ipv4 = number & { readonly [ipv4Brand]: true };

export const IPV4_ANY = 0 as Ipv4;
export const IPV4_BROADCAST = 0xffffffff as Ipv4;

export function ipv4(value: number): Ipv4 {
  return (value >>> 0) as Ipv4;
}

/** Dotted decimal, exactly four parts, no leading zeros (RFC 6943 section 3.1.1 strict form). */
export function parseIpv4(text: string): Ipv4 | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (const part of match.slice(1)) {
    if (part.length > 1 && part.startsWith("0")) return undefined;
    const octet = Number(part);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value as Ipv4;
}

export function formatIpv4(address: Ipv4): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
}

export function ipv4Bytes(address: Ipv4): Uint8Array {
  return Uint8Array.of(
    address >>> 24,
    (address >>> 16) & 0xff,
    (address >>> 8) & 0xff,
    address & 0xff,
  );
}

/** The four octets at `at`; undefined where there are fewer. */
export function ipv4FromBytes(bytes: Uint8Array, at = 0): Ipv4 | undefined {
  if (!(at >= 0 && at + 4 <= bytes.length)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return (a * 0x100_0000 + ((b << 16) | (c << 8) | d)) as Ipv4;
}
