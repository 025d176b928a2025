import type { WallTime } from "@passerelle/time";
import type { ErrorCounters } from "../model/line.ts";
import { shareOf, sumOf } from "./delta.ts";
import { type Bin, type Span, startOf } from "./state.ts";

/** What was counted between two looks, or the part of it that falls into one bin. */
export interface Part {
  readonly from: WallTime;
  readonly to: WallTime;
  /** The looks are so near that we know how the line was in between. */
  readonly isWatched: boolean;
  readonly isUp: boolean;
  /** 1 where the line came up. */
  readonly retrains: number;
  readonly near: ErrorCounters;
  readonly far: ErrorCounters;
}

export interface BinPart extends Part {
  /** Nobody can say how much of the growth is really of this bin. */
  readonly isEstimated: boolean;
}

/** Cuts at the borders of the bins and shares the counts out by length: nothing is lost, nothing counted twice. */
export function partsOf(span: Span, whole: Part): readonly BinPart[] {
  const length = whole.to - whole.from;
  const parts: Part[] = [];
  let from = whole.from;
  let before = 0;
  while (before < 1) {
    const border = (startOf(span, from) + span.length) as WallTime;
    const isLast = border >= whole.to;
    const to = isLast ? whole.to : border;
    const after = isLast ? 1 : (to - whole.from) / length;
    parts.push({
      ...whole,
      from,
      to,
      retrains: isLast ? whole.retrains : 0,
      near: shareOf(whole.near, before, after),
      far: shareOf(whole.far, before, after),
    });
    from = to;
    before = after;
  }
  const isShared = parts.length > 1 && !whole.isWatched && hasGrown(whole);
  return parts.map((part) => ({ ...part, isEstimated: isShared }));
}

function hasGrown({ near, far }: Part): boolean {
  return [...Object.values(near), ...Object.values(far)].some((count) => count > 0);
}

/** Adds a part that is not older than the last bin; opens a bin where it is of a later one, and lets the oldest go. */
export function addPart(span: Span, bins: readonly Bin[], part: BinPart): readonly Bin[] {
  const start = startOf(span, part.from);
  const open = bins.at(-1);
  const secondsMax = span.length / 1000;
  if (open === undefined || open.start < start) {
    const fresh = withPart(emptyBin(start), part, secondsMax);
    return [...bins, fresh].slice(-(span.keep + 1));
  }
  return [...bins.slice(0, -1), withPart(open, part, secondsMax)];
}

function emptyBin(start: WallTime): Bin {
  return { start, seconds: 0, upSeconds: 0, retrains: 0, isEstimated: false, near: {}, far: {} };
}

function withPart(bin: Bin, part: BinPart, secondsMax: number): Bin {
  const seconds = part.isWatched ? (part.to - part.from) / 1000 : 0;
  // A calendar that was set back lets us watch the same seconds twice.
  const watched = Math.min(secondsMax, bin.seconds + seconds);
  return {
    start: bin.start,
    seconds: watched,
    upSeconds: Math.min(watched, bin.upSeconds + (part.isUp ? seconds : 0)),
    retrains: bin.retrains + part.retrains,
    isEstimated: bin.isEstimated || part.isEstimated,
    near: sumOf(bin.near, part.near),
    far: sumOf(bin.far, part.far),
  };
}
