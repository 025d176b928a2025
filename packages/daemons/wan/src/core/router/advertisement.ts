import {
  dnsSearchListsOf,
  hasOtherConfiguration,
  isManaged,
  mtuBytesOf,
  PREFIX_FLAG,
  type PrefixInformation,
  prefixesOf,
  type RouterAdvertisement,
  recursiveDnsServersOf,
  routerPreferenceOf,
  routesOf,
} from "@passerelle/ndp";
import { type Cidr6, type Ipv6, isLinkLocal6, isMulticast6 } from "@passerelle/net";
import { after, hours, type Instant, seconds } from "@passerelle/time";
import type { Advertised, AdvertisedPrefix, AdvertisedRoute, Router } from "./state.ts";

/** What is known of a router after an advertisement of it. Things that it does not mention live on to their end. */
export function heard(
  known: Router | undefined,
  from: Ipv6,
  advertisement: RouterAdvertisement,
  now: Instant,
): Router {
  const { routerLifetime } = advertisement;
  const mtu = readMtu(advertisement) ?? known?.mtu;
  return {
    address: from,
    preference: routerPreferenceOf(advertisement),
    ...(routerLifetime === 0 ? {} : { defaultUntil: after(now, seconds(routerLifetime)) }),
    managed: isManaged(advertisement),
    other: hasOtherConfiguration(advertisement),
    ...(mtu === undefined ? {} : { mtu }),
    prefixes: mergedPrefixes(known?.prefixes ?? [], prefixesOf(advertisement), now),
    routes: mergedRoutes(known?.routes ?? [], advertisement, now),
    resolvers: mergedValues(
      known?.resolvers ?? [],
      recursiveDnsServersOf(advertisement).flatMap(({ lifetime, addresses }) =>
        addresses.filter(isResolver).map((value) => ({ value, lifetime })),
      ),
      now,
    ),
    domains: mergedValues(
      known?.domains ?? [],
      dnsSearchListsOf(advertisement).flatMap(({ lifetime, names }) =>
        names.map((value) => ({ value, lifetime })),
      ),
      now,
    ),
  };
}

/** Without what is over; the same value where nothing is. */
export function aged(router: Router, now: Instant): Router {
  const isLeft = ({ until }: { readonly until?: Instant }): boolean =>
    until === undefined || until > now;
  const prefixes = router.prefixes.filter(
    ({ validUntil }) => validUntil === undefined || validUntil > now,
  );
  const routes = router.routes.filter(isLeft);
  const resolvers = router.resolvers.filter(isLeft);
  const domains = router.domains.filter(isLeft);
  const isDefaultOver = router.defaultUntil !== undefined && router.defaultUntil <= now;
  const isSame =
    !isDefaultOver &&
    prefixes.length === router.prefixes.length &&
    routes.length === router.routes.length &&
    resolvers.length === router.resolvers.length &&
    domains.length === router.domains.length;
  if (isSame) return router;
  const { defaultUntil, ...rest } = router;
  const kept = isDefaultOver || defaultUntil === undefined ? {} : { defaultUntil };
  return { ...rest, ...kept, prefixes, routes, resolvers, domains };
}

/** True where it has nothing more to say: neither a default router nor anything of its making. */
export function isSpent({ defaultUntil, prefixes, routes, resolvers }: Router): boolean {
  return (
    defaultUntil === undefined &&
    prefixes.length === 0 &&
    routes.length === 0 &&
    resolvers.length === 0
  );
}

/** Ends of everything that ends. */
export function endsOf(router: Router): readonly (Instant | undefined)[] {
  const untils = [...router.routes, ...router.resolvers, ...router.domains];
  return [
    router.defaultUntil,
    ...router.prefixes.map(({ validUntil }) => validUntil),
    ...untils.map(({ until }) => until),
  ];
}

