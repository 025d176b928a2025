import type { NameText } from "@passerelle/dns";
import type { Cidr6, Ipv6, Mac } from "@passerelle/net";
import type { Duration } from "@passerelle/time";
import type { Lifetimes } from "../lifetimes.ts";
import type { Subnet } from "../plan.ts";

/** What a person decides about the router advertisements of one network. */
export interface RaConfig {
  readonly network: string;
  /** Who makes the hosts' addresses: themselves (the default), they and DHCPv6, or DHCPv6 alone (RFC 7084, L-6 to L-9). */
  readonly addressing: "slaac" | "slaac-and-dhcpv6" | "dhcpv6";
  /** Longest time between two advertisements nobody asked for: 4 s to 30 min (RFC 4861 section 6.2.1). */
  readonly maxInterval: Duration;
  /** What hosts shall use as MTU; undefined leaves it to the link. */
  readonly mtuBytes: number | undefined;
  /** Empty: the box itself. */
  readonly resolvers: readonly Ipv6[];
  readonly searchDomains: readonly NameText[];
}

/** What there is to tell. */
export interface Home {
  /** Of our interface. */
  readonly mac: Mac;
  /** The /64s of the network. */
  readonly subnets: readonly Subnet[];
  /** What is reached by us whether or not the Internet is: the operator's prefixes and our own (L-3). */
  readonly routes: readonly Route[];
  /** The Internet is (G-5). */
  readonly reachable: boolean;
}

export interface Route extends Lifetimes {
  readonly prefix: Cidr6;
}
