import { type Ipv6, ipv6Bytes, ipv6FromBytes, parseIpv6 } from "./ipv6.ts";

/** An IPv6 address with its prefix length: an interface address or a network. */
export interface Cidr6 {
  readonly address: Ipv6;
  /** 0 to 128. */
  readonly prefixLength: number;
}

export function parseCidr6(text: string): Cidr6 | undefined {
  const match = /^([0-9a-f:.]+)\/(0|[1-9]\d{0,2})$/i.exec(text);
  if (match === null) return undefined;
  const address = parseIpv6(match[1] ?? "");
  const prefixLength = Number(match[2]);
  if (address === undefined || prefixLength > 128) return undefined;
  return { address, prefixLength };
}

export function formatCidr6(cidr: Cidr6): string {
  return `${cidr.address}/${cidr.prefixLength}`;
}

/** All host bits zero. */
export function networkOf6(cidr: Cidr6): Ipv6 {
  const bytes = ipv6Bytes(cidr.address);
  for (let i = 0; i < 16; i += 1) bytes[i] = (bytes[i] ?? 0) & maskOctet(cidr.prefixLength, i);
  return fromBytes(bytes);
}

export function contains6(cidr: Cidr6, address: Ipv6): boolean {
  const a = ipv6Bytes(cidr.address);
  const b = ipv6Bytes(address);
  return a.every((octet, i) => ((octet ^ (b[i] ?? 0)) & maskOctet(cidr.prefixLength, i)) === 0);
}

/** True where two networks share an address. */
export function overlaps6(a: Cidr6, b: Cidr6): boolean {
  const shorter = a.prefixLength <= b.prefixLength ? a : b;
  const other = shorter === a ? b : a;
  return contains6(shorter, other.address);
}

/** How many networks of `prefixLength` a prefix holds; 0 where it is the smaller one. */
export function subnetCount6(prefix: Cidr6, prefixLength: number): number {
  return prefixLength < prefix.prefixLength ? 0 : 2 ** (prefixLength - prefix.prefixLength);
}

/** The network number `index`, from 0, of those of `prefixLength` in a prefix. Throws where there is none such. */
export function subnet6(prefix: Cidr6, prefixLength: number, index: number): Cidr6 {
  if (!(prefixLength <= 128)) throw new Error("invariant: a prefix length is 128 at most");
  if (!(Number.isSafeInteger(index) && index >= 0 && index < subnetCount6(prefix, prefixLength))) {
    throw new Error("invariant: the prefix holds this subnet");
  }
  const bytes = ipv6Bytes(networkOf6(prefix));
  let rest = index;
  for (let bit = prefixLength - 1; rest > 0; bit -= 1) {
    const octet = bit >>> 3;
    if (rest % 2 === 1) bytes[octet] = (bytes[octet] ?? 0) | (0x80 >>> (bit & 7));
    rest = Math.floor(rest / 2);
  }
  return { address: fromBytes(bytes), prefixLength };
}

/** The address with the prefix's first bits and, behind them, those of `host`. */
export function withHost6(prefix: Cidr6, host: Ipv6): Ipv6 {
  const bytes = ipv6Bytes(prefix.address);
  const hostBytes = ipv6Bytes(host);
  for (let i = 0; i < 16; i += 1) {
    const mask = maskOctet(prefix.prefixLength, i);
    bytes[i] = ((bytes[i] ?? 0) & mask) | ((hostBytes[i] ?? 0) & ~mask);
  }
  return fromBytes(bytes);
}

/** Octet `index` of the netmask. */
function maskOctet(prefixLength: number, index: number): number {
  const bits = Math.max(0, Math.min(8, prefixLength - index * 8));
  return (0xff00 >>> bits) & 0xff;
}

function fromBytes(bytes: Uint8Array): Ipv6 {
  const address = ipv6FromBytes(bytes);
  if (address === undefined) throw new Error("invariant: sixteen octets are an address");
  return address;
}
