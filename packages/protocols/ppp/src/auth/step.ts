import { ignored, type Step } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import { type Instant, isDue } from "@passerelle/time";
import type { AuthenticationMethod } from "../lcp/authentication.ts";
import { answerAgain, chapReceived, startChap } from "./chap.ts";
import { askAgain, papReceived, startPap } from "./pap.ts";
import type {
  AuthenticationEffect,
  AuthenticationInput,
  AuthenticationState,
  AuthenticationTiming,
  Credentials,
} from "./state.ts";

export type AuthenticationStep = Step<AuthenticationState, AuthenticationEffect>;

/** @param identifier of the first request, 0 to 255 */
export function startAuthentication(
  credentials: Credentials,
  timing: AuthenticationTiming,
  method: AuthenticationMethod,
  identifier: number,
  now: Instant,
): AuthenticationStep {
  return method === "pap" ? startPap(credentials, timing, identifier, now) : startChap(timing, now);
}

export function stepAuthentication(
  credentials: Credentials,
  timing: AuthenticationTiming,
  state: AuthenticationState,
  input: AuthenticationInput,
  now: Instant,
): AuthenticationStep {
  if (input.kind === "timeout") return timeout(credentials, timing, state, now);
  return state.method === "pap"
    ? papReceived(state, input.packet)
    : chapReceived(credentials, timing, state, input.packet, now);
}

function timeout(
  credentials: Credentials,
  timing: AuthenticationTiming,
  state: AuthenticationState,
  now: Instant,
): AuthenticationStep {
  if (!isDue(state.nextAt, now)) return ignored(state);
  if (state.triesLeft === 0) {
    const { nextAt: _waits, ...rest } = state;
    return { state: rest, effects: [{ kind: "silent" }] };
  }
  return state.method === "pap"
    ? askAgain(credentials, timing, state, now)
    : answerAgain(timing, state, now);
}

export function checkAuthentication(state: AuthenticationState): void {
  invariant(state.triesLeft >= 0, "tries are counted down");
  invariant(state.identifier >= 0 && state.identifier <= 255, "an identifier is one octet");
}
