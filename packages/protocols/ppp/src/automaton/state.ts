import type { Timeout } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import type { Duration, Instant } from "@passerelle/time";
import type { ControlPacket, PppOption } from "../control-packet.ts";
import type { AutomatonPhase } from "./table.ts";

/** One control protocol in negotiation (RFC 1661 section 4). */
export interface Negotiation<Local, Peer> {
  readonly phase: AutomatonPhase;
  /** What we ask for, and learn while we ask. */
  readonly local: Local;
  /** What the peer asked for when we last acknowledged. */
  readonly peer?: Peer;
  /** Identifier of our last packet. */
  readonly identifier: number;
  /** Our Configure-Request that waits for its answer; a second answer to the same one is none. */
  readonly request?: SentRequest;
  /** Runs in the six phases that wait for the peer, and in no other. */
  readonly restart?: Restart;
  /** The restart counter: transmissions left. */
  readonly triesLeft: number;
  /** Configure-Naks that we may still send before we reject instead. */
  readonly naksLeft: number;
  /** Disagreements left, ours and the peer's, before we give up: a peer that never agrees ends as well. */
  readonly roundsLeft: number;
}

export interface SentRequest {
  readonly identifier: number;
  readonly options: readonly PppOption[];
}

export interface Restart {
  readonly at: Instant;
  /** The wait after the next transmission. */
  readonly wait: Duration;
}

export type NegotiationInput =
  | Timeout
  /** The layer below is up. */
  | { readonly kind: "up" }
  | { readonly kind: "down" }
  | { readonly kind: "open" }
  | { readonly kind: "close" }
  | { readonly kind: "packet"; readonly packet: ControlPacket }
  /** The peer does not know this protocol (Protocol-Reject). */
  | { readonly kind: "protocol_rejected" };

export type NegotiationEffect =
  | { readonly kind: "send"; readonly packet: ControlPacket }
  | { readonly kind: "layer_started" }
  | { readonly kind: "layer_up" }
  | { readonly kind: "layer_down"; readonly why: Why }
  | { readonly kind: "layer_finished"; readonly why: Why }
  /** A packet with one of the policy's extra codes. */
  | { readonly kind: "extra"; readonly packet: ControlPacket };

export type Why =
  | "lower_layer"
  | "closed"
  | "renegotiated"
  | "terminated_by_peer"
  | "timeout"
  /** The peer does not know the protocol, or one of its codes that it must know. */
  | "rejected"
  /** The peer refuses an option that we need. */
  | "refused"
  /** No agreement after ROUNDS_MAX disagreements. */
  | "not_converging";

export const ROUNDS_MAX = 20;

const WAITING: readonly AutomatonPhase[] = [
  "closing",
  "stopping",
  "req_sent",
  "ack_rcvd",
  "ack_sent",
];

/** RFC 1661 section 4.2: the restart timer runs in these phases. */
export function isWaiting(phase: AutomatonPhase): boolean {
  return WAITING.includes(phase);
}

/** Configure packets mean something here. */
export function isNegotiating(phase: AutomatonPhase): boolean {
  return phase === "req_sent" || phase === "ack_rcvd" || phase === "ack_sent";
}

/** @param identifier of the packet before our first: any, so that an answer to an earlier session is none */
export function newNegotiation<Local, Peer>(
  local: Local,
  identifier: number,
): Negotiation<Local, Peer> {
  return {
    phase: "initial",
    local,
    identifier: identifier & 0xff,
    triesLeft: 0,
    naksLeft: 0,
    roundsLeft: ROUNDS_MAX,
  };
}

export function negotiationDeadline<Local, Peer>(
  state: Negotiation<Local, Peer>,
): Instant | undefined {
  return state.restart?.at;
}

export function checkNegotiation<Local, Peer>(state: Negotiation<Local, Peer>): void {
  invariant(
    isWaiting(state.phase) === (state.restart !== undefined),
    "the restart timer runs while the peer is waited for",
  );
  invariant(
    state.request === undefined || isNegotiating(state.phase),
    "a request waits in negotiation only",
  );
  invariant(state.triesLeft >= 0 && state.naksLeft >= 0, "counters end at zero");
  invariant(state.roundsLeft >= 0 && state.roundsLeft <= ROUNDS_MAX, "disagreements are counted");
  invariant(state.identifier >= 0 && state.identifier <= 255, "an identifier is one octet");
  invariant(state.phase !== "opened" || state.peer !== undefined, "an open layer has agreed");
}
