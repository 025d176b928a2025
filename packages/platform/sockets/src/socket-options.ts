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
export const IP_ADD_MEMBERSHIP = 35;
export const IP_DROP_MEMBERSHIP = 36;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MULTICAST_HOPS = 18;
export const IPV6_ADD_MEMBERSHIP = 20;
export const IPV6_DROP_MEMBERSHIP = 21;
export const IPV6_V6ONLY = 26;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_TCLASS = 67;

export const IPV6_RECVHOPLIMIT = 51;

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

/** SO_RCVBUFFORCE passes the system's limit but needs CAP_NET_ADMIN; without it the limit holds. */
export function setReceiveBuffer(handle: SocketHandle, bytes: number): void {
  try {
    setNumber(handle, SOL_SOCKET, SO_RCVBUFFORCE, bytes);
  } catch {
    setNumber(handle, SOL_SOCKET, SO_RCVBUF, bytes);
  }
}
