import type { PppEffect } from "@passerelle/ppp";
import type { Instant } from "@passerelle/time";
import type { RaiseEffect } from "./access.ts";
import type { CauseCode } from "./cause.ts";
import type { Ipv6Effect } from "./ipv6/step.ts";
import type { RaiseVlanEffect } from "./link.ts";
import type { ReachEffect } from "./reach/step.ts";
import type { SessionEffect } from "./session/effect.ts";

/** Everything the line can ask for. */
export type WanEffect =
  | RaiseEffect
  | RaiseVlanEffect
  | SessionEffect
  /** Of a line over PPPoE. */
  | { readonly kind: "ppp"; readonly ppp: PppEffect }
  | Ipv6Effect
  | ReachEffect
  | TransitionEffect;

/** A layer went from one state to another: an event on the bus and a line of the history. */
export interface TransitionEffect {
  readonly kind: "transition";
  readonly at: Instant;
  readonly layer: "dsl" | "access" | "link" | "session" | "reach";
  readonly from: string;
  readonly to: string;
  readonly cause?: CauseCode;
}
