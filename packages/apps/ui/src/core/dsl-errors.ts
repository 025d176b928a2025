import type { WanDslBin } from "@passerelle/contract";

type Values = readonly (number | null)[];

/** Seconds with errors, bin by bin; null where nobody counted, which is not zero. */
interface ErrorLines {
  /** The middle of each bin, where its bars stand. */
  readonly times: readonly number[];
  readonly down: Values;
  readonly up: Values;
}

export function errorLines(bins: readonly WanDslBin[], periodMs: number): ErrorLines {
  const sorted = [...bins].sort((a, b) => a.start - b.start).slice(-BINS_MAX);
  return {
    times: sorted.map(({ start }) => start + periodMs / 2),
    down: sorted.map(({ near }) => near.erroredSecs ?? null),
    up: sorted.map(({ far }) => far.erroredSecs ?? null),
  };
}

/** What the errors of a time say in numbers. */
interface ErrorFigures {
  readonly down: number;
  /** Undefined where the operator's end tells nothing. */
  readonly up: number | undefined;
  /** The bin with most of both. */
  readonly worst: { readonly at: number; readonly seconds: number };
  readonly retrains: number;
  /** Some of it was shared out over bins, because nobody looked. */
  readonly isEstimated: boolean;
}

/** Undefined where nothing was counted of what comes down. */
export function errorFigures(bins: readonly WanDslBin[]): ErrorFigures | undefined {
  const counted = bins.filter(({ near }) => near.erroredSecs !== undefined);
  if (counted.length === 0) return undefined;
  const ups = bins.flatMap(({ far }) => (far.erroredSecs === undefined ? [] : [far.erroredSecs]));
  const worst = counted.reduce((most, bin) => (bothOf(bin) > bothOf(most) ? bin : most));
  return {
    down: counted.reduce((sum, { near }) => sum + (near.erroredSecs ?? 0), 0),
    up: ups.length === 0 ? undefined : ups.reduce((sum, one) => sum + one, 0),
    worst: { at: worst.start, seconds: bothOf(worst) },
    retrains: bins.reduce((sum, { retrains }) => sum + retrains, 0),
    isEstimated: bins.some(({ isEstimated }) => isEstimated),
  };
}

export const QUARTER_MS = 900_000;
export const DAY_MS = 86_400_000;

/** A day of quarters; the box never sends more. */
const BINS_MAX = 400;

function bothOf({ near, far }: WanDslBin): number {
  return (near.erroredSecs ?? 0) + (far.erroredSecs ?? 0);
}
