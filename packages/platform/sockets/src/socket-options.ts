import { native, type SocketHandle } from "@passerelle/native";

/** Levels and options of asm-generic/socket.h, linux/in.h, linux/in6.h and linux/if_packet.h. */
export const SOL_SOCKET = 1;
export const SOL_IP = 0;
export const SOL_IPV6 = 41;
export const SOL_PACKET = 263;

export const SO_REUSEADDR = 2;
export const SO_BROADCAST = 6;
export const SO_RCVBUF = 8;
export const SO_PRIORITY = 12;
export const SO_REUSEPORT = 15;
export const SO_BINDTODEVICE = 25;
export const SO_RCVBUFFORCE = 33;

export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_PKTINFO = 8;
export const IP_MULTICAST_TTL = 33;
export const IP_MULTICAST_LOOP = 34;
export const IP_ADD_MEMBERSHIP = 35;
export const IP_DROP_MEMBERSHIP = 36;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MULTICAST_HOPS = 18;
export const IPV6_MULTICAST_LOOP = 19;
export const IPV6_ADD_MEMBERSHIP = 20;
export const IPV6_DROP_MEMBERSHIP = 21;
export const IPV6_V6ONLY = 26;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_TCLASS = 67;

/** Levels and options of raw sockets: linux/icmp.h, linux/icmpv6.h. */
export const SOL_RAW = 255;
export const ICMP_FILTER = 1;
export const SOL_ICMPV6 = 58;
export const ICMPV6_FILTER = 1;

export const PACKET_AUXDATA = 8;
export const PACKET_IGNORE_OUTGOING = 23;

export function setNumber(handle: SocketHandle, level: number, name: number, value: number): void {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  native().setOption(handle, level, name, bytes);
}

export function bindToDevice(handle: SocketHandle, device: string): void {
  const text = new TextEncoder().encode(`${device}\0`);
  native().setOption(handle, SOL_SOCKET, SO_BINDTODEVICE, text);
}

/** TTL or hop limit of what is sent, to one or to a group. */
export function setTtl(handle: SocketHandle, family: 4 | 6, ttl: number): void {
  const level = family === 4 ? SOL_IP : SOL_IPV6;
  setNumber(handle, level, family === 4 ? IP_TTL : IPV6_UNICAST_HOPS, ttl);
  setNumber(handle, level, family === 4 ? IP_MULTICAST_TTL : IPV6_MULTICAST_HOPS, ttl);
}

/**
 * Traffic class, then priority: setting IP_TOS derives a priority of its own and would overwrite ours. Priorities
 * above 6 need CAP_NET_ADMIN.
 */
export function setClass(
  handle: SocketHandle,
  family: 4 | 6,
  trafficClass: number | undefined,
  priority: number | undefined,
): void {
  if (trafficClass !== undefined) {
    const level = family === 4 ? SOL_IP : SOL_IPV6;
    setNumber(handle, level, family === 4 ? IP_TOS : IPV6_TCLASS, trafficClass);
  }
  if (priority !== undefined) setNumber(handle, SOL_SOCKET, SO_PRIORITY, priority);
}

/** SO_RCVBUFFORCE passes the system's limit but needs CAP_NET_ADMIN; without it the limit holds. */
export function setReceiveBuffer(handle: SocketHandle, bytes: number): void {
  try {
    setNumber(handle, SOL_SOCKET, SO_RCVBUFFORCE, bytes);
  } catch {
    setNumber(handle, SOL_SOCKET, SO_RCVBUF, bytes);
  }
}
