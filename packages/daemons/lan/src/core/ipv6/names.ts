import { compareIpv6, type Ipv6, isLinkLocal6, type Mac } from "@passerelle/net";
import type { Instant } from "@passerelle/time";
import { labelsOf } from "../names.ts";
import type { Lease } from "./dhcpv6/index.ts";
import { macOfEui64 } from "./eui64.ts";

/** An address of a device that is worth a name: it stays, as a temporary one does not (RFC 8981). */
export interface AddressFact {
  readonly network: string;
  readonly address: Ipv6;
  readonly mac?: Mac;
  /** Of a DHCPv6 client, lower-case hexadecimal. */
  readonly duid?: string;
  /** What the device calls itself. */
  readonly hostname?: string;
}

/** AAAA one way, PTR the other. */
export interface NamedAddress {
  readonly address: Ipv6;
  readonly label: string;
}

/** What the names of the home, which IPv4 has already, say. */
export interface KnownNames {
  /** The name of the device with this hardware address in a network. */
  readonly ofMac: (network: string, mac: Mac) => string | undefined;
  readonly isTaken: (label: string) => boolean;
}

/** Every address that a DHCPv6 client has now. */
export function factsOfLeases(leases: Iterable<Lease>, now: Instant): readonly AddressFact[] {
  const facts: AddressFact[] = [];
  for (const { kind, network, client, given } of leases) {
    if (kind !== "address") continue;
    const { duid, mac, hostname } = client;
    for (const { prefix, validUntil } of given) {
      if (validUntil <= now) continue;
      facts.push({
        network,
        address: prefix.address,
        duid,
        ...(mac === undefined ? {} : { mac }),
        ...(hostname === undefined ? {} : { hostname }),
      });
    }
  }
  return facts;
}

/** What a neighbour entry says; undefined where the address was not made of the hardware address, and may be temporary. */
export function factOfNeighbour(network: string, address: Ipv6, mac: Mac): AddressFact | undefined {
  if (isLinkLocal6(address) || macOfEui64(address) !== mac) return undefined;
  return { network, address, mac };
}

/**
 * The names of the addresses. A device has the name that it has by IPv4; one that has none there takes what it calls
 * itself, if nobody has that: the lower address first, so that a restart changes nothing.
 */
export function namedAddresses(
  facts: readonly AddressFact[],
  known: KnownNames,
): readonly NamedAddress[] {
  const holders = new Map<string, string>();
  const named = new Map<Ipv6, string>();
  for (const fact of [...facts].sort((a, b) => compareIpv6(a.address, b.address))) {
    const { network, address, mac, duid, hostname } = fact;
    if (named.has(address)) continue;
    const ofMac = mac === undefined ? undefined : known.ofMac(network, mac);
    if (ofMac !== undefined) {
      named.set(address, ofMac);
      continue;
    }
    const device = duid ?? mac ?? address;
    const label = labelsOf([hostname]).find(
      (one) => !known.isTaken(one) && (holders.get(one) ?? device) === device,
    );
    if (label === undefined) continue;
    holders.set(label, device);
    named.set(address, label);
  }
  return [...named].map(([address, label]) => ({ address, label }));
}
