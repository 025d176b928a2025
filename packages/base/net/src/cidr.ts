import { formatIpv4, type Ipv4, parseIpv4 } from "./ipv4.ts";

/** An IPv4 address with its prefix length: an interface address or a network. */
export interface Cidr4 {
  readonly address: Ipv4;
  /** 0 to 32. */
  readonly prefixLength: number;
}

export function parseCidr4(text: string): Cidr4 | undefined {
  const match = /^([0-9.]+)\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const address = parseIpv4(match[1] ?? "");
  const prefixLength = Number(match[2]);
  if (address === undefined || prefixLength > 32) return undefined;
  return { address, prefixLength };
}

export function formatCidr4(cidr: Cidr4): string {
  return `${formatIpv4(cidr.address)}/${cidr.prefixLength}`;
}

export function netmask4(prefixLength: number): Ipv4 {
  return (prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0) as Ipv4;
}

/** Prefix length of a contiguous netmask; undefined for any other. */
export function prefixLengthOf(netmask: Ipv4): number | undefined {
  for (let length = 0; length <= 32; length += 1) if (netmask4(length) === netmask) return length;
  return undefined;
}

export function networkOf(cidr: Cidr4): Ipv4 {
  return ((cidr.address & netmask4(cidr.prefixLength)) >>> 0) as Ipv4;
}

/** The directed broadcast address: all host bits one. */
export function broadcastOf(cidr: Cidr4): Ipv4 {
  return ((cidr.address | ~netmask4(cidr.prefixLength)) >>> 0) as Ipv4;
}

export function contains4(cidr: Cidr4, address: Ipv4): boolean {
  const mask = netmask4(cidr.prefixLength);
  return (cidr.address & mask) >>> 0 === (address & mask) >>> 0;
}

/** True where two networks share an address: a LAN that does so with the WAN cannot be routed. */
export function overlaps4(a: Cidr4, b: Cidr4): boolean {
  const shorter = a.prefixLength <= b.prefixLength ? a : b;
  const other = shorter === a ? b : a;
  return contains4(shorter, other.address);
}
