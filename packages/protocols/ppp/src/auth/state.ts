import type { Timeout } from "@passerelle/machine";
import { type Duration, type Instant, seconds } from "@passerelle/time";
import type { ControlPacket } from "../control-packet.ts";
import type { AuthenticationMethod } from "../lcp/authentication.ts";

/** Who we are to the operator. Given at each step, never kept in a state. */
export interface Credentials {
  /** At most 255 octets, as they go on the wire. */
  readonly name: Uint8Array;
  readonly secret: Uint8Array;
}

export interface AuthenticationTiming {
  /** Between two requests: the operator may have to ask a server of its own, so it has more time than elsewhere. */
  readonly retry: Duration;
  /** Requests without an answer until we give up; as many times `retry` is the time for a first challenge. */
  readonly tries: number;
}

export const AUTHENTICATION_TIMING: AuthenticationTiming = { retry: seconds(2), tries: 8 };

/** Our side of PAP (RFC 1334) and CHAP (RFC 1994). */
export interface AuthenticationState {
  readonly method: AuthenticationMethod;
  /** Identifier of our PAP request, or of the challenge that we answered last. */
  readonly identifier: number;
  /** CHAP: our answer, to send once more. */
  readonly response?: ControlPacket;
  /** Undefined once we are accepted. */
  readonly nextAt?: Instant;
  readonly triesLeft: number;
}

export type AuthenticationInput =
  | Timeout
  | { readonly kind: "packet"; readonly packet: ControlPacket };

export type AuthenticationEffect =
  /** With the protocol number of the method. */
  | { readonly kind: "send"; readonly packet: ControlPacket }
  | { readonly kind: "accepted" }
  /** With what the peer says about it: hostile text. */
  | { readonly kind: "refused"; readonly text: string }
  | { readonly kind: "silent" };
