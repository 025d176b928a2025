import { type Cidr4, contains4, type Ipv4, ipv4 } from "@passerelle/net";
import type { LinkState } from "./link.ts";
import type { WanMachineState } from "./state.ts";

/** IPv4 of the line, whether DHCP or PPP gave it. */
export interface Ipv4OfLine extends Cidr4 {
  readonly resolvers: readonly Ipv4[];
  /** Hostile text. */
  readonly domain?: string;
}

export function ipv4Of({ ppp, session }: WanMachineState): Ipv4OfLine | undefined {
  if (ppp === undefined) return session.held;
  const { ipv4 } = ppp;
  if (ipv4 === undefined) return undefined;
  return { address: ipv4.address, prefixLength: 32, resolvers: ipv4.resolvers };
}

/** Who stands between the address and the Internet; undefined: nobody. */
export function sharedBy(address: Ipv4): "operator" | "router" | undefined {
  if (contains4(SHARED_BY_OPERATOR, address)) return "operator";
  return isPrivate(address) ? "router" : undefined;
}

/** RFC 1918. */
export function isPrivate(address: Ipv4): boolean {
  return PRIVATE.some((range) => contains4(range, address));
}

/** 100.64.0.0/10 (RFC 6598). */
const SHARED_BY_OPERATOR: Cidr4 = { address: ipv4(0x6440_0000), prefixLength: 10 };
/** 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918). */
const PRIVATE: readonly Cidr4[] = [
  { address: ipv4(0x0a00_0000), prefixLength: 8 },
  { address: ipv4(0xac10_0000), prefixLength: 12 },
  { address: ipv4(0xc0a8_0000), prefixLength: 16 },
];

/** What carries IPv6: the link itself, or the session on it. */
export function carrierOfIpv6({ ppp, link }: WanMachineState): LinkState {
  return ppp === undefined || ppp.ipv6 ? link : { ...link, phase: { kind: "waiting" } };
}
