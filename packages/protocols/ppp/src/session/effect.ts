import type { Ipv4, Mac } from "@passerelle/net";
import type { DiscoveryEffect } from "../pppoe/discovery-state.ts";
import type { PppSnapshot } from "./snapshot.ts";

export type PppEffect =
  | DiscoveryEffect
  /** By the open channel. Packets wait where the channel is still being opened. */
  | { readonly kind: "send_packet"; readonly protocol: number; readonly payload: Uint8Array }
  /** From here on `packet` inputs are this session's. Answered only where it fails, by `channel_failed`. */
  | { readonly kind: "open_channel"; readonly session: SessionAddress }
  /** Takes over the channel of an earlier life. Answered only where there is none, by `channel_ended`. */
  | { readonly kind: "adopt_channel"; readonly session: SessionAddress }
  | { readonly kind: "close_channel" }
  /** To storage that outlives us: the concentrator may keep a session that we forgot. */
  | { readonly kind: "remember_session"; readonly session: RememberedSession }
  | { readonly kind: "forget_session" }
  /** Octets of the largest packet we may send (`mtu`) and must take (`mru`). Comes again when it grows. */
  | { readonly kind: "configure_link"; readonly mtu: number; readonly mru: number }
  | { readonly kind: "configure_ipv4"; readonly ipv4: Ipv4Facts }
  | { readonly kind: "unconfigure_ipv4" }
  | { readonly kind: "configure_ipv6"; readonly ipv6: Ipv6Facts }
  | { readonly kind: "unconfigure_ipv6" };

/** What names a session on the wire. */
export interface SessionAddress {
  readonly peer: Mac;
  readonly sessionId: number;
}

/** A session of ours; with `up` a later life of the daemon in the same boot can go on with it. */
export interface RememberedSession extends SessionAddress {
  readonly up?: PppSnapshot;
}

export interface Ipv4Facts {
  readonly address: Ipv4;
  /** The operator's end, where it says one. */
  readonly peerAddress?: Ipv4;
  readonly resolvers: readonly Ipv4[];
}

export interface Ipv6Facts {
  /** 8 octets: our link-local address is fe80:: and these. */
  readonly interfaceIdentifier: Uint8Array;
  readonly peerInterfaceIdentifier?: Uint8Array;
}
