import {
  beginExchange,
  firstDelay,
  RETRANSMISSION,
  type RetransmissionParameters,
  TRANSACTION_ID_MAX,
} from "@passerelle/dhcpv6";
import { nextUint32, type Rng, type Step } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import {
  after,
  type Duration,
  type Instant,
  longer,
  milliseconds,
  remaining,
} from "@passerelle/time";
import { setbackWait } from "../session/retransmit.ts";
import type { Dhcpv6Effect } from "./input.ts";
import { type Extras6, isEmpty, type Lease6, lastEndOf } from "./lease.ts";
import {
  informationMessage,
  type MessageParts,
  rebindMessage,
  renewMessage,
  requestMessage,
  solicitMessage,
} from "./messages.ts";
import type { Dhcpv6Settings } from "./settings.ts";
import type { Advert, Dhcpv6State, Phase6, Talk } from "./state.ts";

export type Dhcpv6Step = Step<Dhcpv6State, Dhcpv6Effect>;

/** Ways from one phase into another. Each returns the whole next state and what to do. */

/** Searches for a server, or asks for information alone, or waits until something is wanted. */
export function toSearch(
  state: Dhcpv6State,
  challenge: Uint8Array,
  now: Instant,
  because: { readonly setback?: boolean; readonly trouble?: Dhcpv6State["trouble"] } = {},
): Dhcpv6Step {
  const { wanted } = state;
  const setbacks = because.setback === true ? state.setbacks + 1 : state.setbacks;
  const trouble = because.trouble === undefined ? {} : { trouble: because.trouble };
  const next = { ...state, ...trouble, setbacks };
  if (!wanted.address && !wanted.prefix && !wanted.information) {
    return stays({ ...next, phase: { kind: "quiet", challenge } });
  }
  const drawn = firstDelay(FIRST_DELAY, state.rng);
  const wait = because.setback === true ? setbackWait(setbacks) : milliseconds(0);
  const until = after(now, longer(drawn.value, wait));
  return stays({ ...next, rng: drawn.rng, phase: { kind: "delayed", challenge, until } });
}

export function solicit(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  challenge: Uint8Array,
  now: Instant,
): Dhcpv6Step {
  if (!state.wanted.address && !state.wanted.prefix) {
    const asked = { ...RETRANSMISSION.INFORMATION_REQUEST, mrt: state.infMaxRt };
    return begin(settings, state, challenge, asked, now, (talk) => ({ kind: "informing", talk }));
  }
  const asked = { ...RETRANSMISSION.SOLICIT, mrt: state.solMaxRt };
  return begin(settings, state, challenge, asked, now, (talk) => ({ kind: "soliciting", talk }));
}

export function request(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  challenge: Uint8Array,
  advert: Advert,
  now: Instant,
): Dhcpv6Step {
  return begin(settings, state, challenge, RETRANSMISSION.REQUEST, now, (talk) => ({
    ...{ kind: "requesting", talk, advert },
  }));
}

export function renew(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  challenge: Uint8Array,
  now: Instant,
): Dhcpv6Step {
  const { held } = state;
  invariant(held !== undefined, "a lease is renewed");
  // RFC 9915 section 18.2.4: until T2. Where nothing ends it is asked because something else is wanted now.
  const mrd = held.rebindsAt === undefined ? NO_LIMIT : atLeast(remaining(now, held.rebindsAt));
  const asked = { ...RETRANSMISSION.RENEW, mrd };
  return begin(settings, state, challenge, asked, now, (talk) => ({ kind: "renewing", talk }));
}

export function rebind(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  challenge: Uint8Array,
  now: Instant,
): Dhcpv6Step {
  const { held } = state;
  invariant(held !== undefined, "a lease is rebound");
  // RFC 9915 section 18.2.5: until the last lease is over.
  const end = lastEndOf(held);
  const mrd = end === undefined ? NO_LIMIT : atLeast(remaining(now, end));
  const asked = { ...RETRANSMISSION.REBIND, mrd };
  return begin(settings, state, challenge, asked, now, (talk) => ({ kind: "rebinding", talk }));
}

