import type { Ipv6 } from "@passerelle/net";

/** A message between client and server (RFC 9915 section 8). The names of the fields are the RFC's. */
export interface Dhcpv6Message {
  /** See `MESSAGE_TYPE`; the types of relay agents have a form of their own. */
  readonly msgType: MessageType;
  /** 24 bits, chosen by the client, the same in every retransmission; 0 in a Reconfigure. */
  readonly transactionId: number;
  /** In their order. A code may come more than once (IA_NA, IA_PD, vendor options), each for itself. */
  readonly options: readonly Dhcpv6Option[];
}

/** A message between relay agent and server (RFC 9915 section 9); what it carries is in option RELAY_MSG. */
export interface Dhcpv6RelayMessage {
  readonly msgType: RelayMessageType;
  /** Relay agents passed before this one. */
  readonly hopCount: number;
  /** An address on the client's link; :: where the relay agent names the link by option INTERFACE_ID alone. */
  readonly linkAddress: Ipv6;
  /** From whom the relay agent had the message: the client, or a relay agent nearer to it. */
  readonly peerAddress: Ipv6;
  readonly options: readonly Dhcpv6Option[];
}

/** An option as its octets. Unknown codes are kept like any other. */
export interface Dhcpv6Option {
  /** 0 to 65535. */
  readonly code: number;
  readonly data: Uint8Array;
}

/** RFC 9915 section 7.3. */
export const MESSAGE_TYPE = {
  SOLICIT: 1,
  ADVERTISE: 2,
  REQUEST: 3,
  CONFIRM: 4,
  RENEW: 5,
  REBIND: 6,
  REPLY: 7,
  RELEASE: 8,
  DECLINE: 9,
  RECONFIGURE: 10,
  INFORMATION_REQUEST: 11,
} as const;
export type MessageType = (typeof MESSAGE_TYPE)[keyof typeof MESSAGE_TYPE];

export const RELAY_MESSAGE_TYPE = { RELAY_FORW: 12, RELAY_REPL: 13 } as const;
export type RelayMessageType = (typeof RELAY_MESSAGE_TYPE)[keyof typeof RELAY_MESSAGE_TYPE];

/** RFC 9915 section 7.1. */
export const ALL_DHCP_RELAY_AGENTS_AND_SERVERS = "ff02::1:2" as Ipv6;
export const ALL_DHCP_SERVERS = "ff05::1:3" as Ipv6;
/** RFC 9915 section 7.2: where clients listen. */
export const CLIENT_PORT = 546;
/** Where servers and relay agents listen. */
export const SERVER_PORT = 547;
/** RFC 9915 section 7.7: for ever, of lifetimes, T1 and T2. */
export const INFINITY_SECONDS = 0xffff_ffff;
export const TRANSACTION_ID_MAX = 0xff_ffff;
