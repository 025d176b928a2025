import type {
  firewallHistory,
  LanDevice,
  LanLease,
  lanState,
  StateTopic,
  WanState,
} from "@passerelle/contract";
import { parseCidr4, parseIpv4 } from "@passerelle/net";
import type { Point } from "../core/traffic.ts";
import type { DeviceAddresses, LanFacts, WanFacts } from "../core/wanted.ts";

/** What a state topic carries. */
type Payload<Topic> = Topic extends StateTopic<infer T> ? T : never;

/**
 * What the rules need of `lan`'s document. A network that moved is there twice while its address of before is kept:
 * devices that have not followed yet are as much at home as those that have.
 */
export function lanFacts(lan: Payload<typeof lanState>): LanFacts {
  return {
    networks: lan.networks.flatMap(({ bridge, zone, address, former = [] }) =>
      [address, ...former.map((one) => one.address)].flatMap((text) => {
        const cidr = parseCidr4(text);
        return cidr === undefined ? [] : [{ interface: bridge, zone, address: cidr }];
      }),
    ),
  };
}

/** What the rules need of `wan`'s document: an address is ours while its lease is in force. */
export function wanFacts(wan: WanState): WanFacts {
  const { session } = wan;
  const address = "address" in session ? parseCidr4(session.address)?.address : undefined;
  return { interfaces: [wan.interface], addresses: address === undefined ? [] : [address] };
}

/** Who has which addresses: leases first, because an address has one holder by them. */
export function deviceAddresses(
  leases: readonly LanLease[],
  devices: readonly LanDevice[],
): DeviceAddresses {
  const owners = new Map<string, string>(leases.map((lease) => [lease.address, lease.mac]));
  for (const device of devices) {
    const [mac] = device.macs;
    if (mac === undefined) continue;
    for (const address of device.addresses) {
      const taken = owners.has(address) || (parseIpv4(address) !== undefined && !device.online);
      if (!taken) owners.set(address, mac);
    }
  }
  const addresses = new Map<string, string[]>();
  for (const [address, mac] of owners) {
    addresses.set(mac, [...(addresses.get(mac) ?? []), address].sort());
  }
  return addresses;
}

/** Address → hardware address: whose download a counter is. */
export function ownersOf(addresses: DeviceAddresses): ReadonlyMap<string, string> {
  return new Map([...addresses].flatMap(([mac, list]) => list.map((a) => [a, mac] as const)));
}

export function historyDocument(
  periodMs: number,
  history: ReadonlyMap<string, readonly Point[]>,
): Payload<typeof firewallHistory> {
  return {
    periodMs,
    devices: [...history].map(([mac, points]) => ({ mac, points: points.map((p) => ({ ...p })) })),
  };
}
