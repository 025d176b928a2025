import {
  type Cidr6,
  type Ipv6,
  isUniqueLocal6,
  overlaps6,
  parseIpv6,
  subnet6,
  subnetCount6,
  withHost6,
} from "@passerelle/net";
import { type Fault, invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import { isValid, type Lifetimes } from "./lifetimes.ts";

/** A prefix that the home may use: delegated by the operator, or unique local. */
export interface HomePrefix extends Lifetimes {
  /** Host bits are zero. */
  readonly prefix: Cidr6;
  /** A part of it that is the operator's link (RFC 6603). */
  readonly excluded?: Cidr6;
}

/** The place of each network among the /64s of every prefix, by name; kept by the store. */
export type Places = Readonly<Record<string, number>>;

/** The /64 of one network out of one prefix. */
export interface Subnet extends Lifetimes {
  /** 64 bits. */
  readonly prefix: Cidr6;
  /** The prefix that it is a part of. */
  readonly parent: Cidr6;
  /** Our own address in it. */
  readonly address: Ipv6;
}

/** A prefix, and what of it is not to be given to routers of the home. */
export interface Pool extends Lifetimes {
  readonly prefix: Cidr6;
  /** The networks' own /64s, and what is the operator's. */
  readonly taken: readonly Cidr6[];
  /** As many /64s from the first on are kept for networks that may come. */
  readonly kept: number;
}

export interface Plan {
  /** Of every network, in the order of the prefixes; empty where none has room for it. */
  readonly subnets: Readonly<Record<string, readonly Subnet[]>>;
  readonly pools: readonly Pool[];
  /** Networks that have no part of any of the operator's prefixes, though there are some. */
  readonly unserved: readonly string[];
}

/** RFC 7084, L-2: every network gets a /64 of every prefix, the same one over restarts and of whatever prefix comes. */
export function planPrefixes(
  networks: readonly string[],
  places: Places,
  prefixes: readonly HomePrefix[],
  now: Instant,
): Plan {
  const usable = withoutOverlaps(prefixes.filter((one) => isValid(one, now)));
  const subnets: Record<string, Subnet[]> = Object.fromEntries(networks.map((name) => [name, []]));
  const pools: Pool[] = [];
  const served = new Set<string>();
  for (const one of usable.slice(0, PREFIXES_MAX)) {
    const { prefix, excluded } = one;
    const taken: Cidr6[] = excluded === undefined ? [] : [excluded];
    for (const [name, place] of Object.entries(placesIn(one, networks, places))) {
      const part = subnet6(prefix, SUBNET_LENGTH, place);
      taken.push(part);
      if (isGlobal(prefix)) served.add(name);
      const address = withHost6(part, GATEWAY_HOST);
      subnets[name]?.push({ prefix: part, parent: prefix, address, ...lifetimesOf(one) });
    }
    const kept = Math.min(KEPT_MAX, Math.floor(subnetCount6(prefix, SUBNET_LENGTH) / 2));
    pools.push({ prefix, taken, kept, ...lifetimesOf(one) });
  }
  const isServing = usable.some(({ prefix }) => isGlobal(prefix));
  return {
    subnets,
    pools,
    unserved: isServing ? networks.filter((name) => !served.has(name)) : [],
  };
}

/** Networks keep the places that they have; a new one takes the first that is free. */
export function settlePlaces(known: Places, networks: readonly string[]): Places {
  const places: Record<string, number> = {};
  for (const name of networks) {
    const place = known[name];
    if (place !== undefined) places[name] = place;
  }
  for (const name of networks) places[name] ??= firstFree(new Set(Object.values(places)));
  return places;
}

/** An operator's prefix, with which the Internet can be reached; a delegated unique local one is none (ULA-5). */
export function isGlobal(prefix: Cidr6): boolean {
  return !isUniqueLocal6(prefix.address);
}

/** @param networks that have no address of the operator's */
export function prefixTooSmall(networks: readonly string[]): Fault {
  const names = networks.join(", ");
  return {
    code: "ipv6_prefix_too_small",
    text: {
      fr: `Le préfixe IPv6 de l'opérateur est trop petit : pas d'IPv6 pour ${names}.`,
      en: `The operator's IPv6 prefix is too small: no IPv6 for ${names}.`,
    },
    next: {
      fr: "Demandez à l'opérateur un préfixe /56, ou supprimez un réseau.",
      en: "Ask the operator for a /56 prefix, or remove a network.",
    },
  };
}

/** Where each network lies in one prefix. In one that is too small the first networks are served. */
function placesIn(
  { prefix, excluded }: HomePrefix,
  networks: readonly string[],
  places: Places,
): Places {
  const count = subnetCount6(prefix, SUBNET_LENGTH);
  const found: Record<string, number> = {};
  const occupied = new Set<number>();
  const isFree = (place: number): boolean =>
    place < count &&
    !occupied.has(place) &&
    (excluded === undefined || !overlaps6(subnet6(prefix, SUBNET_LENGTH, place), excluded));
  const put = (name: string, place: number): void => {
    found[name] = place;
    occupied.add(place);
  };
  const usable = countFree(isFree, networks.length, count);
  const first = networks.slice(0, usable);
  for (const name of first) {
    const place = places[name];
    if (place !== undefined && isFree(place)) put(name, place);
  }
  for (const name of first) {
    if (found[name] !== undefined) continue;
    for (let place = 0; place < Math.min(count, PLACES_MAX); place += 1) {
      if (!isFree(place)) continue;
      put(name, place);
      break;
    }
  }
  return found;
}

/** How many places are free, as far as it matters. */
function countFree(isFree: (place: number) => boolean, wanted: number, count: number): number {
  let free = 0;
  for (let place = 0; place < Math.min(count, PLACES_MAX) && free < wanted; place += 1) {
    if (isFree(place)) free += 1;
  }
  return free;
}

/** Of two prefixes that share addresses the first is used: nobody would know whose an address is. */
function withoutOverlaps(prefixes: readonly HomePrefix[]): readonly HomePrefix[] {
  const used: HomePrefix[] = [];
  for (const one of prefixes) {
    if (!used.some(({ prefix }) => overlaps6(prefix, one.prefix))) used.push(one);
  }
  return used;
}

export function lifetimesOf({ preferredUntil, validUntil }: Lifetimes): Lifetimes {
  return {
    ...(preferredUntil === undefined ? {} : { preferredUntil }),
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

function firstFree(taken: ReadonlySet<number>): number {
  let place = 0;
  while (taken.has(place)) place += 1;
  return place;
}

function hostOfText(text: string): Ipv6 {
  const host = parseIpv6(text);
  invariant(host !== undefined, "a host of ours is an address");
  return host;
}

const SUBNET_LENGTH = 64;
const GATEWAY_HOST = hostOfText("::1");
/** Two lines, and a prefix of each before and after it changed; a router advertisement holds them all. */
const PREFIXES_MAX = 8;
const KEPT_MAX = 16;
/** An operator may exclude much of a prefix; nobody looks further than this for a place. */
const PLACES_MAX = 1024;
