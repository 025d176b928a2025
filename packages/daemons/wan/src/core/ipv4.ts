import type { Cidr4, Ipv4 } from "@passerelle/net";
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

/** What carries IPv6: the link itself, or the session on it. */
export function carrierOfIpv6({ ppp, link }: WanMachineState): LinkState {
  return ppp === undefined || ppp.ipv6 ? link : { ...link, phase: { kind: "waiting" } };
}
