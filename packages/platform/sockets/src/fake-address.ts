import {
  type Ipv4,
  type Ipv6,
  ipv6Bytes,
  isLinkLocal6,
  MAC_BROADCAST,
  type Mac,
  macFromBytes,
} from "@passerelle/net";

/** Multicast, the limited broadcast, and what ends in .255 (the networks of tests are /24). */
export function isGroup(address: Ipv4 | Ipv6): boolean {
  if (typeof address === "string") return address.startsWith("ff");
  return address === 0xffff_ffff || address >>> 28 === 0xe || (address & 0xff) === 0xff;
}

export function isAny(address: Ipv4 | Ipv6): boolean {
  return address === 0 || address === "::";
}

export function isLinkLocal(address: Ipv4 | Ipv6): boolean {
  return typeof address === "string" && isLinkLocal6(address);
}

export function familyOf(address: Ipv4 | Ipv6): 4 | 6 {
  return typeof address === "number" ? 4 : 6;
}

/** RFC 2464 section 7 for IPv6; all groups of IPv4 share one. */
export function groupMac(group: Ipv4 | Ipv6): Mac {
  if (typeof group === "number")
    return group >>> 28 === 0xe ? ("01:00:5e:00:00:01" as Mac) : MAC_BROADCAST;
  const bytes = ipv6Bytes(group).slice(10);
  bytes.set([0x33, 0x33]);
  const mac = macFromBytes(bytes);
  if (mac === undefined) throw new Error("invariant: six octets are a MAC");
  return mac;
}

/** What a sender of one interface is called: of IPv6 an address as wide as the destination, if there is one. */
export function sourceFor(
  own: readonly (Ipv4 | Ipv6)[],
  destination: Ipv4 | Ipv6,
): Ipv4 | Ipv6 | undefined {
  const family = familyOf(destination);
  const near = isLinkLocal(destination) || /^ff.[12]:/.test(String(destination));
  const candidates = own.filter((one) => familyOf(one) === family);
  return candidates.find((one) => isLinkLocal(one) === near) ?? candidates[0];
}
