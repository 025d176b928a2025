import { latin1Text, toHex } from "@passerelle/bytes";
import {
  clientIdOf,
  type Dhcpv4Message,
  decodeVendorBlocks,
  hardwareAddressOf,
  hostnameOf,
  OPTION,
  optionOf,
  userClassesOf,
  vendorClassOf,
} from "@passerelle/dhcpv4";
import type { Mac } from "@passerelle/net";
import type { ClassMatch } from "./config.ts";

/** Who sent a message, as far as it says. Texts are a stranger's: bounded, not interpreted. */
export interface Client {
  /** Identifies the lease (RFC 2131 section 4.2): client identifier where there is one, else the hardware address. */
  readonly key: string;
  readonly mac: Mac;
  /** Option 61, hexadecimal. */
  readonly clientId?: string;
  readonly hostname?: string;
  readonly vendorClass?: string;
}

/** Undefined for hardware other than Ethernet, and for addresses that no device can have. */
export function clientOf(message: Dhcpv4Message): Client | undefined {
  const mac = hardwareAddressOf(message);
  if (mac === undefined || mac === "00:00:00:00:00:00") return undefined;
  if ((Number.parseInt(mac.slice(0, 2), 16) & 1) !== 0) return undefined;
  const identifier = clientIdOf(message);
  const clientId = identifier === undefined ? undefined : toHex(identifier);
  const hostname = hostnameOf(message) ?? fqdnOf(message);
  const vendorClass = vendorClassOf(message);
  return {
    key: clientId === undefined ? keyOfMac(mac) : `id:${clientId}`,
    mac,
    ...(clientId === undefined ? {} : { clientId }),
    ...(hostname === undefined ? {} : { hostname: hostname.slice(0, TEXT_MAX) }),
    ...(vendorClass === undefined ? {} : { vendorClass: vendorClass.slice(0, TEXT_MAX) }),
  };
}

export function keyOfMac(mac: Mac): string {
  return `mac:${mac}`;
}

export function matchesClass(match: ClassMatch, message: Dhcpv4Message): boolean {
  const { vendorClass, userClass, enterprise, macPrefix } = match;
  if (vendorClass !== undefined && vendorClassOf(message)?.startsWith(vendorClass) !== true) {
    return false;
  }
  if (userClass !== undefined) {
    const data = optionOf(message, OPTION.USER_CLASS);
    const classes = data === undefined ? [] : userClassesOf(data).map(latin1Text);
    if (!classes.some((one) => one.startsWith(userClass))) return false;
  }
  if (enterprise !== undefined && !enterprisesOf(message).includes(enterprise)) return false;
  if (macPrefix !== undefined) {
    if (hardwareAddressOf(message)?.startsWith(macPrefix.toLowerCase()) !== true) return false;
  }
  return true;
}

function enterprisesOf(message: Dhcpv4Message): readonly number[] {
  return [OPTION.V_I_VENDOR_CLASS, OPTION.V_I_VENDOR_SPECIFIC_INFORMATION].flatMap((code) => {
    const blocks = decodeVendorBlocks(optionOf(message, code) ?? new Uint8Array(0));
    return blocks.ok ? blocks.value.map((block) => block.enterprise) : [];
  });
}

/** Host part of option 81 in its plain form (RFC 4702 section 2.3, E bit clear). */
function fqdnOf(message: Dhcpv4Message): string | undefined {
  const data = optionOf(message, OPTION.CLIENT_FQDN);
  if (data === undefined || data.length < 4 || ((data[0] ?? 0) & FQDN_ENCODED) !== 0)
    return undefined;
  return latin1Text(data.subarray(3)).split(".")[0] || undefined;
}

const TEXT_MAX = 255;
const FQDN_ENCODED = 0x04;
