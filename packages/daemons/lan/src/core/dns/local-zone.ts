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

/** A zone that is changed in place: one lease must not cost as much as all of them. */
export interface EditableZone extends LocalZone {
  readonly hosts: Map<string, LocalHost>;
  readonly names: Map<Ipv4 | Ipv6, NameText>;
}

/** Names that DNS cannot carry are left out; of two hosts with one name or address the first wins. */
export function buildLocalZone(domain: NameText, names: LocalNames): EditableZone {
  const zone: EditableZone = { domain: foldName(domain), hosts: new Map(), names: new Map() };
  for (const host of names.hosts) addLocalHost(zone, host);
  return zone;
}

/** Adds a host where its name is free. */
export function addLocalHost(zone: EditableZone, host: LocalHost): void {
  const name = foldName(host.name);
  const full = `${name}.${zone.domain}`;
  if (name === "" || name === "." || parseName(full) === undefined || zone.hosts.has(name)) return;
  zone.hosts.set(name, host);
  for (const address of [...host.ipv4, ...host.ipv6]) {
    if (!zone.names.has(address)) zone.names.set(address, full);
  }
}

/** Takes a host out, with the reverse names that were its. */
export function removeLocalHost(zone: EditableZone, name: string): void {
  const folded = foldName(name);
  const host = zone.hosts.get(folded);
  if (host === undefined) return;
  zone.hosts.delete(folded);
  for (const address of [...host.ipv4, ...host.ipv6]) {
    if (zone.names.get(address) === `${folded}.${zone.domain}`) zone.names.delete(address);
  }
}

/** The full name of the host whose reverse name this is. */
export function reverseLookup(zone: LocalZone, name: NameText): NameText | undefined {
  const address = addressOfReverse(name);
  return address === undefined ? undefined : zone.names.get(address);
}
