import type { Dhcpv4Message } from "@passerelle/dhcpv4";
import type { Ipv4, Mac } from "@passerelle/net";
import type { Client } from "./client.ts";
import type { StoredLease } from "./input.ts";

/** Everything the DHCP server can ask for. */
export type DhcpEffect =
  | {
      readonly kind: "send";
      readonly network: string;
      readonly to: ReplyDestination;
      readonly message: Dhcpv4Message;
      /** Longest message the client takes. */
      readonly lengthMax: number;
    }
  /** Ask by ARP who has the address; whoever answers comes back as `arp_seen`. */
  | { readonly kind: "probe"; readonly network: string; readonly address: Ipv4 }
  /** Write, and answer with `lease_stored` of the same number once it is on the disk or could not be. */
  | { readonly kind: "store_lease"; readonly commit: number; readonly lease: StoredLease }
  /** Write that a lease is over; nobody waits for that. */
  | { readonly kind: "store_end"; readonly lease: StoredLease }
  | {
      readonly kind: "lease_event";
      readonly event: LeaseEventKind;
      readonly network: string;
      readonly address: Ipv4 | undefined;
      readonly client: Client;
    };

export type LeaseEventKind =
  | "granted"
  | "renewed"
  | "released"
  | "declined"
  | "expired"
  | "refused";

/** RFC 2131 section 4.1, in the order of its rules. */
export type ReplyDestination =
  /** The relay agent, port 67. */
  | { readonly kind: "relay"; readonly address: Ipv4 }
  /** The client has its address and answers ARP: port 68. */
  | { readonly kind: "client"; readonly address: Ipv4 }
  | { readonly kind: "broadcast" }
  /** Unicast to hardware that does not answer ARP for the address yet: by packet socket. */
  | { readonly kind: "hardware"; readonly mac: Mac; readonly address: Ipv4 };
