import { ignored, type Machine, type Step } from "@passerelle/machine";
import { unreachable } from "@passerelle/result";
import { after, type Instant, isDue, milliseconds, shorter } from "@passerelle/time";
import { CODE, type ControlPacket, encodeOptions } from "../control-packet.ts";
import type { NegotiationPolicy, NegotiationTiming } from "./policy.ts";
import { type Happening, happeningOf } from "./receive.ts";
import {
  checkNegotiation,
  isNegotiating,
  isWaiting,
  type Negotiation,
  type NegotiationEffect,
  type NegotiationInput,
  negotiationDeadline,
  newNegotiation,
  ROUNDS_MAX,
  type Why,
} from "./state.ts";
import { type AutomatonAction, type AutomatonPhase, transitionOf } from "./table.ts";

type NegotiationStep<Local, Peer> = Step<Negotiation<Local, Peer>, NegotiationEffect>;

/** One control protocol as a machine of its own, for tests; the session steps it inside its own. */
export function negotiationMachine<Local, Peer>(
  policy: NegotiationPolicy<Local, Peer>,
  timing: NegotiationTiming,
  local: Local,
): Machine<Negotiation<Local, Peer>, NegotiationInput, NegotiationEffect> {
  return {
    initial: newNegotiation(local, 0),
    step: (state, input, now) => stepNegotiation(policy, timing, state, input, now),
    deadline: negotiationDeadline,
    check: checkNegotiation,
  };
}

export function stepNegotiation<Local, Peer>(
  policy: NegotiationPolicy<Local, Peer>,
  timing: NegotiationTiming,
  state: Negotiation<Local, Peer>,
  input: NegotiationInput,
  now: Instant,
): NegotiationStep<Local, Peer> {
  const happening = read(policy, state, input, now);
  if (happening === undefined) return ignored(state);
  const transition = transitionOf(happening.event, state.phase);
  if (transition === undefined) return ignored(state);
  const { actions, next } = transition;
  if (actions.length === 0 && next === state.phase) return ignored(state);

  let current = learn(state, happening);
  const effects: NegotiationEffect[] = [];
  for (const action of actions) {
    const done = act(policy, timing, current, action, happening, now);
    current = done.state;
    effects.push(...done.effects);
  }
  return { state: settle(current, next), effects };
}

function read<Local, Peer>(
  policy: NegotiationPolicy<Local, Peer>,
  state: Negotiation<Local, Peer>,
  input: NegotiationInput,
  now: Instant,
): Happening<Local, Peer> | undefined {
  switch (input.kind) {
    case "up":
      return { event: "Up" };
    case "down":
      return { event: "Down", why: "lower_layer" };
    case "open":
      return { event: "Open" };
    case "close":
      return { event: "Close", why: "closed" };
    case "protocol_rejected":
      return { event: "RXJ-", why: "rejected" };
    case "packet":
      return happeningOf(policy, state, input.packet);
    case "timeout":
      if (!isDue(state.restart?.at, now)) return undefined;
      return state.triesLeft > 0 ? { event: "TO+" } : { event: "TO-", why: "timeout" };
    default:
      return unreachable(input);
  }
}

function learn<Local, Peer>(
  state: Negotiation<Local, Peer>,
  happening: Happening<Local, Peer>,
): Negotiation<Local, Peer> {
  const { request, ...rest } = state;
  return {
    ...rest,
    ...(request === undefined || happening.answered === true ? {} : { request }),
    ...(happening.local === undefined ? {} : { local: happening.local }),
    ...(happening.peer === undefined ? {} : { peer: happening.peer }),
    naksLeft: Math.max(0, state.naksLeft - (happening.nak === true ? 1 : 0)),
    roundsLeft: Math.max(0, state.roundsLeft - (happening.disagreed === true ? 1 : 0)),
  };
}

/** RFC 1661 section 4.4. */
function act<Local, Peer>(
  policy: NegotiationPolicy<Local, Peer>,
  timing: NegotiationTiming,
  state: Negotiation<Local, Peer>,
  action: AutomatonAction,
  happening: Happening<Local, Peer>,
  now: Instant,
): NegotiationStep<Local, Peer> {
  const why: Why = happening.why ?? "renegotiated";
  switch (action) {
    case "tlu":
      return {
        state: { ...state, roundsLeft: ROUNDS_MAX },
        effects: [{ kind: "layer_up" }],
      };
    case "tld":
      return { state, effects: [{ kind: "layer_down", why }] };
    case "tls":
      return { state, effects: [{ kind: "layer_started" }] };
    case "tlf":
      return { state, effects: [{ kind: "layer_finished", why }] };
    case "irc":
      return { state: restartCounter(timing, state, happening), effects: [] };
    case "zrc":
      return { state: pause(timing, state, now), effects: [] };
    case "scr":
      return sendRequest(policy, timing, state, now);
    case "str":
      return sendTerminate(timing, state, now);
    case "scj":
      return sendNumbered(state, happening.packet);
    case "sca":
      return hand({ ...state, naksLeft: timing.failureMax }, "send", happening.packet);
    case "scn":
    case "sta":
      return hand(state, "send", happening.packet);
    case "ser":
      return hand(state, "extra", happening.packet);
    default:
      return unreachable(action);
  }
}

