import {
  after,
  type Duration,
  type Instant,
  isDue,
  minutes,
  type WallTime,
} from "@passerelle/time";

/** The same code of the same source, and the same code of anybody, a minute. */
export const SAME_MAX = 10;
export const CODE_MAX = 60;
const WINDOW: Duration = minutes(1);
/** Windows at one time; beyond it only the code is counted. */
const WINDOWS_MAX = 512;

interface Window {
  readonly code: string;
  readonly source: string | undefined;
  readonly ends: Instant;
  readonly count: number;
  readonly dropped: number;
  /** Calendar time of the last one dropped, for the line that tells of it. */
  readonly lastAt: WallTime | undefined;
}

/** Who filled the log how much within the last minute. */
export type Flood = ReadonlyMap<string, Window>;

/** A window that ended with something dropped: one line tells of it. */
export interface Dropped {
  readonly code: string;
  readonly source: string | undefined;
  readonly count: number;
  readonly at: WallTime | undefined;
}

export function admit(
  flood: Flood,
  line: {
    readonly code: string;
    readonly source: string | undefined;
    readonly at: WallTime | undefined;
  },
  now: Instant,
): { readonly flood: Flood; readonly admitted: boolean } {
  const next = new Map(flood);
  const same = window(next, `${line.code} ${line.source ?? ""}`, line, now);
  const any = window(next, line.code, { ...line, source: undefined }, now);
  const full = same.count >= SAME_MAX ? same : any.count >= CODE_MAX ? any : undefined;
  if (full !== undefined) {
    const key = full === same ? `${line.code} ${line.source ?? ""}` : line.code;
    next.set(key, { ...full, dropped: full.dropped + 1, lastAt: line.at });
    return { flood: next, admitted: false };
  }
  if (next.size < WINDOWS_MAX || next.has(`${line.code} ${line.source ?? ""}`)) {
    next.set(`${line.code} ${line.source ?? ""}`, { ...same, count: same.count + 1 });
  }
  next.set(line.code, { ...any, count: any.count + 1 });
  return { flood: next, admitted: true };
}

/** Closes the windows that are over. */
export function settleFlood(
  flood: Flood,
  now: Instant,
): { readonly flood: Flood; readonly dropped: readonly Dropped[] } {
  const over = [...flood].filter(([, { ends }]) => isDue(ends, now));
  if (over.length === 0) return { flood, dropped: [] };
  const next = new Map(flood);
  const dropped = over.flatMap(([key, { code, source, dropped: count, lastAt }]) => {
    next.delete(key);
    return count > 0 ? [{ code, source, count, at: lastAt }] : [];
  });
  return { flood: next, dropped };
}

export function floodDeadline(flood: Flood): Instant | undefined {
  let first: Instant | undefined;
  for (const { ends } of flood.values()) if (first === undefined || ends < first) first = ends;
  return first;
}

function window(
  flood: Flood,
  key: string,
  line: {
    readonly code: string;
    readonly source: string | undefined;
    readonly at: WallTime | undefined;
  },
  now: Instant,
): Window {
  const known = flood.get(key);
  if (known !== undefined) return known;
  const { code, source, at } = line;
  return { code, source, ends: after(now, WINDOW), count: 0, dropped: 0, lastAt: at };
}
