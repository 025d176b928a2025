import { fromHex, toHex } from "@passerelle/bytes";
import { readClientIdentifier } from "@passerelle/dhcpv4";
import type { Mac } from "@passerelle/net";
import { PersistentMap } from "../persistent-map.ts";
import { ADDRESSES_MAX, DEVICES_MAX, type Device, IDENTITIES_MAX } from "./device.ts";

/** Every device ever seen and not forgotten. A value; `devices` and `index` are replaced, never changed. */
export interface Inventory {
  readonly devices: PersistentMap<string, Device>;
  /** Identity → device. */
  readonly index: PersistentMap<string, string>;
  /** Devices that are there now. */
  readonly online: PersistentMap<string, true>;
  /** Who gives way next where the inventory is full, as they were when that was found out. */
  readonly leaving: readonly Device[];
}

/** Something that says that a device is there. */
export interface Sighting {
  readonly mac: Mac;
  readonly network: string;
  readonly evidence: "dhcp" | "arp";
  /** IPv4 as text. */
  readonly address?: string;
  /** Option 61, hexadecimal. */
  readonly clientId?: string;
  readonly hostname?: string;
  readonly vendorClass?: string;
}

export interface InventoryChange {
  readonly inventory: Inventory;
  /** What to store, and to tell; undefined where nothing changed that anybody would notice. */
  readonly device?: Device;
  readonly event?: "new" | "online" | "offline";
  /** Devices that had to give way. */
  readonly forgotten: readonly string[];
}

export const EMPTY_INVENTORY: Inventory = {
  devices: PersistentMap.empty(),
  index: PersistentMap.empty(),
  online: PersistentMap.empty(),
  leaving: [],
};

export function restoreInventory(devices: readonly Device[]): Inventory {
  const known = devices.slice(0, DEVICES_MAX);
  return {
    devices: PersistentMap.from(known.map((one) => [one.id, one])),
    index: PersistentMap.from(
      known.flatMap((one) => one.identities.map((identity) => [identity, one.id] as const)),
    ),
    online: PersistentMap.empty(),
    leaving: [],
  };
}

/** @param wall calendar time, shown to people and never compared with a deadline */
export function sight(inventory: Inventory, seen: Sighting, wall: number): InventoryChange {
  const identities = identitiesOf(seen);
  const id = identities.map((one) => inventory.index.get(one)).find((one) => one !== undefined);
  const old = id === undefined ? undefined : inventory.devices.get(id);
  const device = merge(old, seen, identities, wall);
  const wasOnline = old !== undefined && inventory.online.has(old.id);
  const { base, forgotten } =
    old === undefined ? makeRoom(inventory) : { base: inventory, forgotten: [] };
  const next: Inventory = {
    devices: base.devices.with(device.id, device),
    index: reindex(base.index, device),
    online: base.online.has(device.id) ? base.online : base.online.with(device.id, true),
    leaving: base.leaving,
  };
  const event = old === undefined ? "new" : wasOnline ? undefined : "online";
  if (event === undefined && old !== undefined && isSame(old, device)) {
    // Only the time is newer: worth showing later, not worth a write now.
    return { inventory: next, forgotten };
  }
  return { inventory: next, device, forgotten, ...(event === undefined ? {} : { event }) };
}

/** The device is gone, or its address is somebody else's. */
export function lose(inventory: Inventory, mac: Mac, address: string | undefined): InventoryChange {
  const id = inventory.index.get(`mac:${mac}`);
  const old = id === undefined ? undefined : inventory.devices.get(id);
  if (old === undefined || !inventory.online.has(old.id)) return { inventory, forgotten: [] };
  const addresses = old.addresses.filter((one) => one !== address);
  const device: Device = { ...old, addresses };
  const devices = inventory.devices.with(device.id, device);
  // Another address of it may still be alive.
  if (addresses.length > 0 && addresses.length < old.addresses.length) {
    return { inventory: { ...inventory, devices }, device, forgotten: [] };
  }
  const online = inventory.online.without(device.id);
  return { inventory: { ...inventory, devices, online }, device, event: "offline", forgotten: [] };
}

export function rename(
  inventory: Inventory,
  id: string,
  name: string,
): InventoryChange | undefined {
  const old = inventory.devices.get(id);
  if (old === undefined) return undefined;
  const device: Device = { ...old, givenName: name };
  const devices = inventory.devices.with(id, device);
  return { inventory: { ...inventory, devices }, device, forgotten: [] };
}

