import type { Dhcpv4Option } from "@passerelle/dhcpv4";
import { type Cidr4, contains4, type Ipv4, type Mac } from "@passerelle/net";
import type { Duration } from "@passerelle/time";
import type { Client } from "./client.ts";

/** What the DHCP server is told to do; made by service.ts from the section of the configuration. */
export interface DhcpConfig {
  readonly networks: readonly DhcpNetwork[];
  readonly reservations: readonly Reservation[];
  readonly classes: readonly ClientClass[];
}

export interface DhcpNetwork {
  readonly name: string;
  /** Our own address in it: server identifier, and where renewals come to. */
  readonly server: Ipv4;
  readonly subnet: Cidr4;
  /** What we were in it before, and still are for those who have not moved: their leases run out, none is extended. */
  readonly former: readonly Cidr4[];
  readonly first: Ipv4;
  readonly last: Ipv4;
  readonly leaseTime: Duration;
  /** Ask by ARP before an address is offered for the first time. */
  readonly probe: boolean;
  /** New leases that clients never seen before may get a second, in the mean. */
  readonly newLeasesPerSecond: number;
  /** What every client of this network gets if it asks for it, the most important first. */
  readonly options: readonly Dhcpv4Option[];
}

/** One address kept for one client; it may lie outside the pool. */
export interface Reservation {
  readonly address: Ipv4;
  readonly match:
    | { readonly kind: "mac"; readonly mac: Mac }
    /** Option 61, lower-case hexadecimal. */
    | { readonly kind: "client-id"; readonly clientId: string };
  readonly name?: string;
}

/** Clients that say what they are get what they need: set-top boxes, telephones. */
export interface ClientClass {
  readonly name: string;
  readonly match: ClassMatch;
  /** Names of networks; absent: all. */
  readonly networks?: readonly string[];
  /** Replaces options of the same code of the network and of classes before it. */
  readonly options: readonly Dhcpv4Option[];
  /** Sent even where the client does not ask for them. */
  readonly always: boolean;
}

/** All that are given must hold. */
export interface ClassMatch {
  /** Option 60 begins with it. */
  readonly vendorClass?: string;
  /** One class of option 77 begins with it. */
  readonly userClass?: string;
  /** Option 124 or 125 names this enterprise. */
  readonly enterprise?: number;
  /** The hardware address begins with it, e.g. "00:11:22". */
  readonly macPrefix?: string;
}

export function inPool(network: DhcpNetwork, address: Ipv4): boolean {
  return address >= network.first && address <= network.last && !isOurs(network, address);
}

/** The box's own, today or still: nobody else gets it. */
export function isOurs(network: DhcpNetwork, address: Ipv4): boolean {
  return address === network.server || network.former.some((one) => one.address === address);
}

export function poolSize(network: DhcpNetwork): number {
  const { server, former, first, last } = network;
  const ours = new Set([server, ...former.map(({ address }) => address)]);
  const inside = [...ours].filter((address) => address >= first && address <= last);
  return last - first + 1 - inside.length;
}

/** The network of before that holds the address; undefined where it is of today, or was never ours. */
export function formerHolding(network: DhcpNetwork, address: Ipv4): Cidr4 | undefined {
  if (contains4(network.subnet, address)) return undefined;
  return network.former.find((one) => contains4(one, address));
}

/** In the network as it is, or as it was for those who have not moved. */
export function isInside(network: DhcpNetwork, address: Ipv4): boolean {
  return contains4(network.subnet, address) || formerHolding(network, address) !== undefined;
}

export function networkNamed(config: DhcpConfig, name: string): DhcpNetwork | undefined {
  return config.networks.find((network) => network.name === name);
}

export function networkHolding(config: DhcpConfig, address: Ipv4): DhcpNetwork | undefined {
  return config.networks.find((network) => contains4(network.subnet, address));
}

/** The reservation of a client in a network. */
export function reservationFor(
  config: DhcpConfig,
  network: DhcpNetwork,
  client: Client,
): Reservation | undefined {
  return config.reservations.find(
    (one) => contains4(network.subnet, one.address) && reservationMatches(one, client),
  );
}

export function reservationAt(config: DhcpConfig, address: Ipv4): Reservation | undefined {
  return config.reservations.find((one) => one.address === address);
}

export function reservationMatches(reservation: Reservation, client: Client): boolean {
  return reservation.match.kind === "mac"
    ? reservation.match.mac === client.mac
    : reservation.match.clientId === client.clientId;
}
