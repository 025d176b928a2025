import { invariant } from "@passerelle/result";
import type { Instant, WallTime } from "@passerelle/time";
import { SERIES, type Tier, type Values } from "./series.ts";

/**
 * One period of one tier. `slot` counts periods of the monotonic clock since boot: a jump of the calendar
 * moves no point and makes none twice. The calendar is only a label, put on when somebody asks.
 */
export interface Point {
  readonly slot: number;
  readonly mean: Values;
  readonly peak: Values;
}

/** A period that still runs. */
export interface Running {
  readonly slot: number;
  readonly counts: readonly number[];
  readonly sums: readonly number[];
  readonly peaks: readonly number[];
}

export function slotOf(tier: Tier, now: Instant): number {
  return Math.floor(now / tier.periodMs);
}

/** Adds one reading of a slot; the running period is closed when its slot is over. */
export function addReading(
  running: Running | undefined,
  slot: number,
  values: Values,
): { readonly running: Running; readonly closed?: Point } {
  invariant(values.length === SERIES.length, "a reading has one value a series");
  if (running === undefined) return { running: joined(empty(slot), values) };
  invariant(slot >= running.slot, "readings come in the order of time");
  if (slot === running.slot) return { running: joined(running, values) };
  return { running: joined(empty(slot), values), closed: closePeriod(running) };
}

export function closePeriod(running: Running): Point {
  const { slot, counts, sums, peaks } = running;
  return {
    slot,
    mean: sums.map((sum, i) => ((counts[i] ?? 0) > 0 ? sum / (counts[i] ?? 1) : null)),
    peak: peaks.map((peak, i) => ((counts[i] ?? 0) > 0 ? peak : null)),
  };
}

/** One series of a point. */
export interface SeriesPoint {
  readonly slot: number;
  readonly mean: number | null;
  readonly peak: number | null;
}

export function seriesOf(points: readonly Point[], series: number): readonly SeriesPoint[] {
  return points.map(({ slot, mean, peak }) => ({
    slot,
    mean: mean[series] ?? null,
    peak: peak[series] ?? null,
  }));
}

/** One series of one boot, and what to add to its monotonic clock for the calendar. */
export interface BootPoints {
  readonly offsetMs: number;
  readonly points: readonly SeriesPoint[];
}

export interface Grid {
  readonly periodMs: number;
  readonly from: WallTime;
  readonly mean: (number | null)[];
  readonly peak: (number | null)[];
}

/**
 * One series on an even grid that ends with the newest period. Boots come oldest first; where a wrong calendar
 * makes two of them overlap, the newer one is believed. Every point of a boot is labelled with the offset that
 * was known last: when the calendar is set right, the whole boot moves with it.
 */
export function gridOf(
  tier: Tier,
  boots: readonly BootPoints[],
  now: { readonly instant: Instant; readonly wall: WallTime },
): Grid {
  const { periodMs, capacity } = tier;
  const offset = now.wall - now.instant;
  // The period that still runs is not shown: the grid ends where it begins.
  const end = slotOf(tier, now.instant) * periodMs + offset;
  const start = end - capacity * periodMs;
  const mean: (number | null)[] = Array.from({ length: capacity }, () => null);
  const peak: (number | null)[] = Array.from({ length: capacity }, () => null);
  let first = capacity;
  for (const { offsetMs, points } of boots) {
    for (const point of points) {
      const at = Math.round((point.slot * periodMs + offsetMs - start) / periodMs);
      if (at < 0 || at >= capacity) continue;
      mean[at] = shortened(point.mean);
      peak[at] = shortened(point.peak);
      first = Math.min(first, at);
    }
  }
  return {
    periodMs,
    // A calendar before 1970 has no label; 0 is the nearest.
    from: Math.max(0, Math.round(start + first * periodMs)) as WallTime,
    mean: mean.slice(first),
    peak: peak.slice(first),
  };
}

function empty(slot: number): Running {
  const zeros = SERIES.map(() => 0);
  return { slot, counts: zeros, sums: zeros, peaks: SERIES.map(() => Number.NEGATIVE_INFINITY) };
}

function joined(running: Running, values: Values): Running {
  const has = (i: number): boolean => isMeasured(values[i]);
  const value = (i: number): number => values[i] ?? 0;
  return {
    slot: running.slot,
    counts: running.counts.map((count, i) => (has(i) ? count + 1 : count)),
    sums: running.sums.map((sum, i) => (has(i) ? sum + value(i) : sum)),
    peaks: running.peaks.map((peak, i) => (has(i) ? Math.max(peak, value(i)) : peak)),
  };
}

function isMeasured(value: number | null | undefined): boolean {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** Five digits are more than a chart shows, and a third of the octets. */
function shortened(value: number | null): number | null {
  if (value === null) return null;
  return Math.abs(value) >= 10_000 ? Math.round(value) : Number(value.toPrecision(5));
}
