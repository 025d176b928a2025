import { after, type Duration, type Instant, minutes, remaining, seconds } from "@passerelle/time";

/**
 * Wrong guesses of every kind: passwords, step-up, confirmation tokens, proofs of apps. They are counted by address
 * and in all, because who guesses may have many addresses. While a delay runs nothing is evaluated; nothing is ever
 * locked for good, because then anybody on the LAN could lock the owner out.
 */
export interface Attempts {
  readonly sources: ReadonlyMap<string, Failures>;
  readonly all: Failures;
  /**
   * Addresses that gave the right password lately, newest first. The count of all doesn't slow them: a device that
   * guesses without end would else keep the owner's own device out.
   */
  readonly known: readonly string[];
}

export interface Failures {
  readonly count: number;
  /** When the last one was; means nothing where the count is 0. */
  readonly lastAt: Instant;
}

export const DELAY_FIRST: Duration = seconds(1);
export const DELAY_LAST: Duration = seconds(60);
/** Quiet for so long, a count begins anew. */
export const FORGET_AFTER: Duration = minutes(15);
export const SOURCES_MAX = 256;
export const KNOWN_MAX = 8;
const COUNT_MAX = 1000;

export const NO_ATTEMPTS: Attempts = {
  sources: new Map(),
  all: { count: 0, lastAt: 0 as Instant },
  known: [],
};

/** How long this address has to wait; 0: its guess is evaluated now. */
export function waitOf(attempts: Attempts, source: string, now: Instant): Duration {
  const own = delayLeft(attempts.sources.get(source), now);
  const all = attempts.known.includes(source) ? 0 : delayLeft(attempts.all, now);
  return Math.max(own, all) as Duration;
}

/** After a wrong guess. */
export function failed(attempts: Attempts, source: string, now: Instant): Attempts {
  const sources = new Map(attempts.sources);
  const counted = oneMore(sources.get(source), now);
  // Deleted first, so that the map keeps the order of the last failures.
  sources.delete(source);
  sources.set(source, counted);
  for (const [other, { lastAt }] of sources) {
    const isOld = now - lastAt >= FORGET_AFTER;
    if (isOld || sources.size > SOURCES_MAX) sources.delete(other);
  }
  return { ...attempts, sources, all: oneMore(attempts.all, now) };
}

/** The right password was given: whoever did that has nothing left to guess. */
export function forgiven(attempts: Attempts, source: string): Attempts {
  const sources = new Map(attempts.sources);
  sources.delete(source);
  return {
    sources,
    all: { ...attempts.all, count: 0 },
    known: [source, ...attempts.known.filter((other) => other !== source)].slice(0, KNOWN_MAX),
  };
}

/** After a boot nobody knows how long the box was off: every delay starts again, at its full length. */
export function afterBoot(attempts: Attempts, now: Instant): Attempts {
  const again = ({ count }: Failures): Failures => ({ count, lastAt: now });
  return {
    sources: new Map([...attempts.sources].map(([source, failures]) => [source, again(failures)])),
    all: again(attempts.all),
    known: attempts.known,
  };
}

function oneMore(failures: Failures | undefined, now: Instant): Failures {
  const before =
    failures === undefined || now - failures.lastAt >= FORGET_AFTER ? 0 : failures.count;
  return { count: Math.min(before + 1, COUNT_MAX), lastAt: now };
}

function delayLeft(failures: Failures | undefined, now: Instant): Duration {
  if (failures === undefined || failures.count === 0) return 0 as Duration;
  if (now - failures.lastAt >= FORGET_AFTER) return 0 as Duration;
  return remaining(now, after(failures.lastAt, delayOf(failures.count)));
}

/** 1, 2, 4, … 60 seconds. */
function delayOf(count: number): Duration {
  return Math.min(DELAY_FIRST * 2 ** Math.min(count - 1, 16), DELAY_LAST) as Duration;
}
