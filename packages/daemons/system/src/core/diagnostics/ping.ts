import { ignored, type Machine, type Step } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import {
  after,
  type Duration,
  earliest,
  type Instant,
  instant,
  isDue,
  milliseconds,
  seconds,
} from "@passerelle/time";

/** Echo requests to one address, one an interval; each is answered, refused by somebody on the way, or lost. */
export interface PingState {
  readonly sent: number;
  readonly waiting: readonly { readonly sequence: number; readonly due: Instant }[];
  /** Milliseconds of each answer. */
  readonly times: readonly number[];
  /** Answers, refusals and losses together. */
  readonly known: number;
  readonly nextAt: Instant;
}

export interface PingSettings {
  readonly count: number;
  readonly interval: Duration;
  /** A reply that takes longer counts as lost. */
  readonly patience: Duration;
}

export type PingInput =
  | { readonly kind: "timeout" }
  | {
      readonly kind: "reply";
      readonly sequence: number;
      readonly from: string;
      readonly ttl: number;
      /** Measured where the octets come in, finer than an `Instant`. */
      readonly rttMs: number;
    }
  /** A router says that it did not arrive. */
  | {
      readonly kind: "refused";
      readonly sequence: number;
      readonly from?: string;
      readonly why: string;
    };

export const PING_INPUT_KINDS = [
  "timeout",
  "reply",
  "refused",
] as const satisfies readonly PingInput["kind"][];

export type PingEffect =
  | { readonly kind: "send"; readonly sequence: number }
  | { readonly kind: "outcome"; readonly outcome: PingOutcome }
  | { readonly kind: "finished"; readonly summary: PingSummary };

export type PingOutcome =
  | (PingInput & { kind: "reply" })
  | (PingInput & { kind: "refused" })
  | { readonly kind: "lost"; readonly sequence: number };

export interface PingSummary {
  readonly sent: number;
  readonly received: number;
  /** 0 to 1. */
  readonly loss: number;
  readonly times?: { readonly min: number; readonly mean: number; readonly max: number };
}

export const PING_INTERVAL = seconds(1);
export const PING_PATIENCE = milliseconds(2000);

export function pingMachine(settings: PingSettings): Machine<PingState, PingInput, PingEffect> {
  return {
    // The first one is due at once, whatever the clock says.
    initial: { sent: 0, waiting: [], times: [], known: 0, nextAt: instant(0) },
    step: (state, input, now) => step(settings, state, input, now),
    deadline: (state) =>
      earliest(
        state.sent < settings.count ? state.nextAt : undefined,
        ...state.waiting.map((one) => one.due),
      ),
    check(state) {
      invariant(state.sent <= settings.count, "no more are sent than asked for");
      invariant(state.known + state.waiting.length === state.sent, "each has one outcome at most");
      invariant(state.times.length <= state.known, "an answer is an outcome");
    },
  };
}

function step(
  settings: PingSettings,
  state: PingState,
  input: PingInput,
  now: Instant,
): Step<PingState, PingEffect> {
  if (input.kind !== "timeout") {
    // A reply to what was not asked, or asked long ago, or twice.
    if (!state.waiting.some((one) => one.sequence === input.sequence)) return ignored(state);
    return settle(settings, note(state, [input]), [input]);
  }
  const lost = state.waiting
    .filter((one) => isDue(one.due, now))
    .map(({ sequence }) => ({ kind: "lost", sequence }) as const);
  const told = note(state, lost);
  if (told.sent >= settings.count || !isDue(told.nextAt, now)) {
    return lost.length === 0 ? ignored(state) : settle(settings, told, lost);
  }
  const sequence = told.sent + 1;
  const next: PingState = {
    ...told,
    sent: sequence,
    waiting: [...told.waiting, { sequence, due: after(now, settings.patience) }],
    nextAt: after(now, settings.interval),
  };
  const settled = settle(settings, next, lost);
  return { state: next, effects: [...settled.effects, { kind: "send", sequence }] };
}

function note(state: PingState, outcomes: readonly PingOutcome[]): PingState {
  if (outcomes.length === 0) return state;
  const settled = new Set(outcomes.map((one) => one.sequence));
  return {
    ...state,
    waiting: state.waiting.filter((one) => !settled.has(one.sequence)),
    times: [...state.times, ...outcomes.flatMap((o) => (o.kind === "reply" ? [o.rttMs] : []))],
    known: state.known + outcomes.length,
  };
}

function settle(
  settings: PingSettings,
  state: PingState,
  outcomes: readonly PingOutcome[],
): Step<PingState, PingEffect> {
  const told = outcomes.map((outcome) => ({ kind: "outcome", outcome }) as const);
  if (state.known < settings.count) return { state, effects: told };
  return { state, effects: [...told, { kind: "finished", summary: summaryOf(state) }] };
}

export function summaryOf(state: PingState): PingSummary {
  const { sent, times } = state;
  const received = times.length;
  const loss = sent === 0 ? 0 : 1 - received / sent;
  if (received === 0) return { sent, received, loss };
  const mean = times.reduce((sum, time) => sum + time, 0) / received;
  return {
    sent,
    received,
    loss,
    times: { min: Math.min(...times), mean, max: Math.max(...times) },
  };
}
