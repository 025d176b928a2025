import type { LanDevice } from "@passerelle/contract";
import type { Mac } from "@passerelle/net";

/** A thing of the home, whatever addresses it uses. Stored as it is. */
export interface Device {
  /** Given at the first sight and never changed. */
  readonly id: string;
  /** Every identity that means this device: "mac:…", and "duid:…" of its client identifier. */
  readonly identities: readonly string[];
  /** Newest first. */
  readonly macs: readonly Mac[];
  /** IPv4 as text, newest first; only those it has now. */
  readonly addresses: readonly string[];
  readonly network?: string;
  /** What a person called it. */
  readonly givenName?: string;
  readonly hostname?: string;
  readonly vendorClass?: string;
  /** Calendar times, for people. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly evidence: readonly ("dhcp" | "arp")[];
}

export const DEVICES_MAX = 4096;
export const IDENTITIES_MAX = 8;
export const ADDRESSES_MAX = 4;

export function viewOf(device: Device, online: boolean): LanDevice {
  const { givenName, hostname, vendorClass } = device;
  const [name, nameSource]: [string, LanDevice["nameSource"]] =
    givenName !== undefined
      ? [givenName, "person"]
      : hostname !== undefined
        ? [hostname, "dhcp"]
        : vendorClass !== undefined
          ? [vendorClass, "vendor"]
          : [device.macs[0] ?? device.id, "address"];
  return {
    id: device.id,
    name,
    nameSource,
    macs: [...device.macs],
    privateMac: isPrivateMac(device.macs[0]),
    addresses: [...device.addresses],
    ...(vendorClass === undefined ? {} : { vendor: vendorClass }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(device.network === undefined ? {} : { network: device.network }),
    online,
    firstSeen: Math.max(0, Math.round(device.firstSeen)),
    lastSeen: Math.max(0, Math.round(device.lastSeen)),
    evidence: [...device.evidence],
  };
}

function isPrivateMac(mac: Mac | undefined): boolean {
  return mac !== undefined && (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
}
