import { invariant } from "@passerelle/result";
import { type Duration, hours, minutes, type WallTime } from "@passerelle/time";
import { COUNTER_NAMES, type ErrorCounters } from "../model/line.ts";

/** What a line's counters were at the last look, and what they grew by in each bin. A value of JSON, to be stored as it is. */
export type BinsState = EmptyBins | CountingBins;

export interface EmptyBins {
  readonly kind: "empty";
}

export interface CountingBins {
  readonly kind: "counting";
  readonly last: LastLook;
  /** Oldest first; the last one is still open. A quarter of an hour in which nobody looked is not there. */
  readonly quarters: readonly Bin[];
  readonly days: readonly Bin[];
}

/** Absolute counters as they stood. */
export interface LastLook {
  readonly at: WallTime;
  readonly isUp: boolean;
  readonly near: ErrorCounters;
  readonly far: ErrorCounters;
  readonly epoch?: string;
}

/** What was counted from one calendar time on. */
export interface Bin {
  readonly start: WallTime;
  /** Seconds that were watched; less than the bin is long where nobody looked. */
  readonly seconds: number;
  /** Of these, seconds with the line up. */
  readonly upSeconds: number;
  /** How often the line came up. */
  readonly retrains: number;
  /** Part of the counts came out of a time in which nobody looked, over more than one bin, and was shared out by length. */
  readonly isEstimated: boolean;
  /** A counter that the modem does not have is absent. */
  readonly near: ErrorCounters;
  readonly far: ErrorCounters;
}

/** One row of bins of the same length (ITU-T G.997.1 section 7.2.7: 15 minutes and 24 hours). */
export interface Span {
  readonly name: "quarter" | "day";
  readonly length: Duration;
  /** Closed bins that are kept. */
  readonly keep: number;
  /** Where bins start, from midnight UTC on. */
  readonly offset: Duration;
}

export const QUARTER: Span = {
  name: "quarter",
  length: minutes(15),
  keep: 96,
  offset: minutes(0),
};

/** Days start at midnight of the home's time, which is `offset` away from that of UTC. */
export function daySpan(offset: Duration): Span {
  return { name: "day", length: hours(24), keep: 14, offset };
}

export function startOf(span: Span, at: WallTime): WallTime {
  return (Math.floor((at + span.offset) / span.length) * span.length - span.offset) as WallTime;
}

/**
 * Seconds in which the line could not be used: the modem's own count at our end, and where it has none those in which
 * we saw the line down.
 */
export function unavailableSecsOf(bin: Bin): number {
  return bin.near.unavailableSecs ?? bin.seconds - bin.upSeconds;
}

/** Throws where the state breaks an invariant. */
export function checkBins(state: BinsState, day: Span): void {
  if (state.kind === "empty") return;
  for (const [span, bins] of [
    [QUARTER, state.quarters],
    [day, state.days],
  ] as const) {
    invariant(bins.length <= span.keep + 1, "no more bins than are kept, and the open one");
    for (const [index, bin] of bins.entries()) {
      const before = bins[index - 1];
      invariant(before === undefined || before.start < bin.start, "bins follow each other in time");
      invariant(startOf(span, bin.start) === bin.start, "a bin starts where its span says");
      invariant(bin.seconds <= span.length / 1000 + 1, "no more seconds than a bin has");
      invariant(bin.upSeconds <= bin.seconds, "up only while it was watched");
      invariant(isCounted(bin.near) && isCounted(bin.far), "a count is a whole number from 0 on");
    }
  }
}

function isCounted(counters: ErrorCounters): boolean {
  return COUNTER_NAMES.every((name) => {
    const value = counters[name];
    return value === undefined || (Number.isSafeInteger(value) && value >= 0);
  });
}
