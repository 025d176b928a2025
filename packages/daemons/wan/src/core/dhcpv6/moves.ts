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
import type { Asked6, Dhcpv6Settings } from "./settings.ts";
import type { Advert, Dhcpv6State, Phase6, Talk } from "./state.ts";

export type Dhcpv6Step = Step<Dhcpv6State, Dhcpv6Effect>;

/** Ways from one phase into another. Each returns the whole next state and what to do. */

/** Searches for a server, or asks for information alone, or waits until something is wanted. */
export function toSearch(
  state: Dhcpv6State,
  challenge: Uint8Array,
  now: Instant,
  because: {
    readonly setback?: boolean;
    readonly trouble?: Dhcpv6State["trouble"];
    /** At least so long. */
    readonly wait?: Duration;
  } = {},
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
  const least = longer(wait, because.wait ?? milliseconds(0));
  const until = after(now, longer(drawn.value, least));
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
  const phaseOf = (talk: Talk): Phase6 => ({ kind: "soliciting", talk });
  return begin(settings, state, challenge, asked, now, phaseOf, state.held);
}

export function request(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  challenge: Uint8Array,
  advert: Advert,
  now: Instant,
): Dhcpv6Step {
  const phaseOf = (talk: Talk): Phase6 => ({ kind: "requesting", talk, advert });
  const { lease } = advert.given;
  return begin(settings, state, challenge, RETRANSMISSION.REQUEST, now, phaseOf, lease);
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
  const mrd = held.rebindsAt === undefined ? WITHOUT_T2 : atLeast(remaining(now, held.rebindsAt));
  const asked = { ...RETRANSMISSION.RENEW, mrd };
  const phaseOf = (talk: Talk): Phase6 => ({ kind: "renewing", talk });
  return begin(settings, state, challenge, asked, now, phaseOf, held);
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
  const phaseOf = (talk: Talk): Phase6 => ({ kind: "rebinding", talk });
  return begin(settings, state, challenge, asked, now, phaseOf, held);
}

export function confirm(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  challenge: Uint8Array,
  lease: Lease6,
  now: Instant,
): Dhcpv6Step {
  const phaseOf = (talk: Talk): Phase6 => ({ kind: "confirming", talk, lease });
  return begin(settings, state, challenge, RETRANSMISSION.CONFIRM, now, phaseOf, lease);
}

/** The message of the phase, again or for the first time. */
export function messageOf(settings: Dhcpv6Settings, state: Dhcpv6State, now: Instant): Uint8Array {
  const { phase, held } = state;
  invariant("talk" in phase, "a phase that talks has something to say");
  const parts: MessageParts = { settings, talk: phase.talk, now };
  switch (phase.kind) {
    case "soliciting":
      return solicitMessage(parts, held);
    case "requesting":
      return requestMessage(parts, phase.advert.given.lease);
    case "confirming":
      return rebindMessage(parts, phase.lease);
    case "informing":
      return informationMessage(parts);
    case "renewing":
    case "rebinding":
      invariant(held !== undefined, "what is renewed is held");
      return phase.kind === "renewing" ? renewMessage(parts, held) : rebindMessage(parts, held);
  }
}

/** A server has given, or given again. */
export function bind(
  state: Dhcpv6State,
  challenge: Uint8Array,
  lease: Lease6,
  extras: Extras6,
  lack: Dhcpv6State["trouble"],
): Dhcpv6Step {
  invariant(!isEmpty(lease), "a lease is of something");
  const { trouble: _, ...rest } = state;
  const trouble = lack === undefined ? {} : { trouble: lack };
  const phase = { kind: "bound", challenge } as const;
  return {
    state: { ...rest, ...trouble, held: lease, extras, setbacks: 0, phase },
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

/** Also the repetition of what is being asked has it. */
export function withChallenge(state: Dhcpv6State, challenge: Uint8Array): Dhcpv6State {
  const { phase } = state;
  if ("talk" in phase) return { ...state, phase: { ...phase, talk: { ...phase.talk, challenge } } };
  return "challenge" in phase ? { ...state, phase: { ...phase, challenge } } : state;
}

export function stays(state: Dhcpv6State): Dhcpv6Step {
  return { state, effects: [] };
}

/** A message that begins an exchange, with a transaction of its own. It asks for what is wanted, and for `lease`. */
export function newTalk(
  { rng, wanted }: Dhcpv6State,
  challenge: Uint8Array,
  parameters: RetransmissionParameters,
  now: Instant,
  lease?: Lease6,
): { readonly talk: Talk; readonly rng: Rng } {
  const drawn = nextUint32(rng);
  const exchange = beginExchange(parameters, now, drawn.rng);
  const transactionId = drawn.value & TRANSACTION_ID_MAX;
  const asked: Asked6 = {
    address: wanted.address || (lease?.addresses.length ?? 0) > 0,
    prefix: wanted.prefix || (lease?.prefixes.length ?? 0) > 0,
  };
  return { talk: { challenge, transactionId, exchange: exchange.value, asked }, rng: exchange.rng };
}

function begin(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  challenge: Uint8Array,
  parameters: RetransmissionParameters,
  now: Instant,
  phaseOf: (talk: Talk) => Phase6,
  lease?: Lease6,
): Dhcpv6Step {
  const { talk, rng } = newTalk(state, challenge, parameters, now, lease);
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
/** A server that is gone would be asked for ever: after this long any server is. */
const WITHOUT_T2 = RETRANSMISSION.RENEW.mrt;
/**
 * RFC 9915 section 18.2.1 has up to a second, so that a street does not ask at once after a power cut. Boxes of a
 * street do not start within a second of each other, and a home waits: a fifth of it.
 */
const FIRST_DELAY = { ...RETRANSMISSION.SOLICIT, maxDelay: milliseconds(200) };
