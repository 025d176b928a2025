import { COUNTER_NAMES, type CounterName, type ErrorCounters } from "../model/line.ts";

export interface CounterDelta {
  /** What each counter grew by; one that is seen for the first time grew by 0. */
  readonly grown: ErrorCounters;
  /** The counters started again from 0, so that what they show now was counted since. */
  readonly isRestart: boolean;
  /** Counters that ran over their end. */
  readonly wrapped: readonly CounterName[];
}

/**
 * What absolute counters grew by. One that fell ran over its end where it stood in the last quarter of its range and now
 * stands in the first one; else the modem restarted all of that end's, and each shows what came since.
 *
 * @param bits width of the modem's counters
 * @param isKnownRestart the modem itself said so
 */
export function counterDelta(
  before: ErrorCounters,
  now: ErrorCounters,
  bits: number,
  isKnownRestart: boolean,
): CounterDelta {
  const wrapped: CounterName[] = [];
  let isRestart = isKnownRestart;
  for (const name of COUNTER_NAMES) {
    const was = before[name];
    const is = now[name];
    if (was === undefined || is === undefined || is >= was) continue;
    if (isWrap(was, is, bits)) wrapped.push(name);
    else isRestart = true;
  }
  const grown: { [Name in CounterName]?: number } = {};
  for (const name of COUNTER_NAMES) {
    const is = now[name];
    if (is === undefined) continue;
    const was = before[name];
    if (was === undefined) grown[name] = 0;
    else if (isRestart) grown[name] = is;
    else grown[name] = is >= was ? is - was : is + 2 ** bits - was;
  }
  return { grown, isRestart, wrapped: isRestart ? [] : wrapped };
}

function isWrap(was: number, is: number, bits: number): boolean {
  const range = 2 ** bits;
  return was < range && was >= range * 0.75 && is < range * 0.25;
}

/** The share of `grown` that falls between two parts of the whole; the shares of all parts add up to it. */
export function shareOf(grown: ErrorCounters, from: number, to: number): ErrorCounters {
  const share: { [Name in CounterName]?: number } = {};
  for (const name of COUNTER_NAMES) {
    const value = grown[name];
    if (value !== undefined) share[name] = Math.floor(value * to) - Math.floor(value * from);
  }
  return share;
}

export function sumOf(first: ErrorCounters, second: ErrorCounters): ErrorCounters {
  const sum: { [Name in CounterName]?: number } = { ...first };
  for (const name of COUNTER_NAMES) {
    const value = second[name];
    if (value !== undefined) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum;
}
