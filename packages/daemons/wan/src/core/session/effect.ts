import type { Ipv4 } from "@passerelle/net";
import type { Lease } from "../lease.ts";

export type SessionEffect =
  /** Answered by an `entropy` input. */
  | { readonly kind: "draw_entropy" }
  /** To everybody, by the packet socket; `from` is 0.0.0.0 until there is an address (RFC 2131 section 4.1). */
  | { readonly kind: "broadcast"; readonly payload: Uint8Array; readonly from: Ipv4 }
  /** From the leased address to the server, by a UDP socket. */
  | {
      readonly kind: "unicast";
      readonly payload: Uint8Array;
      readonly from: Ipv4;
      readonly to: Ipv4;
    }
  | { readonly kind: "arp_probe"; readonly address: Ipv4 }
  /** Makes address and routes in the kernel exactly these; whatever else was ours there goes. */
  | { readonly kind: "configure"; readonly lease: Lease }
  /** Takes address and routes away. */
  | { readonly kind: "unconfigure"; readonly address: Ipv4 }
  | { readonly kind: "store_lease"; readonly lease: Lease }
  | { readonly kind: "forget_lease" };
