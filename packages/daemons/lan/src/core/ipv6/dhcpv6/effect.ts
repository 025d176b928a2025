import type { Dhcpv6Message } from "@passerelle/dhcpv6";
import type { Cidr6, Ipv6 } from "@passerelle/net";
import type { StoredLease } from "./input.ts";
import type { Lease } from "./lease.ts";

/** Everything the DHCPv6 server can ask for. */
export type Dhcpv6Effect =
  /** To port 546 of the client's link-local address, on the interface of the network. */
  | {
      readonly kind: "send";
      readonly network: string;
      readonly to: Ipv6;
      readonly message: Dhcpv6Message;
    }
  /** Write all of them, and answer with `leases_stored` of the same number once they are on the disk or could not be. */
  | {
      readonly kind: "store_leases";
      readonly commit: number;
      readonly leases: readonly StoredLease[];
    }
  /** These slots are empty; nobody waits for that. */
  | { readonly kind: "store_ends"; readonly slots: readonly string[] }
  /** All the routes to routers of the home, in place of those of before. */
  | { readonly kind: "routes"; readonly routes: readonly DelegatedRoute[] }
  | { readonly kind: "lease_event"; readonly event: LeaseEventKind; readonly lease: Lease };

/** RFC 9818: what was delegated lies behind who has it. */
export interface DelegatedRoute {
  readonly network: string;
  readonly prefix: Cidr6;
  /** Link-local, on the interface of the network. */
  readonly via: Ipv6;
}

export type LeaseEventKind = "granted" | "renewed" | "released" | "declined" | "expired";
