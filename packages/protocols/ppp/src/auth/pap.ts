import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { ignored, type Step } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import { after, type Instant } from "@passerelle/time";
import type { ControlPacket } from "../control-packet.ts";
import { peerText } from "../text.ts";
import type {
  AuthenticationEffect,
  AuthenticationState,
  AuthenticationTiming,
  Credentials,
} from "./state.ts";

/** RFC 1334 section 2.2. */
export const PAP_CODE = {
  AUTHENTICATE_REQUEST: 1,
  AUTHENTICATE_ACK: 2,
  AUTHENTICATE_NAK: 3,
} as const;

type PapStep = Step<AuthenticationState, AuthenticationEffect>;

export function startPap(
  credentials: Credentials,
  timing: AuthenticationTiming,
  identifier: number,
  now: Instant,
): PapStep {
  const state = { method: "pap", identifier, triesLeft: timing.tries } as const;
  return askAgain(credentials, timing, state, now);
}

/** RFC 1334 section 2.2.1: repeated, with the same identifier, until a reply comes. */
export function askAgain(
  { name, secret }: Credentials,
  timing: AuthenticationTiming,
  state: AuthenticationState,
  now: Instant,
): PapStep {
  invariant(name.length <= 255 && secret.length <= 255, "PAP has one octet for each length");
  const data = new ByteWriter(64)
    .uint8(name.length)
    .put(name)
    .uint8(secret.length)
    .put(secret)
    .finish();
  const packet = { code: PAP_CODE.AUTHENTICATE_REQUEST, identifier: state.identifier, data };
  return {
    state: { ...state, nextAt: after(now, timing.retry), triesLeft: state.triesLeft - 1 },
    effects: [{ kind: "send", packet }],
  };
}

export function papReceived(state: AuthenticationState, packet: ControlPacket): PapStep {
  if (state.nextAt === undefined || packet.identifier !== state.identifier) return ignored(state);
  const { nextAt: _waits, ...rest } = state;
  if (packet.code === PAP_CODE.AUTHENTICATE_ACK) {
    return { state: rest, effects: [{ kind: "accepted" }] };
  }
  if (packet.code === PAP_CODE.AUTHENTICATE_NAK) {
    return { state: rest, effects: [{ kind: "refused", text: messageOf(packet.data) }] };
  }
  return ignored(state);
}

/** RFC 1334 section 2.2.2. A length that is too long takes what there is; servers without a message leave it out. */
function messageOf(data: Uint8Array): string {
  const reader = new ByteReader(data);
  const length = reader.uint8();
  return peerText(reader.take(Math.min(length, reader.left)));
}
