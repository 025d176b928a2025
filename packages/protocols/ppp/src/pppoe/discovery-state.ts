import type { Timeout } from "@passerelle/machine";
import type { Mac } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import { type Duration, earliest, type Instant, milliseconds, seconds } from "@passerelle/time";
import type { PppoePacket } from "./packet.ts";

export interface DiscoverySettings {
  /** Octets of the service asked for; empty takes any (RFC 2516 section 5.1). */
  readonly serviceName: Uint8Array;
  /** The only concentrator taken, where the profile names one. */
  readonly acName?: string;
  /** How long better offers are waited for after the first; zero takes the first. */
  readonly offerWindow: Duration;
  /** Largest PPP payload that the line carries, in octets: above 1492 RFC 4638 is asked for. */
  readonly payloadMax: number;
  readonly padi: Retransmission;
  readonly padr: Retransmission;
}

/** RFC 2516 section 8: a packet without an answer is sent again, after twice the time. */
export interface Retransmission {
  readonly first: Duration;
  readonly max: Duration;
  readonly tries: number;
}

export const PADI_RETRANSMISSION: Retransmission = {
  first: milliseconds(300),
  max: seconds(3),
  tries: 6,
};
export const PADR_RETRANSMISSION: Retransmission = {
  first: milliseconds(300),
  max: seconds(3),
  tries: 5,
};

/** RFC 2516 section 7: what an Ethernet of 1500 octets leaves for a PPP payload. */
export const PAYLOAD_ORDINARY = 1492;

/** The search for a concentrator (RFC 2516 section 5), as the host. */
export type DiscoveryState =
  /** PADI sent. */
  | {
      readonly kind: "soliciting";
      readonly hostUniq: Uint8Array;
      readonly sent: number;
      readonly nextAt: Instant;
      /** The best offer so far, and when it is taken. */
      readonly offer?: Offer;
      readonly chooseAt?: Instant;
      /** A concentrator that said no; told if no other says yes. */
      readonly refusal?: DiscoveryFailure;
    }
  /** PADR sent. */
  | {
      readonly kind: "requesting";
      readonly hostUniq: Uint8Array;
      readonly sent: number;
      readonly nextAt: Instant;
      readonly offer: Offer;
    }
  | { readonly kind: "established"; readonly session: PppoeSession }
  | { readonly kind: "failed"; readonly failure: DiscoveryFailure };

export interface Offer {
  readonly peer: Mac;
  /** Hostile text. */
  readonly acName: string;
  readonly cookie?: Uint8Array;
  readonly relaySessionId?: Uint8Array;
  /** RFC 4638: what it takes, where it says so. */
  readonly maxPayload?: number;
}

export interface PppoeSession {
  readonly peer: Mac;
  readonly sessionId: number;
  readonly acName: string;
  readonly hostUniq: Uint8Array;
  /** Octets of PPP payload that both sides agreed on; above 1492 to be tried before it is believed. */
  readonly payloadMax: number;
}

export interface DiscoveryFailure {
  readonly code: DiscoveryCause;
  /** What the concentrator says about it: hostile text. */
  readonly text?: string;
}

export type DiscoveryCause =
  | "no_access_server"
  | "no_session"
  | "service_name_error"
  | "ac_system_error"
  | "generic_error";

export type DiscoveryInput =
  | Timeout
  | { readonly kind: "packet"; readonly source: Mac; readonly packet: PppoePacket };

export interface DiscoveryEffect {
  readonly kind: "send_discovery";
  readonly destination: Mac;
  /** Of an Ethernet frame of type 0x8863. */
  readonly payload: Uint8Array;
}

export function discoveryDeadline(state: DiscoveryState): Instant | undefined {
  switch (state.kind) {
    case "soliciting":
      return earliest(state.nextAt, state.chooseAt);
    case "requesting":
      return state.nextAt;
    default:
      return undefined;
  }
}

export function checkDiscovery(state: DiscoveryState): void {
  if (state.kind === "established") {
    const { sessionId } = state.session;
    invariant(sessionId > 0 && sessionId < 0xffff, "a session has a number");
  }
  if (state.kind === "soliciting") {
    invariant((state.offer === undefined) === (state.chooseAt === undefined), "an offer is taken");
  }
  if ("sent" in state) invariant(state.sent >= 1, "something was sent");
}
