import type { Ipv4, Mac } from "@passerelle/net";
import { macBytes, macFromBytes } from "@passerelle/net";

/** A DHCP message (RFC 2131 section 2). The names of the fields are the RFC's. */
export interface Dhcpv4Message {
  /** BOOTREQUEST from a client, BOOTREPLY from a server; any other value is refused. */
  readonly op: number;
  /** Hardware address type; 1 is Ethernet. */
  readonly htype: number;
  /** Octets of `chaddr` that mean something, 0 to 16. */
  readonly hlen: number;
  /** Relay agents passed. */
  readonly hops: number;
  /** Transaction, chosen by the client. */
  readonly xid: number;
  /** Seconds since the client began, as it says. */
  readonly secs: number;
  /** FLAG_BROADCAST, or 0. */
  readonly flags: number;
  /** The client's address while it can answer ARP for it (BOUND, RENEWING, REBINDING), else 0.0.0.0. */
  readonly ciaddr: Ipv4;
  /** "Your" address: what the server gives. */
  readonly yiaddr: Ipv4;
  /** Next server of a network boot. */
  readonly siaddr: Ipv4;
  /** The relay agent that passed the message on, else 0.0.0.0. */
  readonly giaddr: Ipv4;
  /** 16 octets; the first `hlen` are the client's hardware address. */
  readonly chaddr: Uint8Array;
  /** Server host name without the zeros behind it, at most 64 octets; empty where the field held options. */
  readonly sname: Uint8Array;
  /** Boot file name without the zeros behind it, at most 128 octets; empty where the field held options. */
  readonly file: Uint8Array;
  /**
   * Each code once, in the order of first appearance, parts of a long option joined (RFC 3396), and
   * without pad, end and overload, which only say how the rest is packed.
   */
  readonly options: readonly Dhcpv4Option[];
}

/** An option as its octets. Unknown codes are kept like any other. */
export interface Dhcpv4Option {
  /** 1 to 254. */
  readonly code: number;
  readonly data: Uint8Array;
}

export const BOOTREQUEST = 1;
export const BOOTREPLY = 2;
/** RFC 2131 figure 2: the client can't receive unicast before its address is set. */
export const FLAG_BROADCAST = 0x8000;
/** `htype` of Ethernet. */
export const HTYPE_ETHERNET = 1;
export const SERVER_PORT = 67;
export const CLIENT_PORT = 68;
/** RFC 2131 section 3: 99, 130, 83, 99. */
export const MAGIC_COOKIE = 0x63825363;
export const CHADDR_LENGTH = 16;
export const SNAME_LENGTH = 64;
export const FILE_LENGTH = 128;
/** Octets before the options: header and cookie. */
export const HEADER_LENGTH = 240;

/** The client's MAC; undefined for anything but Ethernet. */
export function hardwareAddressOf(message: Dhcpv4Message): Mac | undefined {
  if (message.htype !== HTYPE_ETHERNET || message.hlen !== 6) return undefined;
  return macFromBytes(message.chaddr);
}

/** `chaddr` of an Ethernet client. */
export function chaddrOf(mac: Mac): Uint8Array {
  const chaddr = new Uint8Array(CHADDR_LENGTH);
  chaddr.set(macBytes(mac));
  return chaddr;
}
