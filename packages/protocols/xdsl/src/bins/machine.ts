import { ignored, type Machine, type Step, type Timeout } from "@passerelle/machine";
import { invariant, unreachable } from "@passerelle/result";
import { type Duration, hours, milliseconds, seconds, type WallTime } from "@passerelle/time";
import type { CounterName, ErrorCounters } from "../model/line.ts";
import { type CounterDelta, counterDelta } from "./delta.ts";
import { addPart, type Part, partsOf } from "./parts.ts";
import {
  type Bin,
  type BinsState,
  type CountingBins,
  checkBins,
  daySpan,
  type LastLook,
  QUARTER,
  type Span,
  startOf,
} from "./state.ts";

export interface BinsOptions {
  /** Width of the modem's counters: 32, of a Metanoia 24. */
  readonly counterBits?: number;
  /** The home's time minus that of UTC: where its days start. */
  readonly dayOffset?: Duration;
}

export type BinsInput = CounterSample | { readonly kind: "clear" } | Timeout;

/** One look at a line. */
export interface CounterSample {
  readonly kind: "sample";
  /** Calendar time: bins are for people, and outlive a boot. */
  readonly at: WallTime;
  readonly isUp: boolean;
  readonly near: ErrorCounters;
  readonly far: ErrorCounters;
  /** Changes when the modem says that its counters started again, e.g. with its count of link-ups. */
  readonly epoch?: string;
}

export type BinsEffect =
  | { readonly kind: "grown"; readonly near: ErrorCounters; readonly far: ErrorCounters }
  | { readonly kind: "bin_closed"; readonly span: Span["name"]; readonly bin: Bin }
  | { readonly kind: "restarted"; readonly end: "near" | "far" }
  | {
      readonly kind: "wrapped";
      readonly end: "near" | "far";
      readonly names: readonly CounterName[];
    }
  | { readonly kind: "gap"; readonly from: WallTime; readonly to: WallTime }
  | { readonly kind: "clock_set_back"; readonly from: WallTime; readonly to: WallTime };

/**
 * Turns absolute counters, which restart and run over as modems please, into counts by the quarter of an hour and by the
 * day that are the same for every driver. Its state is the last look and the bins: stored after each step and read back
 * by `readBins`, a killed process loses nothing that the modem still counts.
 */
export function counterBins(options: BinsOptions = {}): Machine<BinsState, BinsInput, BinsEffect> {
  const bits = options.counterBits ?? 32;
  const day = daySpan(options.dayOffset ?? milliseconds(0));
  invariant(bits >= 8 && bits <= 48, "counters have 8 to 48 bits");
  return {
    initial: { kind: "empty" },
    step: (state, input) => {
      switch (input.kind) {
        case "timeout":
          return ignored(state);
        case "clear":
          return { state: { kind: "empty" }, effects: [] };
        case "sample":
          return state.kind === "empty" ? firstLook(input) : look(state, input, bits, day);
        default:
          return unreachable(input);
      }
    },
    deadline: () => undefined,
    check: (state) => checkBins(state, day),
  };
}

/** After a longer time without a look nobody can say when it was that the counters grew. */
const GAP_MAX = hours(24);
/** Looks that are nearer than this watch the time between them. */
const WATCHED_MAX = seconds(120);

/** Counters are worth nothing without something to compare them with: the first look opens no bin. */
function firstLook(sample: CounterSample): Step<BinsState, BinsEffect> {
  return {
    state: { kind: "counting", last: lastOf(sample, {}, {}), quarters: [], days: [] },
    effects: [],
  };
}

function look(
  state: CountingBins,
  sample: CounterSample,
  bits: number,
  day: Span,
): Step<BinsState, BinsEffect> {
  const { last } = state;
  const isKnownRestart =
    sample.epoch !== undefined && last.epoch !== undefined && sample.epoch !== last.epoch;
  const near = counterDelta(last.near, sample.near, bits, isKnownRestart);
  const far = counterDelta(last.far, sample.far, bits, isKnownRestart);
  const effects: BinsEffect[] = [
    { kind: "grown", near: near.grown, far: far.grown },
    ...notices("near", near),
    ...notices("far", far),
  ];
  const next = lastOf(
    sample,
    near.isRestart ? {} : last.near,
    far.isRestart ? {} : last.far,
    last.epoch,
  );
  if (sample.at - last.at > GAP_MAX) {
    return {
      state: { ...state, last: next },
      effects: [...effects, { kind: "gap", from: last.at, to: sample.at }],
    };
  }
  const whole = wholeOf(last, sample, near.grown, far.grown);
  const rows = [
    [QUARTER, state.quarters],
    [day, state.days],
  ] as const;
  const [quarters = [], days = []] = rows.map(([span, bins]) => {
    const kept = bins.filter(({ start }) => start <= startOf(span, sample.at));
    const grown = partsOf(span, whole).reduce(
      (row: readonly Bin[], part) => addPart(span, row, part),
      kept,
    );
    const open = kept.at(-1)?.start ?? Number.NEGATIVE_INFINITY;
    for (const bin of grown.slice(0, -1)) {
      if (bin.start >= open) effects.push({ kind: "bin_closed", span: span.name, bin });
    }
    return grown;
  });
  // Bins of a time that is still to come were dated by a calendar that was wrong, and are gone.
  if (sample.at < last.at) {
    effects.push({ kind: "clock_set_back", from: last.at, to: sample.at });
  }
  return { state: { kind: "counting", last: next, quarters, days }, effects };
}

function wholeOf(
  last: LastLook,
  sample: CounterSample,
  near: ErrorCounters,
  far: ErrorCounters,
): Part {
  const isWatched = sample.at - last.at <= WATCHED_MAX && sample.at >= last.at;
  return {
    from: Math.min(sample.at, last.at) as WallTime,
    to: sample.at,
    isWatched,
    isUp: last.isUp && sample.isUp,
    retrains: !last.isUp && sample.isUp ? 1 : 0,
    near,
    far,
  };
}

/** A counter that is missing once keeps its place. */
function lastOf(
  sample: CounterSample,
  near: ErrorCounters,
  far: ErrorCounters,
  epochBefore?: string,
): LastLook {
  const epoch = sample.epoch ?? epochBefore;
  return {
    at: sample.at,
    isUp: sample.isUp,
    near: { ...near, ...sample.near },
    far: { ...far, ...sample.far },
    ...(epoch === undefined ? {} : { epoch }),
  };
}

function notices(end: "near" | "far", delta: CounterDelta): readonly BinsEffect[] {
  if (delta.isRestart) return [{ kind: "restarted", end }];
  return delta.wrapped.length === 0 ? [] : [{ kind: "wrapped", end, names: delta.wrapped }];
}
