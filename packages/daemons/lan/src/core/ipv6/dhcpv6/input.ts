import type { Dhcpv6Message } from "@passerelle/dhcpv6";
import type { Ipv6 } from "@passerelle/net";
import type { Dhcpv6Config } from "./config.ts";
import type { Lease } from "./lease.ts";

/** Everything that can happen to the DHCPv6 server. */
export type Dhcpv6Input =
  | {
      readonly kind: "start";
      readonly config: Dhcpv6Config;
      readonly leases: readonly StoredLease[];
      readonly bootId: string;
    }
  /** Other settings, or other prefixes. */
  | { readonly kind: "configure"; readonly config: Dhcpv6Config }
  /** A client's message to port 547 on the interface of a network, not through a relay agent. */
  | {
      readonly kind: "message";
      readonly network: string;
      readonly source: Ipv6;
      readonly message: Dhcpv6Message;
    }
  /** The answer to `store_leases`: all on the disk, or not. */
  | { readonly kind: "leases_stored"; readonly commit: number; readonly durable: boolean }
  | { readonly kind: "timeout" };

/** A lease as the store keeps it, one row a slot (`slotOfLease`); JSON all through. */
export interface StoredLease {
  readonly lease: Lease;
  /** The boot whose monotonic clock the instants are of. */
  readonly bootId: string;
}
