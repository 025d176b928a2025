import { addressOfReverse, foldName, type NameText, parseName } from "@passerelle/dns";
import type { Ipv4, Ipv6 } from "@passerelle/net";

/** The names of the home, as the daemon knows them from leases, reservations and people. */
export interface LocalNames {
  readonly hosts: readonly LocalHost[];
}

export interface LocalHost {
  /** Without the domain, e.g. "nas". */
  readonly name: string;
  readonly ipv4: readonly Ipv4[];
  readonly ipv6: readonly Ipv6[];
}

/** The home's names, ready to be asked. */
export interface LocalZone {
  readonly domain: NameText;
  /** Folded name without the domain → its addresses. */
  readonly hosts: ReadonlyMap<string, LocalHost>;
  /** Address → full name, for PTR. */
  readonly names: ReadonlyMap<Ipv4 | Ipv6, NameText>;
}

/** Names that DNS cannot carry are left out; of two hosts with one name or address the first wins. */
export function buildLocalZone(domain: NameText, names: LocalNames): LocalZone {
  const hosts = new Map<string, LocalHost>();
  const reverse = new Map<Ipv4 | Ipv6, NameText>();
  const zone = foldName(domain);
  for (const host of names.hosts) {
    const name = foldName(host.name);
    const full = `${name}.${zone}`;
    if (name === "" || name === "." || parseName(full) === undefined || hosts.has(name)) continue;
    hosts.set(name, host);
    for (const address of [...host.ipv4, ...host.ipv6]) {
      if (!reverse.has(address)) reverse.set(address, full);
    }
  }
  return { domain: zone, hosts, names: reverse };
}

/** The full name of the host whose reverse name this is. */
export function reverseLookup(zone: LocalZone, name: NameText): NameText | undefined {
  const address = addressOfReverse(name);
  return address === undefined ? undefined : zone.names.get(address);
}
