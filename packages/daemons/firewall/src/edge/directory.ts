import type { LanDevice, LanLease } from "@passerelle/contract";
import type { DeviceAddresses } from "../core/wanted.ts";
import { deviceAddresses, ownersOf } from "./facts.ts";

/** Leases and inventory, joined: who has which address. */
export function createDirectory(changed: (addresses: DeviceAddresses) => void): {
  leases(leases: readonly LanLease[]): void;
  devices(devices: readonly LanDevice[]): void;
  readonly ownerOf: (address: string) => string | undefined;
} {
  let leases: readonly LanLease[] = [];
  let devices: readonly LanDevice[] = [];
  let owners: ReadonlyMap<string, string> = new Map();
  const update = (): void => {
    const addresses = deviceAddresses(leases, devices);
    owners = ownersOf(addresses);
    changed(addresses);
  };
  return {
    leases: (next) => {
      leases = next;
      update();
    },
    devices: (next) => {
      devices = next;
      update();
    },
    ownerOf: (address) => owners.get(address),
  };
}
