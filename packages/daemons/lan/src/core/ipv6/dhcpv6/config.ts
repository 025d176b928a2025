import { toHex } from "@passerelle/bytes";
import type { Dhcpv6Option } from "@passerelle/dhcpv6";
import type { Ipv6, Mac } from "@passerelle/net";
import type { Pool, Subnet } from "../plan.ts";
import type { Client } from "./client.ts";

/** What the DHCPv6 server is told to do. */
export interface Dhcpv6Config {
  /** Our DUID, the same for as long as the box lives: clients' addresses are drawn with it, too. */
  readonly serverId: Uint8Array;
  readonly networks: readonly Dhcpv6Network[];
  readonly reservations: readonly Reservation[];
}

export interface Dhcpv6Network {
  readonly name: string;
  /** Clients get addresses; else only other configuration (RFC 9915 section 18.3.6). */
  readonly addresses: boolean;
  /** Routers of the home get prefixes (RFC 9818). */
  readonly delegates: boolean;
  /** Bits of the prefix that a router gets that does not say how long it would like it: 64 (RFC 9818). */
  readonly delegatedLength: number;
  readonly subnets: readonly Subnet[];
  readonly pools: readonly Pool[];
  /** What a client gets if it asks for it, the operator's options among them (RFC 7084, L-12). */
  readonly options: readonly Dhcpv6Option[];
  /** New leases that clients never seen before may get a second, in the mean. */
  readonly newLeasesPerSecond: number;
}

/** A host part kept for one client, behind whatever prefix there is. */
export interface Reservation {
  readonly network: string;
  /** Without prefix: "::20". */
  readonly host: Ipv6;
  readonly match:
    | { readonly kind: "mac"; readonly mac: Mac }
    /** Lower-case hexadecimal. */
    | { readonly kind: "duid"; readonly duid: string };
}

export function networkNamed(config: Dhcpv6Config, name: string): Dhcpv6Network | undefined {
  return config.networks.find((network) => network.name === name);
}

export function reservationFor(
  config: Dhcpv6Config,
  { name }: Dhcpv6Network,
  client: Client,
): Reservation | undefined {
  return config.reservations.find(
    ({ network, match }) =>
      network === name &&
      (match.kind === "mac" ? match.mac === client.mac : match.duid === client.duid),
  );
}

/** Whether the host part is kept for somebody. */
export function isReserved(config: Dhcpv6Config, { name }: Dhcpv6Network, host: Ipv6): boolean {
  return config.reservations.some((one) => one.network === name && one.host === host);
}

export function serverText({ serverId }: Dhcpv6Config): string {
  return toHex(serverId);
}
