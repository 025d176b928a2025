import {
  aftrNameOf,
  areLifetimesSane,
  areTimesSane,
  type Dhcpv6Message,
  dnsServersOf,
  domainSearchOf,
  INFINITY_SECONDS,
  iaNasOf,
  iaPdsOf,
  STATUS,
  serverIdOf,
  statusOf,
} from "@passerelle/dhcpv6";
import { type Cidr6, type Ipv6, isLinkLocal6, isMulticast6 } from "@passerelle/net";
import { after, earliest, type Instant, milliseconds } from "@passerelle/time";
import type { Asked6 } from "./settings.ts";
import type { Talk } from "./state.ts";

/** What a server leases to the line, and until when. Never used past its end. */
export interface Lease6 {
  /** DUID of the server that renews it. */
  readonly server: Uint8Array;
  /** Of the line itself. */
  readonly addresses: readonly LeasedAddress[];
  /** For the home. */
  readonly prefixes: readonly LeasedPrefix[];
  readonly obtainedAt: Instant;
  /** T1 and T2; absent where nothing in it ends. */
  readonly renewsAt?: Instant;
  readonly rebindsAt?: Instant;
}

/** Absent: for ever. */
interface Ends {
  readonly preferredUntil?: Instant;
  readonly validUntil?: Instant;
}

export interface LeasedAddress extends Ends {
  readonly address: Ipv6;
}

export interface LeasedPrefix extends Ends {
  readonly prefix: Cidr6;
  /** RFC 6603: the operator's own link lies in it. */
  readonly excluded?: Cidr6;
}

/** What comes with a lease, or without one (Information-request). */
export interface Extras6 {
  readonly resolvers: readonly Ipv6[];
  readonly domains: readonly string[];
  /** The other end of a DS-Lite tunnel. */
  readonly aftr?: string;
}

export const NO_EXTRAS: Extras6 = { resolvers: [], domains: [] };

/** The one IA of each kind that a line has: the same number for ever (RFC 9096 WPD-10). */
export const IAID = 1;

/** An answer, read with suspicion. */
export interface Given {
  readonly lease: Lease6;
  /** Leases that the server took back: lifetime 0 (RFC 9915 section 18.2.10.1), or as good as that. */
  readonly takenBack: { readonly addresses: readonly Ipv6[]; readonly prefixes: readonly Cidr6[] };
  /** The server does not know an IA that we asked to keep. */
  readonly noBinding: boolean;
  /** Why there is not all that was asked for. */
  readonly lack?: Lack;
}

export type Lack =
  | "no_prefix"
  | "no_address"
  | "not_on_link"
  | "unspecified"
  /** A prefix longer than a /64: no network of a home fits into it (RFC 7084 WPD-3). */
  | "prefix_too_small";

/** What it has of what was asked for. Lifetimes count from when our message left. */
export function readGiven(message: Dhcpv6Message, { asked, exchange }: Talk): Given {
  const { sentAt } = exchange;
  const lacks: Lack[] = lackOf(statusOf(message).code);
  const addresses: LeasedAddress[] = [];
  const prefixes: LeasedPrefix[] = [];
  const goneAddresses: Ipv6[] = [];
  const gonePrefixes: Cidr6[] = [];
  const times: Times[] = [];
  let noBinding = false;
  for (const ia of asked.address ? ours(iaNasOf(message)) : []) {
    noBinding ||= ia.status.code === STATUS.NoBinding;
    lacks.push(...lackOf(ia.status.code));
    times.push(ia);
    for (const one of ia.addresses.slice(0, LEASES_MAX)) {
      if (!areLifetimesSane(one) || !isHost(one.address)) continue;
      if (one.validLifetime < LEASE_SECONDS_MIN) goneAddresses.push(one.address);
      else if (!addresses.some(({ address }) => address === one.address))
        addresses.push({ address: one.address, ...endsOf(one, sentAt) });
    }
  }
  for (const ia of asked.prefix ? ours(iaPdsOf(message)) : []) {
    noBinding ||= ia.status.code === STATUS.NoBinding;
    lacks.push(...lackOf(ia.status.code));
    times.push(ia);
    for (const one of ia.prefixes.slice(0, LEASES_MAX)) {
      if (!areLifetimesSane(one) || !isHost(one.prefix.address)) continue;
      if (one.prefix.prefixLength > PREFIX_LENGTH_MAX) lacks.push("prefix_too_small");
      else if (one.validLifetime < LEASE_SECONDS_MIN) gonePrefixes.push(one.prefix);
      else if (!prefixes.some(({ prefix }) => isSamePrefix(prefix, one.prefix))) {
        const excluded = one.excluded === undefined ? {} : { excluded: one.excluded };
        prefixes.push({ prefix: one.prefix, ...excluded, ...endsOf(one, sentAt) });
      }
    }
  }
  const [lack] = lacks;
  return {
    lease: {
      server: serverIdOf(message) ?? new Uint8Array(0),
      ...{ addresses, prefixes, obtainedAt: sentAt },
      ...renewalsOf(times, [...addresses, ...prefixes], sentAt),
    },
    takenBack: { addresses: goneAddresses, prefixes: gonePrefixes },
    noBinding,
    ...(lack === undefined ? {} : { lack }),
  };
}

