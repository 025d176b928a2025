import { concatBytes } from "@passerelle/bytes";
import { ignored, type Machine, type Rng, type Step } from "@passerelle/machine";
import { unreachable } from "@passerelle/result";
import { after, type Instant, isDue, seconds } from "@passerelle/time";
import { type NegotiationInput, newNegotiation } from "../automaton/state.ts";
import { stepNegotiation } from "../automaton/step.ts";
import { CODE, type ControlPacket } from "../control-packet.ts";
import { uint16Data, uint32Data } from "../numbers.ts";
import { peerText } from "../text.ts";
import { extraReceived, LOOPS_MAX } from "./extra.ts";
import { lcpPolicy, newLcpLocal } from "./options.ts";
import {
  checkLcp,
  type LcpEffect,
  type LcpInput,
  type LcpSettings,
  type LcpState,
  lcpDeadline,
} from "./state.ts";

export type LcpStep = Step<LcpState, LcpEffect>;

const PROBE_TRIES = 3;
const PROBE_WAIT = seconds(1);
/** Longest copy of a packet in a Protocol-Reject: short enough for every MRU. */
const REJECTED_COPY_MAX = 256;

/** The link as a machine of its own, for tests; the session steps it inside its own. */
export function lcpMachine(
  settings: LcpSettings,
  rng: Rng,
): Machine<LcpState, LcpInput, LcpEffect> {
  return {
    initial: newLcp(settings, rng),
    step: (state, input, now) => stepLcp(settings, state, input, now),
    deadline: lcpDeadline,
    check: checkLcp,
  };
}

export function newLcp(settings: LcpSettings, rng: Rng): LcpState {
  const local = newLcpLocal(settings, rng);
  return { negotiation: newNegotiation(local, local.rng.a), echoIdentifier: 0 };
}

export function stepLcp(
  settings: LcpSettings,
  state: LcpState,
  input: LcpInput,
  now: Instant,
): LcpStep {
  switch (input.kind) {
    case "up":
    case "down":
    case "open":
    case "close":
      return negotiate(settings, state, input, now);
    case "packet":
      return packetReceived(settings, state, input.packet, now);
    case "timeout":
      return timeout(settings, state, now);
    case "heard":
      return state.watch === undefined
        ? ignored(state)
        : { state: alive(settings, state, now), effects: [] };
    case "watch":
      return startWatch(settings, state, input.probe, now);
    case "unknown_protocol":
      return rejectProtocol(state, input.protocol, input.payload);
    default:
      return unreachable(input);
  }
}

/** Steps the automaton, and what it opened or closed with it. */
function negotiate(
  settings: LcpSettings,
  state: LcpState,
  input: NegotiationInput,
  now: Instant,
): LcpStep {
  const stepped = stepNegotiation(
    lcpPolicy(settings),
    settings.timing,
    state.negotiation,
    input,
    now,
  );
  if (stepped.state === state.negotiation && stepped.effects.length === 0) return ignored(state);
  let next: LcpState = { ...state, negotiation: stepped.state };
  if (stepped.state.phase !== "opened") next = unwatched(next);
  const effects: LcpEffect[] = [];
  for (const effect of stepped.effects) {
    if (effect.kind === "layer_started") continue;
    if (effect.kind !== "extra") {
      effects.push(effect);
      continue;
    }
    const extra = extraReceived(next, effect.packet);
    next = extra.state;
    effects.push(...extra.effects);
    if (extra.lcpRejected) {
      const rejected = negotiate(settings, next, { kind: "protocol_rejected" }, now);
      next = rejected.state;
      effects.push(...rejected.effects);
    }
  }
  return { state: next, effects };
}

