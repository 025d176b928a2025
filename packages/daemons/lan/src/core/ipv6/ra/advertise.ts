import {
  dnsSearchListOption,
  mtuOption,
  type NdpOption,
  PREFIX_FLAG,
  prefixInformationOption,
  RA_FLAG,
  type RouterAdvertisement,
  recursiveDnsServersOption,
  routeInformationOption,
  sourceLinkLayerAddressOption,
} from "@passerelle/ndp";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import {
  isValid,
  type Lifetimes,
  PREFERRED_MAX_SECONDS,
  secondsLeft,
  toldLifetimes,
} from "../lifetimes.ts";
import { type Announced, type Former, isDefaultRouter, resolversOf } from "./announced.ts";
import type { Home, RaConfig } from "./config.ts";

export interface Telling {
  readonly config: RaConfig;
  readonly home: Home;
  readonly former: readonly Former[];
}

/** What is told now: of today with what is left of it, of before with no time left at all. */
export function advertisement(
  { config, home, former }: Telling,
  now: Instant,
): RouterAdvertisement {
  return build(config, isDefaultRouter(home, now) ? PREFERRED_MAX_SECONDS : 0, [
    sourceLinkLayerAddressOption(home.mac),
    ...(config.mtuBytes === undefined ? [] : [mtuOption(config.mtuBytes)]),
    ...prefixOptions(config, home, now),
    ...routeOptions(home, now),
    ...resolverOptions(config, home, now),
    ...former.map(({ what }) => endOf(what)),
  ]);
}

/** RFC 4861 section 6.2.5: we are a router no more. Hosts keep their addresses. */
export function farewell({ config, home, former }: Telling, now: Instant): RouterAdvertisement {
  const routes = home.routes.filter((route) => isValid(route, now));
  const addresses = resolversOf(config, home, now);
  return build(config, 0, [
    sourceLinkLayerAddressOption(home.mac),
    ...routes.map(({ prefix }) => endOf({ kind: "route", prefix })),
    ...addresses.map((address) => endOf({ kind: "resolver", address })),
    ...former.map(({ what }) => endOf(what)),
  ]);
}

function build(
  { addressing }: RaConfig,
  routerLifetime: number,
  options: readonly NdpOption[],
): RouterAdvertisement {
  const length = options.reduce((sum, { data }) => sum + data.length + 2, HEADER_LENGTH);
  invariant(length <= LENGTH_MAX, "an advertisement fits into the smallest packet of a link");
  return {
    kind: "router_advertisement",
    curHopLimit: HOP_LIMIT,
    // RFC 7084, L-7 and L-9: the other things always come by DHCPv6, too.
    flags: RA_FLAG.O | (addressing === "slaac" ? 0 : RA_FLAG.M),
    routerLifetime,
    reachableTime: 0,
    retransTimer: 0,
    options,
  };
}

function prefixOptions(config: RaConfig, home: Home, now: Instant): readonly NdpOption[] {
  const flags = PREFIX_FLAG.L | (config.addressing === "dhcpv6" ? 0 : PREFIX_FLAG.A);
  return home.subnets
    .filter((subnet) => isValid(subnet, now))
    .map((subnet) =>
      prefixInformationOption({ prefix: subnet.prefix, flags, ...toldLifetimes(subnet, now) }),
    );
}

function routeOptions(home: Home, now: Instant): readonly NdpOption[] {
  return home.routes
    .filter((route) => isValid(route, now))
    .map((route) =>
      routeInformationOption({
        prefix: route.prefix,
        preference: "medium",
        routeLifetime: secondsLeft(route.validUntil, now, PREFERRED_MAX_SECONDS),
      }),
    );
}

function resolverOptions(config: RaConfig, home: Home, now: Instant): readonly NdpOption[] {
  const options: NdpOption[] = [];
  const addresses = resolversOf(config, home, now);
  const own = home.subnets.find(({ address }) => addresses.includes(address));
  const ends: Lifetimes = own ?? {};
  const lifetime = secondsLeft(ends.validUntil, now, PREFERRED_MAX_SECONDS);
  if (addresses.length > 0) options.push(recursiveDnsServersOption({ lifetime, addresses }));
  if (config.searchDomains.length > 0) {
    options.push(
      dnsSearchListOption({ lifetime: PREFERRED_MAX_SECONDS, names: config.searchDomains }),
    );
  }
  return options;
}

/** RFC 9096 section 3.5 (L-13): no time left, the flags as they were. */
function endOf(what: Announced): NdpOption {
  switch (what.kind) {
    case "prefix":
      return prefixInformationOption({
        prefix: what.prefix,
        flags: (what.onLink ? PREFIX_FLAG.L : 0) | (what.autonomous ? PREFIX_FLAG.A : 0),
        validLifetime: 0,
        preferredLifetime: 0,
      });
    case "route":
      return routeInformationOption({
        prefix: what.prefix,
        preference: "medium",
        routeLifetime: 0,
      });
    case "resolver":
      return recursiveDnsServersOption({ lifetime: 0, addresses: [what.address] });
  }
}

const HOP_LIMIT = 64;
const HEADER_LENGTH = 16;
/** RFC 8200 section 5, without the IPv6 header. */
const LENGTH_MAX = 1280 - 40;