export function readExtras(message: Dhcpv6Message): Extras6 {
  const aftr = aftrNameOf(message);
  const domains = (domainSearchOf(message) ?? []).slice(0, DOMAINS_MAX);
  return {
    resolvers: [...new Set(dnsServersOf(message).filter(isHost))].slice(0, RESOLVERS_MAX),
    domains,
    ...(aftr === undefined ? {} : { aftr }),
  };
}

/** What is asked for and not there. */
export function missing({ address, prefix }: Asked6, lease: Lease6): Lack | undefined {
  if (prefix && lease.prefixes.length === 0) return "no_prefix";
  return address && lease.addresses.length === 0 ? "no_address" : undefined;
}

export function isEmpty({ addresses, prefixes }: Lease6): boolean {
  return addresses.length === 0 && prefixes.length === 0;
}

/** RFC 9915 section 18.2.10.1: what an answer does not mention lives on to its end. */
export function renewed(held: Lease6, { lease, takenBack }: Given): Lease6 {
  const addresses = held.addresses.filter(
    ({ address }) =>
      !takenBack.addresses.includes(address) &&
      !lease.addresses.some((one) => one.address === address),
  );
  const prefixes = held.prefixes.filter(
    ({ prefix }) =>
      !takenBack.prefixes.some((one) => isSamePrefix(one, prefix)) &&
      !lease.prefixes.some((one) => isSamePrefix(one.prefix, prefix)),
  );
  const { renewsAt, rebindsAt, ...given } = lease;
  // Nobody said when that is renewed, and it must not be later for what was said of the rest.
  const rest = renewalsOf([], [...addresses, ...prefixes], lease.obtainedAt);
  const renews = earliest(renewsAt, rest.renewsAt);
  const rebinds = earliest(rebindsAt, rest.rebindsAt);
  return {
    ...given,
    addresses: [...lease.addresses, ...addresses].slice(0, LEASES_MAX),
    prefixes: [...lease.prefixes, ...prefixes].slice(0, LEASES_MAX),
    ...(renews === undefined ? {} : { renewsAt: renews }),
    ...(rebinds === undefined ? {} : { rebindsAt: rebinds }),
  };
}

/** Without what is over; undefined where nothing is left, the same value where nothing is over. */
export function stillValid(lease: Lease6, now: Instant): Lease6 | undefined {
  const isLeft = ({ validUntil }: Ends): boolean => validUntil === undefined || validUntil > now;
  const addresses = lease.addresses.filter(isLeft);
  const prefixes = lease.prefixes.filter(isLeft);
  if (addresses.length === 0 && prefixes.length === 0) return undefined;
  const isSame =
    addresses.length === lease.addresses.length && prefixes.length === lease.prefixes.length;
  return isSame ? lease : { ...lease, addresses, prefixes };
}

/** When the first part of it ends. */
export function nextEndOf(lease: Lease6): Instant | undefined {
  return earliest(...endsIn(lease));
}

