import type { Timeout } from "@passerelle/machine";
import type { Cidr4, Ipv4, Mac } from "@passerelle/net";
import type { ExchangeEntropy } from "./state.ts";

export type SessionInput =
  | Timeout
  | { readonly kind: "link_up"; readonly mac: Mac }
  | { readonly kind: "link_down" }
  /** The interface itself is gone, and its addresses with it. */
  | { readonly kind: "link_gone" }
  | { readonly kind: "entropy"; readonly entropy: ExchangeEntropy }
  /** A UDP payload that came to port 68. */
  | { readonly kind: "datagram"; readonly payload: Uint8Array }
  /** Somebody else answers ARP for this address. */
  | { readonly kind: "arp_conflict"; readonly address: Ipv4 }
  /** The kernel refused the address or its routes. */
  | { readonly kind: "configure_failed"; readonly address: Ipv4 }
  /** A person asks for a new start. */
  | { readonly kind: "reconnect" };

/** What the session knows of the rest of the box; read at every step. */
export interface SessionContext {
  readonly lanNetworks: readonly Cidr4[];
}
