import { type Cidr6, eui64Host, type Ipv6, type Mac, withHost6 } from "@passerelle/net";
import { earliest, type Instant } from "@passerelle/time";
import type { Dhcpv6State } from "../dhcpv6/state.ts";
import { defaultRouters, type Router, type RouterState } from "../router/state.ts";

/** What the kernel is to have of IPv6 on the line: all of it, and nothing else of ours. */
export interface Network6 {
  readonly addresses: readonly Address6[];
  readonly routes: readonly Route6[];
}

export interface Address6 {
  readonly address: Ipv6;
  readonly prefixLength: number;
  /** Absent: for ever. */
  readonly preferredUntil?: Instant;
  readonly validUntil?: Instant;
}

export interface Route6 {
  /** Absent: the default route. */
  readonly destination?: Cidr6;
  /** Absent: on the link; of an unreachable route there is none. */
  readonly gateway?: Ipv6;
  readonly until?: Instant;
  /** Lower is taken first. */
  readonly metric: number;
  /** Refuses what no more specific route takes. */
  readonly unreachable?: boolean;
}

export const NO_NETWORK: Network6 = { addresses: [], routes: [] };

export interface Network6Parts {
  readonly router: RouterState;
  readonly dhcpv6: Dhcpv6State;
  readonly mac: Mac;
  /** The router of an operator that sends no advertisements. */
  readonly fixedRouter?: Ipv6;
}

export function networkOfLine({ router, dhcpv6, mac, fixedRouter }: Network6Parts): Network6 {
  const { held } = dhcpv6;
  const routers = defaultRouters(router);
  const leased = (held?.addresses ?? []).map(({ address, preferredUntil, validUntil }) => ({
    ...{ address, prefixLength: 128 },
    ...ends(preferredUntil, validUntil),
  }));
  const made = router.routers.flatMap((one) => autonomous(one, mac));
  const fallback = routers.length === 0 && held !== undefined ? fixedRouter : undefined;
  return {
    addresses: [...leased, ...unlike(made, ({ address }) => address)],
    routes: [
      // The kernel has one route of a metric: each router has its own.
      ...routers.map(({ address, preference, defaultUntil }, i) => ({
        gateway: address,
        metric: METRICS[preference] + i,
        ...(defaultUntil === undefined ? {} : { until: defaultUntil }),
      })),
      ...(fallback === undefined ? [] : [{ gateway: fallback, metric: METRICS.low }]),
      ...unlike(router.routers.flatMap(routesOf), ({ destination }) => textOf(destination)),
      ...(held?.prefixes ?? []).map(({ prefix, validUntil }) => ({
        // RFC 7084 WPD-5: what the home does not use of its prefix goes back to nobody.
        ...{ destination: prefix, metric: METRIC_UNREACHABLE, unreachable: true },
        ...(validUntil === undefined ? {} : { until: validUntil }),
      })),
    ],
  };
}

/** Resolvers of both ways, those of the lease first, without repetition. */
export function resolversOf(router: RouterState, dhcpv6: Dhcpv6State): readonly Ipv6[] {
  const advertised = router.routers.flatMap(({ resolvers }) => resolvers.map(({ value }) => value));
  return [...new Set([...dhcpv6.extras.resolvers, ...advertised])].slice(0, RESOLVERS_MAX);
}

/** RFC 4862 section 5.5.3 (d): an address of each prefix that leaves 64 bits for it. */
function autonomous({ prefixes }: Router, mac: Mac): readonly Address6[] {
  return prefixes
    .filter(({ autonomous: isAsked, prefix }) => isAsked && prefix.prefixLength === 64)
    .map(({ prefix, onLink, preferredUntil, validUntil }) => ({
      address: withHost6(prefix, eui64Host(mac)),
      // A prefix that is not on the link gives an address and no route (RFC 7084 WAA-2).
      prefixLength: onLink ? 64 : 128,
      ...ends(preferredUntil, validUntil),
    }));
}

/** RFC 4191 section 3: routes of a router; and prefixes on the link that give no address of ours. */
function routesOf({ address, routes, prefixes }: Router): readonly Route6[] {
  const onLink = prefixes.filter((one) => one.onLink && !one.autonomous);
  return [
    ...routes.map(({ prefix, preference, until }) => ({
      ...(prefix.prefixLength === 0 ? {} : { destination: prefix }),
      ...{ gateway: address, metric: METRICS[preference] },
      ...(until === undefined ? {} : { until }),
    })),
    ...onLink.map(({ prefix, validUntil }) => ({
      ...{ destination: prefix, metric: METRICS.high },
      ...(validUntil === undefined ? {} : { until: validUntil }),
    })),
  ];
}

function ends(preferredUntil: Instant | undefined, validUntil: Instant | undefined) {
  const preferred = earliest(preferredUntil, validUntil);
  return {
    ...(preferred === undefined ? {} : { preferredUntil: preferred }),
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

function unlike<T>(list: readonly T[], keyOf: (one: T) => string): readonly T[] {
  return list.filter((one, i) => list.findIndex((other) => keyOf(other) === keyOf(one)) === i);
}

function textOf(destination: Cidr6 | undefined): string {
  return destination === undefined ? "" : `${destination.address}/${destination.prefixLength}`;
}

const METRICS = { high: 512, medium: 1024, low: 2048 } as const;
/** Behind every route of the home's own networks. */
const METRIC_UNREACHABLE = 0x7fff_ffff;
const RESOLVERS_MAX = 4;
