import type { Mac } from "@passerelle/net";
import { describe, expect, test } from "vitest";
import { DEVICES_MAX, viewOf } from "../src/core/inventory/device.ts";
import {
  EMPTY_INVENTORY,
  forget,
  type Inventory,
  lose,
  rename,
  restoreInventory,
  type Sighting,
  sight,
} from "../src/core/inventory/inventory.ts";

const DUID = "ff223344550001000132968508021122334455";
const seen = (mac: string, more: Partial<Sighting> = {}): Sighting => ({
  mac: mac as Mac,
  network: "lan",
  evidence: "dhcp",
  ...more,
});

function after(...sightings: readonly Sighting[]): Inventory {
  let inventory = EMPTY_INVENTORY;
  for (const [i, one] of sightings.entries()) inventory = sight(inventory, one, 1000 + i).inventory;
  return inventory;
}

describe("identity is a device, not a MAC", () => {
  test("a new private MAC with the same DUID is the same device", () => {
    const inventory = after(
      seen("02:00:00:00:00:01", { clientId: DUID, address: "192.168.1.50" }),
      seen("06:00:00:00:00:02", { clientId: DUID, address: "192.168.1.51" }),
    );
    expect(inventory.devices.size).toBe(1);
    const [device] = inventory.devices.values();
    expect(device?.macs).toEqual(["06:00:00:00:00:02", "02:00:00:00:00:01"]);
    expect(device?.firstSeen).toBe(1000);
  });
  test("seen by ARP first, then by DHCP with a DUID: one device, whose id stays", () => {
    const inventory = after(
      seen("02:00:00:00:00:01", { evidence: "arp" }),
      seen("02:00:00:00:00:01", { clientId: DUID }),
    );
    expect([...inventory.devices.values()].map((one) => one.id)).toEqual(["mac:02:00:00:00:00:01"]);
    expect([...inventory.devices.values()][0]?.evidence).toEqual(["arp", "dhcp"]);
  });
});

test("new, online, offline are told once each", () => {
  const one = seen("00:00:00:00:00:01", { address: "192.168.1.50", hostname: "tele" });
  const first = sight(EMPTY_INVENTORY, one, 1);
  expect(first.event).toBe("new");
  const second = sight(first.inventory, one, 2);
  expect([second.event, second.device]).toEqual([undefined, undefined]);
  const gone = lose(second.inventory, one.mac, "192.168.1.50");
  expect(gone.event).toBe("offline");
  expect(lose(gone.inventory, one.mac, "192.168.1.50").event).toBeUndefined();
  expect(sight(gone.inventory, one, 3).event).toBe("online");
});

test("a device with another address alive stays online", () => {
  const inventory = after(
    seen("00:00:00:00:00:01", { address: "192.168.1.50" }),
    seen("00:00:00:00:00:01", { address: "192.168.1.51" }),
  );
  expect(lose(inventory, "00:00:00:00:00:01" as Mac, "192.168.1.50").event).toBeUndefined();
});

test("a person's name wins, survives a restart, and goes with the device", () => {
  const inventory = after(seen("02:00:00:00:00:01", { hostname: "<img onerror=x>" }));
  const id = [...inventory.devices.values()].map((one) => one.id)[0] ?? "";
  const named = rename(inventory, id, "Téléphone");
  const device = named?.device;
  if (named === undefined || device === undefined) throw new Error("renamed");
  expect(viewOf(device, true)).toMatchObject({
    name: "Téléphone",
    nameSource: "person",
    hostname: "<img onerror=x>",
    privateMac: true,
  });
  const restored = restoreInventory([...named.inventory.devices.values()]);
  expect(
    sight(restored, seen("02:00:00:00:00:01"), 9).device ?? restored.devices.get(id),
  ).toMatchObject({
    givenName: "Téléphone",
  });
  const without = forget(restored, id);
  expect([without?.inventory.devices.size, without?.inventory.index.size]).toEqual([0, 0]);
  expect(forget(restored, "nobody")).toBeUndefined();
});

test("a flood keeps to the limit, and named devices stay", () => {
  const hex = (i: number): string => (0x1_0000 + i).toString(16).slice(1);
  let inventory = after(seen("00:00:00:00:00:01"));
  inventory = rename(inventory, "mac:00:00:00:00:00:01", "mine")?.inventory ?? inventory;
  for (let i = 0; i < DEVICES_MAX + 20; i += 1) {
    const mac = `02:00:00:00:${hex(i).slice(0, 2)}:${hex(i).slice(2)}`;
    inventory = sight(inventory, seen(mac), 2000 + i).inventory;
  }
  expect(inventory.devices.size).toBe(DEVICES_MAX);
  expect(inventory.devices.has("mac:00:00:00:00:00:01")).toBe(true);
  expect(inventory.index.size).toBe(DEVICES_MAX);
});
