import type { Timeout } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import { type Duration, earliest, type Instant, seconds } from "@passerelle/time";
import type { NegotiationTiming } from "../automaton/policy.ts";
import { checkNegotiation, type Negotiation, type Why } from "../automaton/state.ts";
import type { ControlPacket } from "../control-packet.ts";
import type { LcpLocal, LcpOptionSettings, LcpPeer } from "./options.ts";

export interface LcpSettings extends LcpOptionSettings {
  readonly timing: NegotiationTiming;
  readonly echo: EchoSettings;
}

/** An Echo-Request is sent only when nothing was heard for `interval`. */
export interface EchoSettings {
  readonly interval: Duration;
  /** Echo-Requests without any sign of life until the peer is taken for dead. */
  readonly failureMax: number;
}

export const ECHO: EchoSettings = { interval: seconds(1), failureMax: 5 };

/** The link itself (RFC 1661): its negotiation, and while it is watched its life. */
export interface LcpState {
  readonly negotiation: Negotiation<LcpLocal, LcpPeer>;
  readonly watch?: Watch;
  readonly probe?: Probe;
  readonly echoIdentifier: number;
  /** What the peer says it is (RFC 1570 section 2.1). Hostile text. */
  readonly identification?: string;
  /** The peer asked to end the link while it was negotiated or open; with its reason, hostile text. */
  readonly terminated?: { readonly text: string };
}

export interface Watch {
  readonly nextAt: Instant;
  /** Echo-Requests since the last sign of life. */
  readonly unanswered: number;
}

/** RFC 4638 section 5: a large packet has to pass before it is believed that large packets do. */
export interface Probe {
  readonly identifier: number;
  /** Octets of the PPP payload on trial. */
  readonly octets: number;
  readonly nextAt: Instant;
  readonly triesLeft: number;
}

export type LcpInput =
  | Timeout
  | { readonly kind: "up" }
  | { readonly kind: "down" }
  | { readonly kind: "open" }
  | { readonly kind: "close" }
  | { readonly kind: "packet"; readonly packet: ControlPacket }
  /** Anything at all came from the peer. */
  | { readonly kind: "heard" }
  /** From now on its life is watched; `probe` is a payload in octets to try. */
  | { readonly kind: "watch"; readonly probe?: number }
  /** A packet of a protocol that we do not have. */
  | {
      readonly kind: "unknown_protocol";
      readonly protocol: number;
      readonly payload: Uint8Array;
    };

export type LcpEffect =
  | { readonly kind: "send"; readonly packet: ControlPacket }
  | { readonly kind: "layer_up" }
  | { readonly kind: "layer_down"; readonly why: Why }
  | { readonly kind: "layer_finished"; readonly why: Why }
  /** The peer does not know this protocol of ours. */
  | { readonly kind: "protocol_rejected"; readonly protocol: number }
  | { readonly kind: "peer_dead" }
  /** Our own packets come back. */
  | { readonly kind: "looped" }
  /** A payload of so many octets passed both ways. */
  | { readonly kind: "payload_proven"; readonly octets: number };

export function lcpDeadline({ negotiation, watch, probe }: LcpState): Instant | undefined {
  return earliest(negotiation.restart?.at, watch?.nextAt, probe?.nextAt);
}

export function checkLcp({ negotiation, watch, probe, echoIdentifier }: LcpState): void {
  checkNegotiation(negotiation);
  const isOpen = negotiation.phase === "opened";
  invariant(watch === undefined || isOpen, "an open link is watched");
  invariant(probe === undefined || isOpen, "an open link is probed");
  invariant(probe === undefined || probe.triesLeft >= 0, "probes are counted down");
  invariant(watch === undefined || watch.unanswered >= 0, "echoes are counted up");
  invariant(echoIdentifier >= 0 && echoIdentifier <= 255, "an identifier is one octet");
}