/** Initialize-Restart-Count. A timer that runs keeps its time. */
function restartCounter<Local, Peer>(
  timing: NegotiationTiming,
  state: Negotiation<Local, Peer>,
  { event }: Happening<Local, Peer>,
): Negotiation<Local, Peer> {
  const terminates = event === "Close" || event === "RXJ-";
  const fresh = event === "Up" || event === "Open" || state.phase === "stopped";
  return {
    ...state,
    triesLeft: terminates ? timing.terminateMax : timing.configureMax,
    ...(fresh ? { naksLeft: timing.failureMax, roundsLeft: ROUNDS_MAX } : {}),
    ...(state.restart === undefined
      ? {}
      : { restart: { at: state.restart.at, wait: timing.restartFirst } }),
  };
}

/** Zero-Restart-Count: one period for the peer's own end, then it is over. */
function pause<Local, Peer>(
  timing: NegotiationTiming,
  state: Negotiation<Local, Peer>,
  now: Instant,
): Negotiation<Local, Peer> {
  const wait = timing.restartFirst;
  return { ...state, triesLeft: 0, restart: { at: after(now, wait), wait } };
}

function sendRequest<Local, Peer>(
  policy: NegotiationPolicy<Local, Peer>,
  timing: NegotiationTiming,
  state: Negotiation<Local, Peer>,
  now: Instant,
): NegotiationStep<Local, Peer> {
  // A repeated request keeps its identifier (RFC 1661 section 5.1), so that an answer to either is good.
  const identifier = state.request?.identifier ?? (state.identifier + 1) & 0xff;
  const options = policy.request(state.local);
  const packet = { code: CODE.CONFIGURE_REQUEST, identifier, data: encodeOptions(options) };
  return {
    state: {
      ...transmitted(timing, state, now),
      identifier: state.request === undefined ? identifier : state.identifier,
      request: { identifier, options },
    },
    effects: [{ kind: "send", packet }],
  };
}

function sendTerminate<Local, Peer>(
  timing: NegotiationTiming,
  state: Negotiation<Local, Peer>,
  now: Instant,
): NegotiationStep<Local, Peer> {
  return sendNumbered(transmitted(timing, state, now), {
    code: CODE.TERMINATE_REQUEST,
    identifier: 0,
    data: new Uint8Array(0),
  });
}

/** The next identifier is the packet's. */
function sendNumbered<Local, Peer>(
  state: Negotiation<Local, Peer>,
  packet: ControlPacket | undefined,
): NegotiationStep<Local, Peer> {
  if (packet === undefined) return ignored(state);
  const identifier = (state.identifier + 1) & 0xff;
  return hand({ ...state, identifier }, "send", { ...packet, identifier });
}

function hand<Local, Peer>(
  state: Negotiation<Local, Peer>,
  kind: "send" | "extra",
  packet: ControlPacket | undefined,
): NegotiationStep<Local, Peer> {
  return packet === undefined ? ignored(state) : { state, effects: [{ kind, packet }] };
}

function transmitted<Local, Peer>(
  timing: NegotiationTiming,
  state: Negotiation<Local, Peer>,
  now: Instant,
): Negotiation<Local, Peer> {
  const wait = state.restart?.wait ?? timing.restartFirst;
  return {
    ...state,
    triesLeft: Math.max(0, state.triesLeft - 1),
    restart: {
      at: after(now, wait),
      wait: shorter(timing.restartMax, milliseconds(wait * 2)),
    },
  };
}

/** Takes the phase, and with it what only waiting phases have. */
function settle<Local, Peer>(
  state: Negotiation<Local, Peer>,
  phase: AutomatonPhase,
): Negotiation<Local, Peer> {
  const { restart, request, ...rest } = state;
  return {
    ...rest,
    phase,
    ...(isWaiting(phase) && restart !== undefined ? { restart } : {}),
    ...(isNegotiating(phase) && request !== undefined ? { request } : {}),
  };
}
