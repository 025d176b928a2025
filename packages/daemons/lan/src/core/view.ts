import type { LanLease, LanNetwork, values } from "@passerelle/contract";
import { formatCidr4, formatCidr6, formatIpv4, type Ipv4 } from "@passerelle/net";
import type { Duration, Instant } from "@passerelle/time";
import { type Binding, poolSize, reservationAt, type Serving } from "./dhcp/index.ts";
import type { HeldLease, Kept } from "./former/index.ts";
import type { Subnet } from "./ipv6/plan.ts";
import type { NameWish } from "./names.ts";

/** The retained documents, from the state. */

export interface NetworkPlace {
  readonly name: string;
  readonly zone: values.Zone;
  readonly bridge: string;
  readonly ports: readonly string[];
  readonly address: string;
}

/** Leases in force, by network. */
export function leasedIn(state: Serving): ReadonlyMap<string, number> {
  const leased = new Map<string, number>();
  for (const binding of state.bindings.values()) {
    if (expiryOf(binding) === undefined) continue;
    leased.set(binding.network, (leased.get(binding.network) ?? 0) + 1);
  }
  return leased;
}

/** @param ahead what the calendar is ahead of the monotonic clock */
export function networkView(
  place: NetworkPlace,
  state: Serving | undefined,
  leased: ReadonlyMap<string, number>,
  kept: readonly Kept[],
  ahead: number,
): LanNetwork {
  const network = state?.config.networks.find((one) => one.name === place.name);
  const former = kept
    .filter((one) => one.network === place.name)
    .map(({ address, until }) => ({
      address: formatCidr4(address),
      until: calendarOf(until, ahead),
    }));
  const base = {
    ...place,
    ports: [...place.ports],
    ...(former.length === 0 ? {} : { former }),
  };
  if (state === undefined || network === undefined) return base;
  const used = state.counters[place.name]?.used ?? 0;
  const free = Math.max(0, poolSize(network) - used);
  const [first, last] = [formatIpv4(network.first), formatIpv4(network.last)];
  return { ...base, dhcp: { first, last, leased: leased.get(place.name) ?? 0, free } };
}

/** What a network has of IPv6. */
export function ipv6View(subnets: readonly Subnet[], ahead: number): Pick<LanNetwork, "ipv6"> {
  if (subnets.length === 0) return {};
  const parts = subnets.map(({ prefix, address, preferredUntil, validUntil }) => ({
    prefix: formatCidr6(prefix),
    address,
    ...(preferredUntil === undefined ? {} : { preferredUntil: calendarOf(preferredUntil, ahead) }),
    ...(validUntil === undefined ? {} : { validUntil: calendarOf(validUntil, ahead) }),
  }));
  return { ipv6: { subnets: parts } };
}

/**
 * The list of leases as the bus shows it. What was shown of a lease that did not change is kept, so that a
 * list of thousands costs little when one of them is new.
 */
export class LeaseList {
  readonly #shown = new WeakMap<Binding, Shown>();

  /**
   * In numeric order, so that the same leases are the same document; whoever takes only some pays for those.
   * @param wall the calendar time of `now`, for the column people read
   */
  *view(
    state: Serving,
    names: ReadonlyMap<Ipv4, string>,
    now: Instant,
    wall: number,
  ): Generator<LanLease, void, undefined> {
    const bindings = [...state.bindings.values()].filter((one) => expiryOf(one) !== undefined);
    bindings.sort((a, b) => a.address - b.address);
    for (const binding of bindings) {
      const lease = this.show(state, binding, names, wall - now);
      if (lease !== undefined) yield lease;
    }
  }

  /**
   * What is shown of one lease. Done when it is granted, it costs a little then and nothing when the list is told.
   * @param ahead what the calendar is ahead of the monotonic clock
   */
  show(
    state: Serving,
    binding: Binding,
    names: ReadonlyMap<Ipv4, string>,
    ahead: number,
  ): LanLease | undefined {
    const expires = expiryOf(binding);
    if (expires === undefined) return undefined;
    const { config } = state;
    const name = names.get(binding.address);
    const old = this.#shown.get(binding);
    const isSame = old?.name === name && old?.config === config;
    if (isSame && Math.abs(ahead - old.ahead) < CALENDAR_JUMP_MS) return old.lease;
    const lease = leaseView(state, binding, expires, name, ahead);
    this.#shown.set(binding, { name, config, ahead, lease });
    return lease;
  }
}

interface Shown {
  readonly name: string | undefined;
  readonly config: Serving["config"];
  /** What the calendar was ahead of the monotonic clock. */
  readonly ahead: number;
  readonly lease: LanLease;
}

function leaseView(
  state: Serving,
  { address, client, network }: Binding,
  expires: Instant,
  dnsName: string | undefined,
  ahead: number,
): LanLease {
  return {
    address: formatIpv4(address),
    mac: client.mac,
    ...(client.clientId === undefined ? {} : { clientId: client.clientId }),
    ...(client.hostname === undefined ? {} : { hostname: client.hostname }),
    ...(dnsName === undefined ? {} : { dnsName }),
    ...(client.vendorClass === undefined ? {} : { vendorClass: client.vendorClass }),
    network,
    kind: reservationAt(state.config, address) === undefined ? "dynamic" : "static",
    expiresAt: calendarOf(expires, ahead),
  };
}

/** Whole seconds: the two clocks are not read in the same instant. */
function calendarOf(at: Instant, ahead: number): number {
  return Math.max(0, Math.round((at + ahead) / 1000) * 1000);
}

/** Leases in force. */
export function heldLeases(state: Serving | undefined): readonly HeldLease[] {
  return [...(state?.bindings.values() ?? [])].flatMap((binding) => {
    const expires = expiryOf(binding);
    if (expires === undefined) return [];
    const { network, address } = binding;
    // One on its way to the disk is being extended now.
    const duration = binding.kind === "bound" ? binding.duration : (0 as Duration);
    return [{ network, address, granted: grantedAt(expires, duration), expires }];
  });
}

export function grantedAt(expires: Instant, duration: Duration): Instant {
  return Math.max(0, expires - duration) as Instant;
}

/** The calendar was set: what it says about the ends of leases is told anew. */
const CALENDAR_JUMP_MS = 1000;

/** Whose names the home's DNS knows, and what people call things. */
export interface Naming {
  /** Guests get none, so that a visitor's telephone can't take the name of something in the home. */
  readonly isHome: (network: string) => boolean;
  readonly givenName: (binding: Binding) => string | undefined;
}

/** What one address wishes to be called: by its lease; a reservation's name also while its device is away. */
export function nameWishOf(state: Serving, address: Ipv4, naming: Naming): NameWish | undefined {
  const binding = state.bindings.get(address);
  const reserved = reservationAt(state.config, address)?.name;
  if (binding === undefined || expiryOf(binding) === undefined || !naming.isHome(binding.network)) {
    return reserved === undefined ? undefined : { address, wishes: [reserved], rank: 0 };
  }
  const given = naming.givenName(binding);
  const rank = reserved !== undefined ? 0 : given !== undefined ? 1 : 2;
  return { address, wishes: [reserved, given, binding.client.hostname], rank };
}

/** Every address that may have a name. */
export function namedAddresses(state: Serving): ReadonlySet<Ipv4> {
  const addresses = new Set(state.config.reservations.map((one) => one.address));
  for (const { address } of state.bindings.values()) addresses.add(address);
  return addresses;
}

/** When the lease ends; undefined where there is none in force. */
export function expiryOf(binding: Binding): Instant | undefined {
  return binding.kind === "bound" || binding.kind === "storing" ? binding.expires : undefined;
}
