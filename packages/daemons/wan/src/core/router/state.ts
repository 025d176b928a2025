import { checkExchange, type Exchange } from "@passerelle/dhcpv6";
import type { Rng } from "@passerelle/machine";
import type { RouterPreference } from "@passerelle/ndp";
import type { Cidr6, Ipv6 } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";

/** The routers of the operator's link, as their advertisements have them (RFC 4861 section 6.3). */
export interface RouterState {
  readonly phase: RouterPhase;
  /** Known by their link-local address; at most a few, for a stranger can make them up. */
  readonly routers: readonly Router[];
  readonly rng: Rng;
  /** Advertisements that break a rule. */
  readonly malformed: number;
}

export type RouterPhase =
  | { readonly kind: "down" }
  /** Solicits until there is a default router (RFC 7559). */
  | { readonly kind: "looking"; readonly exchange: Exchange }
  | { readonly kind: "found" };

export interface Router {
  readonly address: Ipv6;
  readonly preference: RouterPreference;
  /** Until when it is a default router; absent: it is none. */
  readonly defaultUntil?: Instant;
  /** Addresses, or other things, come by DHCPv6. */
  readonly managed: boolean;
  readonly other: boolean;
  readonly mtu?: number;
  readonly prefixes: readonly AdvertisedPrefix[];
  readonly routes: readonly AdvertisedRoute[];
  readonly resolvers: readonly Advertised<Ipv6>[];
  readonly domains: readonly Advertised<string>[];
}

export interface AdvertisedPrefix {
  readonly prefix: Cidr6;
  readonly onLink: boolean;
  /** Hosts make addresses of it. */
  readonly autonomous: boolean;
  /** Absent: for ever. */
  readonly preferredUntil?: Instant;
  readonly validUntil?: Instant;
}

export interface AdvertisedRoute {
  readonly prefix: Cidr6;
  readonly preference: RouterPreference;
  readonly until?: Instant;
}

export interface Advertised<T> {
  readonly value: T;
  readonly until?: Instant;
}

export function initialRouter(rng: Rng): RouterState {
  return { phase: { kind: "down" }, routers: [], rng, malformed: 0 };
}

export function defaultRouters({ routers }: RouterState): readonly Router[] {
  return routers.filter(({ defaultUntil }) => defaultUntil !== undefined);
}

export function checkRouter(state: RouterState): void {
  const { phase, routers } = state;
  if (phase.kind === "looking") checkExchange(phase.exchange);
  invariant(routers.length <= ROUTERS_MAX, "strangers do not fill the list of routers");
  invariant(
    phase.kind !== "found" || defaultRouters(state).length > 0,
    "what is found is a default router",
  );
  const addresses = routers.map(({ address }) => address);
  invariant(new Set(addresses).size === addresses.length, "a router is known once");
}

export const ROUTERS_MAX = 8;
