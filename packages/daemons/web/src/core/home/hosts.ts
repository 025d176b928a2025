import type { Host } from "@passerelle/api";
import type { FirewallTraffic, LanDevice } from "@passerelle/contract";
import type { HomeSections } from "./sections.ts";

/** What several owners know about the devices of the home. */
export interface HomeFacts {
  readonly devices: readonly LanDevice[];
  readonly traffic: readonly FirewallTraffic[];
  /** Devices that the rules in force shut out. */
  readonly blockedNow: readonly string[];
  /** What a person decided; absent while `config` has not answered. */
  readonly sections: HomeSections | undefined;
}

/** Every device, with its traffic and what was decided for it. */
export function hostsOf(facts: HomeFacts): Host[] {
  const index = indexOf(facts);
  return facts.devices.map((device) => joined(device, index));
}

export function hostOf(facts: HomeFacts, id: string): Host | undefined {
  const device = facts.devices.find((one) => one.id === id);
  return device === undefined ? undefined : joined(device, indexOf(facts));
}

interface Index {
  readonly traffic: ReadonlyMap<string, FirewallTraffic>;
  readonly blocked: ReadonlySet<string>;
  readonly reserved: ReadonlyMap<string, string>;
  readonly mappings: ReadonlyMap<string, readonly string[]>;
}

function indexOf({ traffic, blockedNow, sections }: HomeFacts): Index {
  const reserved = new Map<string, string>();
  for (const { mac, address } of sections?.lan.reservations ?? []) {
    if (mac !== undefined && !reserved.has(mac)) reserved.set(mac, address);
  }
  const mappings = new Map<string, string[]>();
  for (const { id, to } of sections?.firewall.forwards ?? []) {
    mappings.set(to, [...(mappings.get(to) ?? []), id]);
  }
  return {
    traffic: new Map(traffic.map((one) => [one.mac, one])),
    blocked: new Set(sections?.firewall.blocked ?? blockedNow),
    reserved,
    mappings,
  };
}

function joined(device: LanDevice, index: Index): Host {
  const counted = device.macs.flatMap((mac) => index.traffic.get(mac) ?? []);
  const reserved = device.macs.flatMap((mac) => index.reserved.get(mac) ?? [])[0];
  // A port opened to a kept address leads to its device also while that is away.
  const addresses = new Set([...device.addresses, ...(reserved === undefined ? [] : [reserved])]);
  return {
    ...device,
    ...(counted.length === 0 ? {} : sum(counted)),
    blocked: device.macs.some((mac) => index.blocked.has(mac)),
    ...(reserved === undefined ? {} : { reservedAddress: reserved }),
    portMappings: [...addresses].flatMap((address) => index.mappings.get(address) ?? []),
  };
}

function sum(counted: readonly FirewallTraffic[]) {
  const total = { downRate: 0, upRate: 0, downBytes: 0, upBytes: 0 };
  for (const one of counted) {
    total.downRate += one.downRate;
    total.upRate += one.upRate;
    total.downBytes += one.downBytes;
    total.upBytes += one.upBytes;
  }
  return total;
}
