import type { Machine, Step, Timeout } from "@passerelle/machine";
import {
  after,
  type Duration,
  type Instant,
  isDue,
  minutes,
  seconds,
  shorter,
  type WallTime,
} from "@passerelle/time";
import {
  type BinsEffect,
  type BinsState,
  counterBins,
  type LineSnapshot,
  type LineState,
} from "@passerelle/xdsl";
import {
  checkDsl,
  type DslFailure,
  type DslState,
  type DslWord,
  initialDsl,
  wordOf,
} from "./state.ts";

export type DslInput =
  | {
      readonly kind: "snapshot";
      readonly snapshot: LineSnapshot;
      /** The calendar: bins are for people. */
      readonly at: WallTime;
    }
  | { readonly kind: "failed"; readonly failure: DslFailure }
  /** The modem said by itself that something changed. */
  | { readonly kind: "told"; readonly state: LineState; readonly rawState: string };

export type DslEffect =
  /** One question to the modem; answered by `snapshot` or `failed`. */
  | { readonly kind: "ask" }
  /** The modem was first looked at, or a quarter of an hour is over. */
  | { readonly kind: "store_bins"; readonly bins: BinsState }
  /** The modem's word changed. */
  | { readonly kind: "word"; readonly from: DslWord; readonly to: DslWord; readonly at: Instant };

type DslStep = Step<DslState, DslEffect>;

/** Looks at a modem every ten seconds, at once where it tells of a change, and less often where it does not answer. */
export function dslMachine(
  start: Instant,
  remembered?: BinsState,
): Machine<DslState, DslInput | Timeout, DslEffect> {
  return {
    initial: initialDsl(start, remembered),
    step: (state, input, now) => reported(feed(state, input, now), now),
    deadline: ({ phase }) => phase.until,
    check: checkDsl,
  };
}

const PERIOD = seconds(10);
/** More than any driver takes to give up. */
const ANSWER_MAX = seconds(90);
const PAUSE_MAX = minutes(5);

function feed(state: DslState, input: DslInput | Timeout, now: Instant): DslStep {
  switch (input.kind) {
    case "timeout":
      return timeout(state, now);
    case "snapshot":
      return looked(state, input.snapshot, input.at, now);
    case "failed":
      return failed(state, input.failure, now);
    case "told":
      return told(state, input, now);
  }
}

function timeout(state: DslState, now: Instant): DslStep {
  if (!isDue(state.phase.until, now)) return { state, effects: [] };
  if (state.phase.kind === "resting") return ask(state, now);
  return failed(state, { reason: "unreachable", text: "no answer" }, now);
}

function ask(state: DslState, now: Instant): DslStep {
  const phase = { kind: "asking", until: after(now, ANSWER_MAX) } as const;
  return { state: { ...state, phase }, effects: [{ kind: "ask" }] };
}

function looked(state: DslState, snapshot: LineSnapshot, at: WallTime, now: Instant): DslStep {
  const { state: lineState, near = {}, far = {} } = snapshot;
  const isUp = lineState === "up";
  const epoch = snapshot.counts?.linkRetrain;
  const counted = BINS.step(
    state.bins,
    {
      ...{ kind: "sample", at, isUp, near, far },
      ...(epoch === undefined ? {} : { epoch: String(epoch) }),
    },
    now,
  );
  const { failure: _, ...rest } = state;
  return {
    state: {
      ...rest,
      phase: { kind: "resting", until: after(now, PERIOD) },
      failures: 0,
      seen: seenAs(state, snapshot, now),
      retrains: state.retrains + (isUp && isNewlyUp(state) ? 1 : 0),
      bins: counted.state,
    },
    effects: isWorthStoring(state.bins, counted.effects)
      ? [{ kind: "store_bins", bins: counted.state }]
      : [],
  };
}

/** The first look too: what a later life counts is compared with it. */
function isWorthStoring(before: BinsState, effects: readonly BinsEffect[]): boolean {
  return before.kind === "empty" || effects.some(({ kind }) => kind === "bin_closed");
}

/** A line that was up when we first looked did not train before our eyes. */
function isNewlyUp({ seen }: DslState): boolean {
  return seen !== undefined && seen.snapshot.state !== "up";
}

function seenAs(
  { seen }: DslState,
  snapshot: LineSnapshot,
  now: Instant,
): NonNullable<DslState["seen"]> {
  const since = seen?.snapshot.state === snapshot.state ? seen.since : now;
  return { snapshot, since };
}

/** A refused password is not tried often: modems lock their door. */
function failed(state: DslState, failure: DslFailure, now: Instant): DslStep {
  const pause =
    failure.reason === "login_refused" ? PAUSE_MAX : shorter(PAUSE_MAX, doubled(state.failures));
  return {
    state: {
      ...state,
      phase: { kind: "resting", until: after(now, pause) },
      failures: state.failures + 1,
      failure,
    },
    effects: [],
  };
}

function doubled(failures: number): Duration {
  return seconds(10 * 2 ** Math.min(failures, 10));
}

/** What it says of its state counts at once, and that it is there; its numbers are asked for. */
function told(
  state: DslState,
  { state: lineState, rawState }: DslInput & { kind: "told" },
  now: Instant,
): DslStep {
  const { seen } = state;
  const isUp = lineState === "up";
  const snapshot = withoutNumbers(seen?.snapshot ?? NOTHING_KNOWN, lineState);
  const { failure: _, ...rest } = state;
  const known: DslState = {
    ...rest,
    failures: 0,
    seen: seenAs(state, { ...snapshot, rawState }, now),
    retrains: state.retrains + (isUp && isNewlyUp(state) ? 1 : 0),
  };
  return state.phase.kind === "asking" ? { state: known, effects: [] } : ask(known, now);
}

/** Rates and margins of a line that is not up any more would be of one that was. */
function withoutNumbers(snapshot: LineSnapshot, state: LineState): LineSnapshot {
  if (state === "up" && snapshot.state === "up") return { ...snapshot, state };
  const { uptime: _, powerState: __, ...rest } = snapshot;
  return { ...rest, state, down: {}, up: {} };
}

function reported(step: DslStep, now: Instant): DslStep {
  const { mark } = step.state;
  const word = wordOf(step.state);
  if (word === mark.word) return step;
  return {
    state: { ...step.state, mark: { word, since: now } },
    effects: [...step.effects, { kind: "word", from: mark.word, to: word, at: now }],
  };
}

const NOTHING_KNOWN: LineSnapshot = {
  ...{ state: "unknown", rawState: "", down: {}, up: {}, inventory: {}, quality: {}, raw: null },
};
const BINS = counterBins();
