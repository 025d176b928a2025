import { type Ipv4, type Ipv6, ipv4FromBytes, ipv6Bytes, ipv6FromBytes } from "@passerelle/net";

// Linux socket addresses: the family in host order (little-endian on x64 and arm64), ports in network order.
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_PACKET = 17;

export const SOCKADDR_IN_BYTES = 16;
export const SOCKADDR_IN6_BYTES = 28;

export function writeSockaddr(
  out: Uint8Array,
  at: number,
  family: 4 | 6,
  address: Ipv4 | Ipv6,
  port: number,
  scope: number,
): number {
  const length = family === 4 ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES;
  out.fill(0, at, at + length);
  out[at] = family === 4 ? AF_INET : AF_INET6;
  out[at + 2] = port >>> 8;
  out[at + 3] = port & 0xff;
  if (family === 4) {
    writeIpv4(out, at + 4, address as Ipv4);
  } else {
    out.set(ipv6Bytes(address as Ipv6), at + 8);
    if (isLinkScoped(out, at + 8))
      new DataView(out.buffer, out.byteOffset).setUint32(at + 24, scope, true);
  }
  return length;
}

export function writeIpv4(out: Uint8Array, at: number, address: Ipv4): void {
  out[at] = address >>> 24;
  out[at + 1] = (address >>> 16) & 0xff;
  out[at + 2] = (address >>> 8) & 0xff;
  out[at + 3] = address & 0xff;
}

export function sockaddrPort(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
}

export function sockaddrAddress(bytes: Uint8Array, at: number): Ipv4 | Ipv6 {
  const address =
    bytes[at] === AF_INET ? ipv4FromBytes(bytes, at + 4) : ipv6FromBytes(bytes, at + 8);
  if (address === undefined) throw new Error("invariant: a socket address lies inside its table");
  return address;
}

/** The interface that a link-local IPv6 source belongs to. */
export function sockaddrScope(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== AF_INET6) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 24, true);
}

export function packetSockaddr(interfaceIndex: number, etherType: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType, false);
  view.setInt32(4, interfaceIndex, true);
  return bytes;
}

/** "@name" is an abstract name: a zero octet instead of a path. */
export function unixSockaddr(path: string): Uint8Array {
  const name = new TextEncoder().encode(path);
  const abstract = path.startsWith("@");
  // A path ends with a zero; an abstract name is exactly its length.
  const bytes = new Uint8Array(2 + name.length + (abstract ? 0 : 1));
  bytes[0] = AF_UNIX;
  bytes.set(name, 2);
  if (abstract) bytes[2] = 0;
  return bytes;
}

/** fe80::/10 and the multicast scopes interface-local and link-local (RFC 4007 section 4). */
function isLinkScoped(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  if (first === 0xff) return (second & 0x0f) === 1 || (second & 0x0f) === 2;
  return first === 0xfe && (second & 0xc0) === 0x80;
}
