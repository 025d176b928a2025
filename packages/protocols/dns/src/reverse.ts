import { type Ipv4, type Ipv6, ipv4FromBytes, ipv6Bytes, ipv6FromBytes } from "@passerelle/net";
import type { NameText } from "./name.ts";

/** The name under which PTR records of an address stand (RFC 1035 section 3.5, RFC 3596 section 2.5). */
export function reverseName4(address: Ipv4): NameText {
  return `${address & 0xff}.${(address >>> 8) & 0xff}.${(address >>> 16) & 0xff}.${address >>> 24}.in-addr.arpa`;
}

export function reverseName6(address: Ipv6): NameText {
  const nibbles: string[] = [];
  for (const octet of ipv6Bytes(address)) {
    nibbles.unshift((octet & 0x0f).toString(16), (octet >>> 4).toString(16));
  }
  return `${nibbles.join(".")}.ip6.arpa`;
}

/** The address of a whole reverse name, folded; undefined for any other name. */
export function addressOfReverse(name: NameText): Ipv4 | Ipv6 | undefined {
  if (name.endsWith(".in-addr.arpa")) {
    const octets = name.slice(0, -".in-addr.arpa".length).split(".").reverse();
    if (octets.length !== 4 || !octets.every((o) => /^(0|[1-9]\d{0,2})$/.test(o) && +o <= 255)) {
      return undefined;
    }
    return ipv4FromBytes(Uint8Array.from(octets, Number));
  }
  if (!name.endsWith(".ip6.arpa")) return undefined;
  const nibbles = name.slice(0, -".ip6.arpa".length).split(".").reverse();
  if (nibbles.length !== 32 || !nibbles.every((n) => /^[0-9a-f]$/.test(n))) return undefined;
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i += 1) {
    bytes[i] = Number.parseInt(`${nibbles[i * 2]}${nibbles[i * 2 + 1]}`, 16);
  }
  return ipv6FromBytes(bytes);
}
