import type { Timeout } from "@passerelle/machine";
import type { Mac } from "@passerelle/net";

export type PppInput =
  | Timeout
  /** There is a carrier, and the line is wanted. */
  | { readonly kind: "link_up" }
  /** Nothing that we send arrives any more. */
  | { readonly kind: "link_down" }
  /** Ends the session in good order, and dials no more until the next `link_up`. */
  | { readonly kind: "stop" }
  /** A person asks for a new start. */
  | { readonly kind: "reconnect" }
  /** The payload of a frame of type 0x8863 that came to us. */
  | { readonly kind: "discovery_frame"; readonly source: Mac; readonly payload: Uint8Array }
  /** A PPP packet of the open channel. */
  | { readonly kind: "packet"; readonly protocol: number; readonly payload: Uint8Array }
  /** The kernel received traffic of the session. */
  | { readonly kind: "heard" }
  /** The kernel ended the session, or has none to take over. */
  | { readonly kind: "channel_ended" }
  /** The kernel refused the channel. */
  | { readonly kind: "channel_failed" };
