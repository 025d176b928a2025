import type { ConfigChange, LanDevice } from "@passerelle/contract";
import { contains4, parseCidr4, parseIpv4 } from "@passerelle/net";
import type { Forward, HomeSections, Reservation } from "./sections.ts";

/** Merge patches for what a person decides about devices and openings. A merge patch replaces a list whole. */

export function blockingChange(
  sections: HomeSections,
  macs: readonly string[],
  blocked: boolean,
): readonly ConfigChange[] {
  const before = sections.firewall.blocked;
  const rest = before.filter((mac) => !macs.includes(mac));
  const after = blocked ? [...rest, ...macs] : rest;
  const isSame = after.length === before.length && before.every((mac) => after.includes(mac));
  return isSame ? [] : [{ section: "firewall", patch: { blocked: after } }];
}

export interface ReservationWish {
  readonly device: Pick<LanDevice, "macs">;
  /** The hardware address that uses an address now, where there is one. */
  readonly macInUse: string | undefined;
  /** null gives every address of the device up. */
  readonly address: string | null;
}

/** A device has one place in each network: the new one takes the place of the old one of its network. */
export function reservationChange(
  sections: HomeSections,
  { device, macInUse, address }: ReservationWish,
): readonly ConfigChange[] {
  const { reservations, networks } = sections.lan;
  const isOurs = (one: Reservation) => one.mac !== undefined && device.macs.includes(one.mac);
  if (address === null) {
    const rest = reservations.filter((one) => !isOurs(one));
    return rest.length === reservations.length ? [] : [lanChange(rest)];
  }
  const network = networkOf(networks, address);
  const old = reservations.find(
    (one) => isOurs(one) && networkOf(networks, one.address) === network,
  );
  if (old?.address === address) return [];
  if (old !== undefined) {
    return [lanChange(reservations.map((one) => (one === old ? { ...one, address } : one)))];
  }
  const mac = macInUse ?? device.macs.at(-1);
  return mac === undefined ? [] : [lanChange([...reservations, { address, mac }])];
}

export function forwardsChange(forwards: readonly Forward[]): ConfigChange {
  return { section: "firewall", patch: { forwards } };
}

/** The sections as they are once a change is in force. */
export function withChanges(
  sections: HomeSections,
  changes: readonly ConfigChange[],
): HomeSections {
  let { firewall, lan } = sections;
  for (const { section, patch } of changes) {
    if (section === "firewall") firewall = { ...firewall, ...patch };
    if (section === "lan") lan = { ...lan, ...patch };
  }
  return { firewall, lan };
}

function lanChange(reservations: readonly Reservation[]): ConfigChange {
  return { section: "lan", patch: { reservations } };
}

function networkOf(networks: HomeSections["lan"]["networks"], address: string): string | undefined {
  const wanted = parseIpv4(address);
  return networks.find((network) => {
    const cidr = parseCidr4(network.address);
    return cidr !== undefined && wanted !== undefined && contains4(cidr, wanted);
  })?.name;
}
