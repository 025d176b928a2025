import { ByteReader, concatBytes } from "@passerelle/bytes";
import { chapResponse } from "@passerelle/chap";
import { ignored, type Step } from "@passerelle/machine";
import { after, type Instant } from "@passerelle/time";
import type { ControlPacket } from "../control-packet.ts";
import { peerText } from "../text.ts";
import type {
  AuthenticationEffect,
  AuthenticationState,
  AuthenticationTiming,
  Credentials,
} from "./state.ts";

/** RFC 1994 section 4. */
export const CHAP_CODE = { CHALLENGE: 1, RESPONSE: 2, SUCCESS: 3, FAILURE: 4 } as const;

type ChapStep = Step<AuthenticationState, AuthenticationEffect>;

/** The peer speaks first. */
export function startChap(timing: AuthenticationTiming, now: Instant): ChapStep {
  const state = {
    method: "chap_md5",
    identifier: 0,
    nextAt: after(now, timing.retry),
    triesLeft: timing.tries - 1,
  } as const;
  return { state, effects: [] };
}

/** RFC 1994 section 4.1: the authenticator takes a repeated Response, because its Success might be lost. */
export function answerAgain(
  timing: AuthenticationTiming,
  state: AuthenticationState,
  now: Instant,
): ChapStep {
  const { response } = state;
  return {
    state: { ...state, nextAt: after(now, timing.retry), triesLeft: state.triesLeft - 1 },
    effects: response === undefined ? [] : [{ kind: "send", packet: response }],
  };
}

export function chapReceived(
  credentials: Credentials,
  timing: AuthenticationTiming,
  state: AuthenticationState,
  packet: ControlPacket,
  now: Instant,
): ChapStep {
  if (packet.code === CHAP_CODE.CHALLENGE) {
    return challenged(credentials, timing, state, packet, now);
  }
  // RFC 1994 section 4.2: the identifier is that of our Response.
  if (state.response === undefined || packet.identifier !== state.identifier) return ignored(state);
  const { nextAt, ...rest } = state;
  if (packet.code === CHAP_CODE.SUCCESS) {
    return nextAt === undefined ? ignored(state) : { state: rest, effects: [{ kind: "accepted" }] };
  }
  if (packet.code === CHAP_CODE.FAILURE) {
    return { state: rest, effects: [{ kind: "refused", text: peerText(packet.data) }] };
  }
  return ignored(state);
}

/** RFC 1994 section 4: a challenge may come at any time, also when we have been accepted long ago. */
function challenged(
  { name, secret }: Credentials,
  timing: AuthenticationTiming,
  state: AuthenticationState,
  packet: ControlPacket,
  now: Instant,
): ChapStep {
  const reader = new ByteReader(packet.data);
  const challenge = reader.take(reader.uint8());
  // RFC 1994 section 4.1: a Value-Size of at least one octet.
  if (reader.overrun !== undefined || challenge.length === 0) return ignored(state);
  const { identifier } = packet;
  const value = chapResponse(identifier, secret, challenge);
  const data = concatBytes(Uint8Array.of(value.length), value, name);
  const response = { code: CHAP_CODE.RESPONSE, identifier, data };
  const waits = state.nextAt === undefined ? {} : { nextAt: after(now, timing.retry) };
  return {
    state: { ...state, ...waits, identifier, response },
    effects: [{ kind: "send", packet: response }],
  };
}
