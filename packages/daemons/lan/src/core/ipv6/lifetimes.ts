import { type Instant, remaining, toWholeSeconds } from "@passerelle/time";

/** How long a prefix is good, as the line says. Absent ends are never. */
export interface Lifetimes {
  /** Until then it is good for what is new. */
  readonly preferredUntil?: Instant;
  /** Until then it works at all. */
  readonly validUntil?: Instant;
}

/** RFC 9096 section 3.4 (L-16): what hosts are told at most, so that what is stale goes soon. */
export const PREFERRED_MAX_SECONDS = 2700;
export const VALID_MAX_SECONDS = 5400;

/** What is told of lifetimes now, in seconds: never more than what is left on the line (RFC 9096, L-15). */
export interface ToldLifetimes {
  readonly preferredLifetime: number;
  readonly validLifetime: number;
}

export function toldLifetimes(lifetimes: Lifetimes, now: Instant): ToldLifetimes {
  const validLifetime = secondsLeft(lifetimes.validUntil, now, VALID_MAX_SECONDS);
  const preferred = secondsLeft(lifetimes.preferredUntil, now, PREFERRED_MAX_SECONDS);
  return { preferredLifetime: Math.min(preferred, validLifetime), validLifetime };
}

/** Whole seconds until then, rounded down, `most` at most. */
export function secondsLeft(until: Instant | undefined, now: Instant, most: number): number {
  return until === undefined ? most : Math.min(most, toWholeSeconds(remaining(now, until)));
}

export function isValid({ validUntil }: Lifetimes, now: Instant): boolean {
  return validUntil === undefined || validUntil > now;
}

/** Valid, and good for what is new. */
export function isPreferred(lifetimes: Lifetimes, now: Instant): boolean {
  const { preferredUntil } = lifetimes;
  return isValid(lifetimes, now) && (preferredUntil === undefined || preferredUntil > now);
}
