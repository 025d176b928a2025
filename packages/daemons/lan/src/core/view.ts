import type { LanLease, LanNetwork, values } from "@passerelle/contract";
import { formatIpv4, type Ipv4 } from "@passerelle/net";
import { type Instant, remaining } from "@passerelle/time";
import { type Binding, poolSize, reservationAt, type Serving } from "./dhcp/index.ts";
import type { NameWish } from "./names.ts";

/** The retained documents, from the state. */

export interface NetworkPlace {
  readonly name: string;
  readonly zone: values.Zone;
  readonly bridge: string;
  readonly ports: readonly string[];
  readonly address: string;
}

export function networkView(place: NetworkPlace, state: Serving | undefined): LanNetwork {
  const network = state?.config.networks.find((one) => one.name === place.name);
  const base = { ...place, ports: [...place.ports] };
  if (state === undefined || network === undefined) return base;
  const used = state.counters[place.name]?.used ?? 0;
  let leased = 0;
  for (const binding of state.bindings.values()) {
    if (binding.network === place.name && expiryOf(binding) !== undefined) leased += 1;
  }
  const free = Math.max(0, poolSize(network) - used);
  const { first, last } = network;
  return { ...base, dhcp: { first: formatIpv4(first), last: formatIpv4(last), leased, free } };
}

/** @param wall the calendar time of `now`, for the column people read */
export function leasesView(
  state: Serving,
  names: ReadonlyMap<Ipv4, string>,
  now: Instant,
  wall: number,
): readonly LanLease[] {
  const leases: LanLease[] = [];
  for (const binding of state.bindings.values()) {
    const expires = expiryOf(binding);
    if (expires === undefined) continue;
    const { address, client, network } = binding;
    const dnsName = names.get(address);
    leases.push({
      address: formatIpv4(address),
      mac: client.mac,
      ...(client.clientId === undefined ? {} : { clientId: client.clientId }),
      ...(client.hostname === undefined ? {} : { hostname: client.hostname }),
      ...(dnsName === undefined ? {} : { dnsName }),
      ...(client.vendorClass === undefined ? {} : { vendorClass: client.vendorClass }),
      network,
      kind: reservationAt(state.config, address) === undefined ? "dynamic" : "static",
      // Whole seconds: the two clocks are not read in the same instant.
      expiresAt: Math.max(0, Math.round((wall + remaining(now, expires)) / 1000) * 1000),
    });
  }
  // Numeric order, so that the same leases are the same document.
  const order = (lease: LanLease): number =>
    lease.address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return leases.sort((a, b) => order(a) - order(b));
}

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
