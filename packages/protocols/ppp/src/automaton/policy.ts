import { type Duration, milliseconds, seconds } from "@passerelle/time";
import type { PppOption } from "../control-packet.ts";

/**
 * What one control protocol knows of its options; the automaton knows the rest.
 * `Local` is what we ask for, `Peer` what the peer asked for.
 */
export interface NegotiationPolicy<Local, Peer> {
  /** The options of our next Configure-Request. */
  readonly request: (local: Local) => readonly PppOption[];
  /** The peer wants these values instead of ours. */
  readonly naked: (local: Local, wanted: readonly PppOption[]) => Local;
  /** The peer does not know these options of our request; undefined where we can't do without them. */
  readonly rejected: (local: Local, unknown: readonly PppOption[]) => Local | undefined;
  readonly judge: (local: Local, asked: readonly PppOption[]) => Judgement<Local, Peer>;
  /** Codes above 7 that belong to the protocol: they are handed on while it is open. */
  readonly extraCodes: readonly number[];
}

/** What we say to a Configure-Request: one verdict an option, in its order. */
export interface Judgement<Local, Peer> {
  readonly local: Local;
  readonly verdicts: readonly Verdict[];
  /** What holds if every verdict is `ack`; options that the peer left out have their defaults. */
  readonly peer: Peer;
}

export type Verdict =
  | { readonly kind: "ack" }
  | { readonly kind: "reject" }
  /** We would take `data` instead. */
  | { readonly kind: "nak"; readonly data: Uint8Array };

/** The counters and the timer of RFC 1661 section 4.6. */
export interface NegotiationTiming {
  /** The restart timer at first; it doubles with each transmission. */
  readonly restartFirst: Duration;
  readonly restartMax: Duration;
  /** Max-Configure: Configure-Requests without an answer. */
  readonly configureMax: number;
  /** Max-Terminate. */
  readonly terminateMax: number;
  /** Max-Failure: Configure-Naks before what we do not like is rejected. */
  readonly failureMax: number;
}

/** RFC 1661 proposes 3 s, 10, 2 and 5. A first request is often lost because the peer is not ready yet, so the timer starts low. */
export const NEGOTIATION_TIMING: NegotiationTiming = {
  restartFirst: milliseconds(300),
  restartMax: seconds(3),
  configureMax: 10,
  terminateMax: 2,
  failureMax: 5,
};
