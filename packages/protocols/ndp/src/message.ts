import type { Ipv6 } from "@passerelle/net";

/** One message of neighbour discovery (RFC 4861 section 4), without the IPv6 header before it. */
export type NdpMessage =
  | RouterSolicitation
  | RouterAdvertisement
  | NeighbourSolicitation
  | NeighbourAdvertisement
  | Redirect;

interface WithOptions {
  /** In their order; a type may come more than once. */
  readonly options: readonly NdpOption[];
}

/** "Who is a router here?" */
export interface RouterSolicitation extends WithOptions {
  readonly kind: "router_solicitation";
  /** 32 bits, 0 from honest senders; kept. */
  readonly reserved: number;
}

export interface RouterAdvertisement extends WithOptions {
  readonly kind: "router_advertisement";
  /** Hop limit for the hosts' own packets; 0 leaves it to them. */
  readonly curHopLimit: number;
  /** See `RA_FLAG`; the two bits of the preference are read by `preferenceIn`. */
  readonly flags: number;
  /** Seconds for which the sender is a default router; 0 says that it is none. */
  readonly routerLifetime: number;
  /** Milliseconds for which a neighbour counts as reachable; 0 leaves it to the hosts. */
  readonly reachableTime: number;
  /** Milliseconds between two solicitations of a neighbour; 0 leaves it to the hosts. */
  readonly retransTimer: number;
}

/** "Who has this address?" */
export interface NeighbourSolicitation extends WithOptions {
  readonly kind: "neighbour_solicitation";
  readonly reserved: number;
  readonly targetAddress: Ipv6;
}

export interface NeighbourAdvertisement extends WithOptions {
  readonly kind: "neighbour_advertisement";
  /** 32 bits, of which the first three mean something, see `NA_FLAG`. */
  readonly flags: number;
  readonly targetAddress: Ipv6;
}

/** "For this destination there is a better first hop." */
export interface Redirect extends WithOptions {
  readonly kind: "redirect";
  readonly reserved: number;
  readonly targetAddress: Ipv6;
  readonly destinationAddress: Ipv6;
}

/** An option as its octets. Unknown types are kept like any other. */
export interface NdpOption {
  /** 0 to 255. */
  readonly type: number;
  /** What comes after type and length: 6, 14, 22 … octets. */
  readonly data: Uint8Array;
}

/** ICMPv6 types. */
export const NDP_TYPE = {
  router_solicitation: 133,
  router_advertisement: 134,
  neighbour_solicitation: 135,
  neighbour_advertisement: 136,
  redirect: 137,
} as const satisfies Readonly<Record<NdpMessage["kind"], number>>;

/** IANA "IPv6 Neighbor Discovery Option Formats", where a home meets them. */
export const NDP_OPTION = {
  SOURCE_LINK_LAYER_ADDRESS: 1,
  TARGET_LINK_LAYER_ADDRESS: 2,
  PREFIX_INFORMATION: 3,
  REDIRECTED_HEADER: 4,
  MTU: 5,
  NONCE: 14,
  ROUTE_INFORMATION: 24,
  RECURSIVE_DNS_SERVER: 25,
  RA_FLAGS_EXTENSION: 26,
  DNS_SEARCH_LIST: 31,
  CAPTIVE_PORTAL: 37,
  PREF64: 38,
} as const;

/** RFC 4861 section 4.2 (M: addresses by DHCPv6, O: other things by it), RFC 6275 (H), RFC 4389 (P). */
export const RA_FLAG = { M: 0x80, O: 0x40, H: 0x20, P: 0x04 } as const;

/** RFC 4861 section 4.4: the sender is a router; it was asked; caches take it over what they have. */
export const NA_FLAG = { R: 0x8000_0000, S: 0x4000_0000, O: 0x2000_0000 } as const;

/** RFC 4861 section 7.1: no router has passed the packet on, so that it is from this link. */
export const NDP_HOP_LIMIT = 255;
