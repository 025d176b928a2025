import type { Ipv6 } from "@passerelle/net";
import type { Lease6 } from "./lease.ts";
import type { Wanted6 } from "./settings.ts";

export type Dhcpv6Input =
  /** The link carries and has a link-local address of its own. 16 octets for the operator's authentication. */
  | { readonly kind: "link_up"; readonly challenge: Uint8Array }
  | { readonly kind: "link_down" }
  /** IPv4 has begun anew: from now on the operator's authentication is made of these 16 octets. */
  | { readonly kind: "challenge"; readonly challenge: Uint8Array }
  | { readonly kind: "wanted"; readonly wanted: Wanted6 }
  /** What came to port 546. */
  | { readonly kind: "datagram"; readonly payload: Uint8Array }
  /** Another host uses the leased address (duplicate address detection). */
  | { readonly kind: "address_conflict"; readonly address: Ipv6 }
  /** A person asks for a new start. */
  | { readonly kind: "reconnect" }
  | { readonly kind: "timeout" };

export type Dhcpv6Effect =
  /** To all servers of the link. */
  | { readonly kind: "send_dhcpv6"; readonly payload: Uint8Array }
  | { readonly kind: "store_lease6"; readonly lease: Lease6 }
  | { readonly kind: "forget_lease6" };