function packetReceived(
  settings: LcpSettings,
  state: LcpState,
  packet: ControlPacket,
  now: Instant,
): LcpStep {
  const { loops } = state.negotiation.local;
  const terminates =
    packet.code === CODE.TERMINATE_REQUEST && state.negotiation.phase !== "closing";
  const heard = terminates ? { ...state, terminated: { text: peerText(packet.data) } } : state;
  const step = negotiate(settings, heard, { kind: "packet", packet }, now);
  const counted = step.state.negotiation.local.loops;
  if (counted === loops || counted < LOOPS_MAX) return step;
  return { state: step.state, effects: [...step.effects, { kind: "looped" }] };
}

function timeout(settings: LcpSettings, state: LcpState, now: Instant): LcpStep {
  if (isDue(state.negotiation.restart?.at, now)) {
    return negotiate(settings, state, { kind: "timeout" }, now);
  }
  if (isDue(state.watch?.nextAt, now)) return silence(settings, state, now);
  if (isDue(state.probe?.nextAt, now)) return probeAgain(state, now);
  return ignored(state);
}

function startWatch(
  settings: LcpSettings,
  state: LcpState,
  octets: number | undefined,
  now: Instant,
): LcpStep {
  if (state.negotiation.phase !== "opened") return ignored(state);
  const watched = alive(settings, state, now);
  if (octets === undefined) return { state: watched, effects: [] };
  const identifier = (state.echoIdentifier + 1) & 0xff;
  return probeAgain(
    {
      ...watched,
      echoIdentifier: identifier,
      probe: { identifier, octets, nextAt: now, triesLeft: PROBE_TRIES },
    },
    now,
  );
}

function alive(settings: LcpSettings, state: LcpState, now: Instant): LcpState {
  return {
    ...state,
    watch: { nextAt: after(now, settings.echo.interval), unanswered: 0 },
  };
}

function unwatched(state: LcpState): LcpState {
  const { watch: _watch, probe: _probe, ...rest } = state;
  return rest;
}

function silence(settings: LcpSettings, state: LcpState, now: Instant): LcpStep {
  const unanswered = state.watch?.unanswered ?? 0;
  if (unanswered >= settings.echo.failureMax) {
    return { state: unwatched(state), effects: [{ kind: "peer_dead" }] };
  }
  const identifier = (state.echoIdentifier + 1) & 0xff;
  return {
    state: {
      ...state,
      echoIdentifier: identifier,
      watch: { nextAt: after(now, settings.echo.interval), unanswered: unanswered + 1 },
    },
    effects: [{ kind: "send", packet: echoRequest(state, identifier, 0) }],
  };
}

function probeAgain(state: LcpState, now: Instant): LcpStep {
  const { probe, ...rest } = state;
  if (probe === undefined) return ignored(state);
  if (probe.triesLeft === 0) return { state: rest, effects: [] };
  const packet = echoRequest(state, probe.identifier, probe.octets);
  return {
    state: {
      ...state,
      probe: { ...probe, nextAt: after(now, PROBE_WAIT), triesLeft: probe.triesLeft - 1 },
    },
    effects: [{ kind: "send", packet }],
  };
}

/** RFC 1661 section 5.8. @param octets of the whole packet; the least there can be where it is less */
function echoRequest({ negotiation }: LcpState, identifier: number, octets: number): ControlPacket {
  const magic = uint32Data(negotiation.local.magic ?? 0);
  const filling = new Uint8Array(Math.max(0, octets - 8));
  return { code: CODE.ECHO_REQUEST, identifier, data: concatBytes(magic, filling) };
}

/** RFC 1661 section 5.7: only while the link is open. */
function rejectProtocol(state: LcpState, protocol: number, payload: Uint8Array): LcpStep {
  if (state.negotiation.phase !== "opened") return ignored(state);
  const identifier = (state.negotiation.identifier + 1) & 0xff;
  const data = concatBytes(uint16Data(protocol), payload.subarray(0, REJECTED_COPY_MAX));
  return {
    state: { ...state, negotiation: { ...state.negotiation, identifier } },
    effects: [{ kind: "send", packet: { code: CODE.PROTOCOL_REJECT, identifier, data } }],
  };
}
