import { after, type Duration, type Instant, milliseconds } from "@passerelle/time";

/** When a channel may speak again: twice a second at most, and more slowly where what it says is long. */
export interface Pace {
  readonly nextAt: Instant | undefined;
}

export const unhurried: Pace = { nextAt: undefined };

/** Time until it may speak; undefined: at once. */
export function waitOf(pace: Pace, now: Instant): Duration | undefined {
  if (pace.nextAt === undefined || now >= pace.nextAt) return undefined;
  return milliseconds(pace.nextAt - now);
}

/** It spoke: `length` characters to each who listens. */
export function spoke(now: Instant, length: number): Pace {
  const wait = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, length / CHARACTERS_PER_MS));
  return { nextAt: after(now, milliseconds(Math.ceil(wait))) };
}

const SHORTEST_MS = 500;
/** A page must stay alive also in a home of hundreds of devices. */
const LONGEST_MS = 3000;
/** 20 KB/s for each client, a telephone on a bad Wi-Fi among them. */
const CHARACTERS_PER_MS = 20;
