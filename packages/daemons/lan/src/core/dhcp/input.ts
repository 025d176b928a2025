import type { Dhcpv4Message } from "@passerelle/dhcpv4";
import type { Ipv4, Mac } from "@passerelle/net";
import type { Duration, Instant } from "@passerelle/time";
import type { DhcpConfig } from "./config.ts";

/** Everything that can happen to the DHCP server. */
export type DhcpInput =
  | {
      readonly kind: "start";
      readonly config: DhcpConfig;
      readonly leases: readonly StoredLease[];
      readonly bootId: string;
    }
  | { readonly kind: "configure"; readonly config: DhcpConfig }
  /** A message to port 67 on the interface of a network. */
  | { readonly kind: "message"; readonly network: string; readonly message: Dhcpv4Message }
  /** Somebody on the link says that the address is its own. */
  | {
      readonly kind: "arp_seen";
      readonly network: string;
      readonly address: Ipv4;
      readonly mac: Mac;
    }
  /** The answer to `store_lease`: on the disk, or not. */
  | { readonly kind: "lease_stored"; readonly commit: number; readonly durable: boolean }
  | { readonly kind: "timeout" };

/** A lease as the store keeps it; one row an address. */
export interface StoredLease {
  readonly network: string;
  readonly address: Ipv4;
  readonly key: string;
  readonly mac: Mac;
  readonly clientId?: string;
  readonly hostname?: string;
  readonly vendorClass?: string;
  /** What the client was promised last. */
  readonly duration: Duration;
  /** The end by the monotonic clock of boot `bootId`; after another boot it means nothing. */
  readonly expires: Instant;
  readonly bootId: string;
  /** True once released or expired: remembered so that the client gets the address again. */
  readonly ended: boolean;
}