export function forget(inventory: Inventory, id: string): InventoryChange | undefined {
  if (!inventory.devices.has(id)) return undefined;
  return { inventory: without(inventory, id), forgotten: [id] };
}

/**
 * A client identifier with a DUID (RFC 4361) outlives a change of MAC, so that a telephone with a new private
 * address stays the same telephone.
 */
function identitiesOf(seen: Sighting): readonly string[] {
  const bytes = seen.clientId === undefined ? undefined : fromHex(seen.clientId);
  const identifier = bytes === undefined ? undefined : readClientIdentifier(bytes);
  const mac = `mac:${seen.mac}`;
  return identifier?.kind === "duid" ? [`duid:${toHex(identifier.duid)}`, mac] : [mac];
}

function merge(
  old: Device | undefined,
  seen: Sighting,
  identities: readonly string[],
  wall: number,
): Device {
  const hostname = seen.hostname ?? old?.hostname;
  const vendorClass = seen.vendorClass ?? old?.vendorClass;
  const evidence = new Set([...(old?.evidence ?? []), seen.evidence]);
  const mine = old?.addresses ?? [];
  // In another network its old addresses are gone.
  const kept = old?.network === seen.network ? mine : [];
  return {
    ...(old?.givenName === undefined ? {} : { givenName: old.givenName }),
    id: old?.id ?? identities[0] ?? `mac:${seen.mac}`,
    identities: unique([...identities, ...(old?.identities ?? [])], IDENTITIES_MAX),
    macs: unique([seen.mac, ...(old?.macs ?? [])], IDENTITIES_MAX),
    addresses: seen.address === undefined ? kept : unique([seen.address, ...kept], ADDRESSES_MAX),
    network: seen.network,
    ...(hostname === undefined ? {} : { hostname }),
    ...(vendorClass === undefined ? {} : { vendorClass }),
    firstSeen: old?.firstSeen ?? wall,
    lastSeen: wall,
    evidence: [...evidence].sort(),
  };
}

/**
 * With the inventory full, the device unseen for longest gives way; those a person named last. Those who go next are
 * found out together: a flood of new devices must not look through all of them for each.
 */
function makeRoom(inventory: Inventory): { base: Inventory; forgotten: readonly string[] } {
  if (inventory.devices.size < DEVICES_MAX) return { base: inventory, forgotten: [] };
  const { devices } = inventory;
  // Whoever was seen or renamed since is another value by now, and stays.
  const waiting = inventory.leaving.filter((one) => devices.get(one.id) === one);
  const [next, ...leaving] = waiting.length > 0 ? waiting : unseenLongest(inventory);
  if (next === undefined) return { base: inventory, forgotten: [] };
  return { base: { ...without(inventory, next.id), leaving }, forgotten: [next.id] };
}

function unseenLongest({ devices, online }: Inventory): readonly Device[] {
  const rank = (one: Device): number =>
    (one.givenName === undefined ? 0 : 2) + (online.has(one.id) ? 1 : 0);
  const ranked = [...devices.values()].map((device) => ({ device, rank: rank(device) }));
  ranked.sort((a, b) => a.rank - b.rank || a.device.lastSeen - b.device.lastSeen);
  const lowest = ranked[0]?.rank;
  return ranked
    .slice(0, LEAVING_AT_ONCE)
    .filter((one) => one.rank === lowest)
    .map((one) => one.device);
}

function without(inventory: Inventory, id: string): Inventory {
  let { index } = inventory;
  for (const identity of inventory.devices.get(id)?.identities ?? []) {
    if (index.get(identity) === id) index = index.without(identity);
  }
  return {
    devices: inventory.devices.without(id),
    index,
    online: inventory.online.without(id),
    leaving: inventory.leaving,
  };
}

function reindex(
  index: PersistentMap<string, string>,
  device: Device,
): PersistentMap<string, string> {
  let next = index;
  for (const identity of device.identities) {
    if (next.get(identity) !== device.id) next = next.with(identity, device.id);
  }
  return next;
}

function isSame(a: Device, b: Device): boolean {
  return JSON.stringify({ ...a, lastSeen: 0 }) === JSON.stringify({ ...b, lastSeen: 0 });
}

function unique<T>(items: readonly T[], max: number): readonly T[] {
  return [...new Set(items)].slice(0, max);
}

const LEAVING_AT_ONCE = 64;
