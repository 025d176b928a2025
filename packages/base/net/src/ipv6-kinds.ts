import { type Cidr6, contains6 } from "./cidr6.ts";
import { type Ipv6, ipv6Bytes, ipv6FromBytes } from "./ipv6.ts";
import { type Mac, macBytes } from "./mac.ts";

/** The unspecified address: "none yet". */
export const IPV6_ANY = "::" as Ipv6;
export const IPV6_LOOPBACK = "::1" as Ipv6;
/** RFC 4291 section 2.7.1. */
export const ALL_NODES = "ff02::1" as Ipv6;
export const ALL_ROUTERS = "ff02::2" as Ipv6;

/** fe80::/10 (RFC 4291 section 2.5.6): means something on one link only. */
export function isLinkLocal6(address: Ipv6): boolean {
  return contains6(LINK_LOCAL, address);
}

export function isMulticast6(address: Ipv6): boolean {
  return contains6(MULTICAST, address);
}

/** fc00::/7 (RFC 4193): local to a site, never from an operator. */
export function isUniqueLocal6(address: Ipv6): boolean {
  return contains6(UNIQUE_LOCAL, address);
}

/** Numerical order, for "the lowest address" and for sorted lists: negative where `a` comes first. */
export function compareIpv6(a: Ipv6, b: Ipv6): number {
  const left = ipv6Bytes(a);
  const right = ipv6Bytes(b);
  for (let i = 0; i < 16; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The modified EUI-64 of a hardware address (RFC 4291 appendix A) as an address without prefix,
 * "::0011:22ff:fe33:4455" with the second bit turned: the host for `withHost6`.
 */
export function eui64Host(mac: Mac): Ipv6 {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macBytes(mac);
  return fromHalves(new Uint8Array(8), Uint8Array.of(a ^ 0x02, b, c, 0xff, 0xfe, d, e, f));
}

/** The link-local address that a machine with this hardware address gives itself (RFC 4862 section 5.3). */
export function linkLocalOf(mac: Mac): Ipv6 {
  const host = ipv6Bytes(eui64Host(mac));
  return fromHalves(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0), host.subarray(8));
}

/** The multicast group in which the owner of an address hears neighbour solicitations (RFC 4291 section 2.7.1). */
export function solicitedNodeOf(address: Ipv6): Ipv6 {
  const bytes = ipv6Bytes(SOLICITED_NODE.address);
  bytes.set(ipv6Bytes(address).subarray(13), 13);
  return fromHalves(bytes.subarray(0, 8), bytes.subarray(8));
}

export function isSolicitedNode(address: Ipv6): boolean {
  return contains6(SOLICITED_NODE, address);
}

function fromHalves(prefix: Uint8Array, host: Uint8Array): Ipv6 {
  const bytes = new Uint8Array(16);
  bytes.set(prefix);
  bytes.set(host, 8);
  const address = ipv6FromBytes(bytes);
  if (address === undefined) throw new Error("invariant: sixteen octets are an address");
  return address;
}

const LINK_LOCAL: Cidr6 = { address: "fe80::" as Ipv6, prefixLength: 10 };
const MULTICAST: Cidr6 = { address: "ff00::" as Ipv6, prefixLength: 8 };
const UNIQUE_LOCAL: Cidr6 = { address: "fc00::" as Ipv6, prefixLength: 7 };
const SOLICITED_NODE: Cidr6 = { address: "ff02::1:ff00:0" as Ipv6, prefixLength: 104 };