function mergedPrefixes(
  known: readonly AdvertisedPrefix[],
  told: readonly PrefixInformation[],
  now: Instant,
): readonly AdvertisedPrefix[] {
  let merged = known;
  for (const one of told) {
    // RFC 4861 section 6.3.4 and RFC 4862 section 5.5.3 (a) to (d).
    if (isLinkLocal6(one.prefix.address) || isMulticast6(one.prefix.address)) continue;
    if (one.preferredLifetime > one.validLifetime) continue;
    const before = merged.find(({ prefix }) => isSame(prefix, one.prefix));
    const others = merged.filter((other) => other !== before);
    const next = mergedPrefix(before, one, now);
    merged = next === undefined ? others : [...others, next].slice(-PREFIXES_MAX);
  }
  return merged;
}

function mergedPrefix(
  before: AdvertisedPrefix | undefined,
  { prefix, flags, preferredLifetime, validLifetime }: PrefixInformation,
  now: Instant,
): AdvertisedPrefix | undefined {
  const autonomous = (flags & PREFIX_FLAG.A) !== 0;
  const asked = untilOf(validLifetime, now);
  const validUntil = autonomous ? sparing(before, validLifetime, asked, now) : asked;
  if (validUntil !== undefined && validUntil <= now) return undefined;
  const preferredUntil = untilOf(preferredLifetime, now);
  return {
    prefix,
    onLink: (flags & PREFIX_FLAG.L) !== 0,
    autonomous,
    ...(preferredUntil === undefined ? {} : { preferredUntil }),
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

/** RFC 4862 section 5.5.3 (e): a forged advertisement cannot end an address in less than two hours. */
function sparing(
  before: AdvertisedPrefix | undefined,
  validLifetime: number,
  asked: Instant | undefined,
  now: Instant,
): Instant | undefined {
  if (before === undefined || asked === undefined) return asked;
  const { validUntil } = before;
  const twoHours = after(now, hours(2));
  if (validLifetime * 1000 > hours(2)) return asked;
  if (validUntil !== undefined && asked > validUntil) return asked;
  if (validUntil !== undefined && validUntil <= twoHours) return validUntil;
  return twoHours;
}

function mergedRoutes(
  known: readonly AdvertisedRoute[],
  advertisement: RouterAdvertisement,
  now: Instant,
): readonly AdvertisedRoute[] {
  let merged = known;
  for (const { prefix, preference, routeLifetime } of routesOf(advertisement)) {
    const others = merged.filter((one) => !isSame(one.prefix, prefix));
    const until = untilOf(routeLifetime, now);
    const route = { prefix, preference, ...(until === undefined ? {} : { until }) };
    merged = routeLifetime === 0 ? others : [...others, route].slice(-ROUTES_MAX);
  }
  return merged;
}

function mergedValues<T>(
  known: readonly Advertised<T>[],
  told: readonly { readonly value: T; readonly lifetime: number }[],
  now: Instant,
): readonly Advertised<T>[] {
  let merged = known;
  for (const { value, lifetime } of told) {
    const others = merged.filter((one) => one.value !== value);
    const until = untilOf(lifetime, now);
    const one = { value, ...(until === undefined ? {} : { until }) };
    merged = lifetime === 0 ? others : [...others, one].slice(-VALUES_MAX);
  }
  return merged;
}

/** RFC 8200 section 5: no link of IPv6 is narrower than 1280 octets; Ethernet of an operator not wider than 9000. */
function readMtu(advertisement: RouterAdvertisement): number | undefined {
  const mtu = mtuBytesOf(advertisement);
  return mtu !== undefined && mtu >= 1280 && mtu <= 9000 ? mtu : undefined;
}

function isResolver(address: Ipv6): boolean {
  return !isMulticast6(address) && address !== "::" && address !== "::1";
}

function untilOf(lifetime: number, now: Instant): Instant | undefined {
  return lifetime === INFINITY ? undefined : after(now, seconds(lifetime));
}

function isSame(a: Cidr6, b: Cidr6): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength;
}

/** RFC 4861 section 4.6.2. */
const INFINITY = 0xffff_ffff;
const PREFIXES_MAX = 16;
const ROUTES_MAX = 16;
const VALUES_MAX = 4;
