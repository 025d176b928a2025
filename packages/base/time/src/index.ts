declare const instantBrand: unique symbol;
declare const durationBrand: unique symbol;
declare const wallTimeBrand: unique symbol;

/**
 * A point on the monotonic clock, in milliseconds since the machine booted (CLOCK_MONOTONIC, so two
 * processes of one boot agree and a change of the wall clock moves nothing).
 */
export type Instant = number & { readonly [instantBrand]: true };

/** A length of time in milliseconds. */
export type Duration = number & { readonly [durationBrand]: true };

/** A calendar time for people and files: milliseconds since 1970-01-01 UTC. Never used to time anything. */
export type WallTime = number & { readonly [wallTimeBrand]: true };

export function instant(msSinceBoot: number): Instant {
  return msSinceBoot as Instant;
}

export function wallTime(msSince1970: number): WallTime {
  return msSince1970 as WallTime;
}

export function milliseconds(n: number): Duration {
  return n as Duration;
}

export function seconds(n: number): Duration {
  return (n * 1000) as Duration;
}

export function minutes(n: number): Duration {
  return (n * 60_000) as Duration;
}

export function hours(n: number): Duration {
  return (n * 3_600_000) as Duration;
}

/** Whole seconds, rounded down: what goes into a 32-bit lease time on the wire. */
export function toWholeSeconds(duration: Duration): number {
  return Math.floor(duration / 1000);
}

export function after(start: Instant, wait: Duration): Instant {
  return (start + wait) as Instant;
}

/** Time from `start` to `end`; throws when they are in the wrong order, because clocks given to us never run back. */
export function elapsed(start: Instant, end: Instant): Duration {
  if (!(end >= start)) throw new Error(`invariant: time runs forward (${start} -> ${end})`);
  return (end - start) as Duration;
}

/** Time left until `deadline`, never negative. */
export function remaining(now: Instant, deadline: Instant): Duration {
  return Math.max(0, deadline - now) as Duration;
}

export function isDue(deadline: Instant | undefined, now: Instant): boolean {
  return deadline !== undefined && now >= deadline;
}

/** The earliest of some deadlines; undefined where none is set. */
export function earliest(...deadlines: readonly (Instant | undefined)[]): Instant | undefined {
  let first: Instant | undefined;
  for (const deadline of deadlines) {
    if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline;
  }
  return first;
}

export function shorter(a: Duration, b: Duration): Duration {
  return a < b ? a : b;
}

export function longer(a: Duration, b: Duration): Duration {
  return a > b ? a : b;
}
