import { ipv6Bytes, parseIpv6 } from "@passerelle/net";
import type { Cidr6 } from "./model.ts";

export function parseCidr6(text: string): Cidr6 | undefined {
  const match = /^([0-9a-f:.]{2,45})\/(\d{1,3})$/i.exec(text);
  if (match === null) return undefined;
  const address = parseIpv6(match[1] ?? "");
  const prefixLength = Number(match[2]);
  if (address === undefined || prefixLength > 128) return undefined;
  return { address, prefixLength };
}

export function formatCidr6(cidr: Cidr6): string {
  return `${cidr.address}/${cidr.prefixLength}`;
}

/** True where every address of `inner` is one of `outer`. */
export function covers6(outer: Cidr6, inner: Cidr6): boolean {
  if (outer.prefixLength > inner.prefixLength) return false;
  const a = ipv6Bytes(outer.address);
  const b = ipv6Bytes(inner.address);
  for (let bit = 0; bit < outer.prefixLength; bit += 1) {
    const mask = 0x80 >>> (bit & 7);
    if (((a[bit >>> 3] ?? 0) & mask) !== ((b[bit >>> 3] ?? 0) & mask)) return false;
  }
  return true;
}