/** When nothing of it is left; undefined: never. */
export function lastEndOf(lease: Lease6): Instant | undefined {
  const ends = endsIn(lease);
  return ends.includes(undefined) ? undefined : (Math.max(...(ends as Instant[])) as Instant);
}

export function isSamePrefix(a: Cidr6, b: Cidr6): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength;
}

interface Times {
  readonly t1: number;
  readonly t2: number;
}

/** RFC 9915 section 18.2.4: the earliest T1 and T2 of all; where a server leaves them to us, half and four fifths. */
function renewalsOf(
  times: readonly Times[],
  leases: readonly Ends[],
  sentAt: Instant,
): Pick<Lease6, "renewsAt" | "rebindsAt"> {
  const shortest = shortestSeconds(leases, sentAt);
  const given = (pick: (one: Times) => number): number | undefined => {
    const set = times.map(pick).filter((one) => one !== 0);
    return set.length === 0 ? undefined : Math.min(...set);
  };
  const t1 = given((one) => one.t1) ?? (shortest === undefined ? INFINITY_SECONDS : shortest * 0.5);
  const t2 = given((one) => one.t2) ?? (shortest === undefined ? INFINITY_SECONDS : shortest * 0.8);
  if (t1 === INFINITY_SECONDS || shortest === undefined) return {};
  // Never later than the leases themselves, whatever the server says.
  const renew = Math.max(t1 < shortest ? t1 : shortest * 0.5, RENEW_SECONDS_MIN);
  const rebind = Math.max(t2 < shortest ? t2 : shortest * 0.8, renew);
  const at = (wait: number): Instant => after(sentAt, milliseconds(Math.floor(wait * 1000)));
  return { renewsAt: at(renew), rebindsAt: at(rebind) };
}

/** The shortest preferred lifetime; what is only left to end (preferred lifetime 0) counts where there is nothing else. */
function shortestSeconds(leases: readonly Ends[], sentAt: Instant): number | undefined {
  const ends = leases.flatMap(({ preferredUntil }) => preferredUntil ?? []);
  const preferred = ends.filter((end) => end > sentAt);
  const counted = preferred.length > 0 ? preferred : leases.flatMap((one) => one.validUntil ?? []);
  return counted.length === 0 ? undefined : (Math.min(...counted) - sentAt) / 1000;
}

/** The one association of its kind that is ours, where its times can be. */
function ours<Ia extends Times & { readonly iaid: number }>(associations: readonly Ia[]): Ia[] {
  return associations.filter((ia) => ia.iaid === IAID && areTimesSane(ia)).slice(0, 1);
}

function endsOf(
  { preferredLifetime, validLifetime }: { preferredLifetime: number; validLifetime: number },
  sentAt: Instant,
): Ends {
  const until = (lifetime: number): Instant => after(sentAt, milliseconds(lifetime * 1000));
  return {
    ...(preferredLifetime === INFINITY_SECONDS ? {} : { preferredUntil: until(preferredLifetime) }),
    ...(validLifetime === INFINITY_SECONDS ? {} : { validUntil: until(validLifetime) }),
  };
}

function endsIn({ addresses, prefixes }: Lease6): readonly (Instant | undefined)[] {
  return [...addresses, ...prefixes].map(({ validUntil }) => validUntil);
}

function lackOf(status: number): Lack[] {
  switch (status) {
    case STATUS.NoAddrsAvail:
      return ["no_address"];
    case STATUS.NoPrefixAvail:
      return ["no_prefix"];
    case STATUS.NotOnLink:
      return ["not_on_link"];
    case STATUS.Success:
    case STATUS.NoBinding:
      return [];
    default:
      return ["unspecified"];
  }
}

/** What an operator can lease: no multicast, nothing of one link alone, nothing unset. */
function isHost(address: Ipv6): boolean {
  return !isMulticast6(address) && !isLinkLocal6(address) && address !== "::" && address !== "::1";
}

const LEASES_MAX = 8;
const RESOLVERS_MAX = 4;
const DOMAINS_MAX = 4;
const PREFIX_LENGTH_MAX = 64;
/** A server that wants to be asked more often than this is not obeyed, and a lease as short is none. */
const RENEW_SECONDS_MIN = 5;
const LEASE_SECONDS_MIN = 5;