export function confirm(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  challenge: Uint8Array,
  lease: Lease6,
  now: Instant,
): Dhcpv6Step {
  return begin(settings, state, challenge, RETRANSMISSION.CONFIRM, now, (talk) => ({
    ...{ kind: "confirming", talk, lease },
  }));
}

/** The message of the phase, again or for the first time. */
export function messageOf(settings: Dhcpv6Settings, state: Dhcpv6State, now: Instant): Uint8Array {
  const { phase, wanted, held } = state;
  invariant("talk" in phase, "a phase that talks has something to say");
  const parts: MessageParts = { settings, talk: phase.talk, now };
  switch (phase.kind) {
    case "soliciting":
      return solicitMessage(parts, wanted, held);
    case "requesting":
      return requestMessage(parts, wanted, phase.advert.given.lease);
    case "confirming":
      return rebindMessage(parts, wanted, phase.lease);
    case "informing":
      return informationMessage(parts);
    case "renewing":
    case "rebinding":
      invariant(held !== undefined, "what is renewed is held");
      return phase.kind === "renewing"
        ? renewMessage(parts, wanted, held)
        : rebindMessage(parts, wanted, held);
  }
}

/** A server has given, or given again. */
export function bind(
  state: Dhcpv6State,
  challenge: Uint8Array,
  lease: Lease6,
  extras: Extras6,
): Dhcpv6Step {
  invariant(!isEmpty(lease), "a lease is of something");
  const { trouble: _, ...rest } = state;
  return {
    state: { ...rest, held: lease, extras, setbacks: 0, phase: { kind: "bound", challenge } },
    effects: [{ kind: "store_lease6", lease }],
  };
}

export function toIdle(state: Dhcpv6State): Dhcpv6Step {
  const { phase, trouble: _, ...rest } = state;
  const remembered =
    phase.kind === "confirming" && rest.held === undefined ? phase.lease : undefined;
  return stays({
    ...rest,
    phase: { kind: "idle", ...(remembered === undefined ? {} : { remembered }) },
  });
}

/** Everything leased is gone. */
export function drop(state: Dhcpv6State): Dhcpv6Step {
  const { held, ...rest } = state;
  return held === undefined ? stays(state) : { state: rest, effects: [{ kind: "forget_lease6" }] };
}

export function challengeOf(phase: Phase6): Uint8Array | undefined {
  if ("talk" in phase) return phase.talk.challenge;
  return "challenge" in phase ? phase.challenge : undefined;
}

export function stays(state: Dhcpv6State): Dhcpv6Step {
  return { state, effects: [] };
}

/** A message that begins an exchange, with a transaction of its own. */
export function newTalk(
  { rng }: Dhcpv6State,
  challenge: Uint8Array,
  parameters: RetransmissionParameters,
  now: Instant,
): { readonly talk: Talk; readonly rng: Rng } {
  const drawn = nextUint32(rng);
  const exchange = beginExchange(parameters, now, drawn.rng);
  const transactionId = drawn.value & TRANSACTION_ID_MAX;
  return { talk: { challenge, transactionId, exchange: exchange.value }, rng: exchange.rng };
}

function begin(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  challenge: Uint8Array,
  parameters: RetransmissionParameters,
  now: Instant,
  phaseOf: (talk: Talk) => Phase6,
): Dhcpv6Step {
  const { talk, rng } = newTalk(state, challenge, parameters, now);
  const next: Dhcpv6State = { ...state, rng, phase: phaseOf(talk) };
  return {
    state: next,
    effects: [{ kind: "send_dhcpv6", payload: messageOf(settings, next, now) }],
  };
}

/** RFC 9915 section 15: 0 would be no limit at all. */
function atLeast(wait: Duration): Duration {
  return longer(wait, milliseconds(1));
}

const NO_LIMIT = milliseconds(0);
/**
 * RFC 9915 section 18.2.1 has up to a second, so that a street does not ask at once after a power cut. Boxes of a
 * street do not start within a second of each other, and a home waits: a fifth of it.
 */
const FIRST_DELAY = { ...RETRANSMISSION.SOLICIT, maxDelay: milliseconds(200) };
