import { type Cidr4, contains4, type Ipv4, overlaps4 } from "@passerelle/net";
import { after, type Duration, type Instant, seconds } from "@passerelle/time";

/** A network of the home as it is configured. */
export interface Place {
  readonly name: string;
  readonly address: Cidr4;
  /** DHCP is ours: whoever asks there with an address of before is refused, and moves. */
  readonly served: boolean;
}

/** A network and since when it is where it is. */
export interface Placed extends Place {
  readonly since: Instant;
}

/** An address that a network had before it moved. */
export interface Former {
  readonly network: string;
  readonly address: Cidr4;
  /** When it became the address of the network, and when it ceased to be; the first is unknown after a reboot. */
  readonly from?: Instant;
  readonly since: Instant;
  /** When the last lease ends that was in force as the network moved. */
  readonly leasesUntil: Instant;
}

/** A lease in force. */
export interface HeldLease {
  readonly network: string;
  readonly address: Ipv4;
  /** When it was given or extended last. */
  readonly granted: Instant;
  readonly expires: Instant;
}

/** What decides how long a former address is kept. */
export interface Circumstances {
  readonly places: readonly Place[];
  readonly leases: readonly HeldLease[];
  /** When the change on probation is confirmed or undone at the latest; undefined where none was. */
  readonly probationUntil: Instant | undefined;
  /** The network of the WAN; undefined while the line has none. */
  readonly line: Cidr4 | undefined;
}

/** A former address that is still ours. */
export interface Kept {
  readonly network: string;
  readonly address: Cidr4;
  /** The latest; earlier where everybody has moved. */
  readonly until: Instant;
}

/**
 * Addresses the networks had before, after they went over to `next`. Back at an old address, the one between becomes a
 * former one in its turn: who took a lease there meanwhile is kept as well.
 */
export function afterMove(
  former: readonly Former[],
  before: readonly Placed[],
  next: readonly Place[],
  leases: readonly HeldLease[],
  now: Instant,
): readonly Former[] {
  return next.flatMap((place) => {
    const old = before.find(({ name }) => name === place.name);
    const mine = former.filter(({ network }) => network === place.name);
    const left: readonly Former[] =
      old === undefined || sameCidr(old.address, place.address)
        ? []
        : [leftBehind(old, leases, now)];
    const others = mine.filter((one) => !left.some((it) => sameCidr(it.address, one.address)));
    return [...left, ...others]
      .filter((one) => !isServedBy(place, one.address))
      .slice(0, FORMER_MAX);
  });
}

function leftBehind(old: Placed, leases: readonly HeldLease[], now: Instant): Former {
  const { name: network, address, since: from } = old;
  const inside = leases.filter((lease) => isIn(lease, network, address));
  const leasesUntil = latest([now, ...inside.map(({ expires }) => expires)]);
  return { network, address, from, since: now, leasesUntil };
}

/** Which former addresses are still ours, and until when; the newest first. */
export function keptOf(
  former: readonly Former[],
  circumstances: Circumstances,
  now: Instant,
): readonly Kept[] {
  const kept: Kept[] = [];
  for (const one of [...former].sort((a, b) => b.since - a.since)) {
    const { network, address } = one;
    const place = circumstances.places.find(({ name }) => name === network);
    if (place === undefined || isInTheWay(one, [...circumstances.places, ...kept])) continue;
    const { line } = circumstances;
    if (line !== undefined && overlaps4(line, address)) continue;
    const until = endOf(one, place, circumstances);
    if (until > now) kept.push({ network, address, until });
  }
  return kept;
}

/** What can come back: those whose time is over are forgotten, those that are only in the way of another are not. */
export function remaining(
  former: readonly Former[],
  circumstances: Circumstances,
  now: Instant,
): readonly Former[] {
  return former.filter((one) => {
    const place = circumstances.places.find(({ name }) => name === one.network);
    return place !== undefined && endOf(one, place, circumstances) > now;
  });
}

/** While the change may be undone, and while a lease of the old network is in force that did not move. */
function endOf(former: Former, place: Place, circumstances: Circumstances): Instant {
  const { network, address, from, leasesUntil } = former;
  // Without DHCP nobody is told to move, and after a reboot nobody knows who was: the leases of before count.
  const isWatched = place.served && (from !== undefined || !overlaps4(place.address, address));
  const byLeases = isWatched
    ? latest(
        circumstances.leases
          .filter((lease) => isIn(lease, network, address) && livesBy(lease, former, place))
          .map(({ expires }) => expires),
      )
    : leasesUntil;
  const { probationUntil = former.since } = circumstances;
  return latest([after(former.since, GRACE), byLeases, after(probationUntil, UNDO)]);
}

/** Two links can't have one network: what is configured comes first, then what was left last. */
function isInTheWay({ network, address }: Former, others: readonly (Place | Kept)[]): boolean {
  return others.some(
    (other) =>
      ("name" in other ? other.name : other.network) !== network &&
      overlaps4(other.address, address),
  );
}

/** Nothing of it is missing: the same gateway in a network that holds the old one. */
function isServedBy(place: Place, address: Cidr4): boolean {
  return (
    place.address.address === address.address && place.address.prefixLength <= address.prefixLength
  );
}

function isIn(lease: HeldLease, network: string, within: Cidr4): boolean {
  return lease.network === network && contains4(within, lease.address);
}

/** In the network of today leases go on: those that were given while the box was at the address live by it. */
function livesBy({ address, granted }: HeldLease, former: Former, place: Place): boolean {
  const { from = former.since, since } = former;
  return !contains4(place.address, address) || (granted >= from && granted <= since);
}

function latest(instants: readonly Instant[]): Instant {
  return instants.reduce<Instant>((a, b) => Math.max(a, b) as Instant, 0 as Instant);
}

export function sameCidr(a: Cidr4, b: Cidr4): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength;
}

/** Who is about to take a lease, or asks for the page, when the network moves. */
const GRACE: Duration = seconds(60);
/** What an undone change takes until the networks of before are configured again. */
const UNDO: Duration = seconds(10);
/** Former addresses of one network: whoever tries several ranges one after the other keeps the last ones. */
export const FORMER_MAX = 4;
