import { nextBelow, type Rng } from "@passerelle/machine";
import { ALL_NODES, type Ipv6 } from "@passerelle/net";
import {
  after,
  type Duration,
  earliest,
  elapsed,
  type Instant,
  isDue,
  milliseconds,
  seconds,
  shorter,
} from "@passerelle/time";
import { ANSWERS_MAX, INITIAL_COUNT, type Schedule } from "./state.ts";

export interface Scheduled {
  readonly schedule: Schedule;
  readonly rng: Rng;
}

/** News: everybody hears of it as soon as may be, and twice more soon after (RFC 4861 section 6.2.4). */
export function withNews(before: Schedule | undefined, now: Instant): Schedule {
  const lastAt = before?.lastAt;
  return {
    nextAt: soonest(lastAt, now),
    initialLeft: INITIAL_COUNT,
    answerAt: before?.answerAt,
    lastAt,
    answers: before?.answers ?? [],
    allowance: before?.allowance ?? ALLOWANCE_MAX,
    allowanceAt: before?.allowanceAt ?? now,
  };
}

/**
 * Somebody asks. A host that has an address is answered there, so that the others sleep on (RFC 7772); who
 * has none, and whoever asks when too many do, hears what everybody hears.
 */
export function withQuestion(
  { schedule, rng }: Scheduled,
  source: Ipv6 | undefined,
  now: Instant,
): Scheduled {
  const drawn = nextBelow(rng, RA_DELAY_MAX + 1);
  const delay = milliseconds(drawn.value);
  if (source !== undefined) {
    if (schedule.answers.some(({ to }) => to === source)) return { schedule, rng };
    const allowance = Math.min(ALLOWANCE_MAX, schedule.allowance + refill(schedule, now));
    if (allowance >= 1 && schedule.answers.length < ANSWERS_MAX) {
      const answers = [...schedule.answers, { to: source, at: after(now, delay) }];
      return {
        schedule: { ...schedule, answers, allowance: allowance - 1, allowanceAt: now },
        rng: drawn.rng,
      };
    }
  }
  const answerAt = schedule.answerAt ?? after(soonest(schedule.lastAt, now), delay);
  return { schedule: { ...schedule, answerAt }, rng: drawn.rng };
}

/** To whom something is due, each once: everybody, or single hosts. */
export function dueNow(schedule: Schedule, now: Instant): readonly Ipv6[] {
  const forAll = earliest(schedule.nextAt, schedule.answerAt);
  if (isDue(forAll, now)) return [ALL_NODES];
  return schedule.answers.filter(({ at }) => isDue(at, now)).map(({ to }) => to);
}

/** After what was due has been said. */
export function said(
  { schedule, rng }: Scheduled,
  to: readonly Ipv6[],
  maxInterval: Duration,
  now: Instant,
): Scheduled {
  if (!to.includes(ALL_NODES)) {
    const answers = schedule.answers.filter((answer) => !to.includes(answer.to));
    return { schedule: { ...schedule, answers }, rng };
  }
  const initialLeft = Math.max(0, schedule.initialLeft - 1);
  const drawn = interval(maxInterval, rng);
  const wait = initialLeft > 0 ? shorter(drawn.wait, INITIAL_INTERVAL_MAX) : drawn.wait;
  return {
    // Who waited for an answer of its own has it now.
    schedule: {
      ...schedule,
      nextAt: after(now, wait),
      initialLeft,
      answerAt: undefined,
      lastAt: now,
      answers: [],
    },
    rng: drawn.rng,
  };
}

export function nextDue(schedule: Schedule): Instant {
  const { nextAt, answerAt, answers } = schedule;
  return earliest(nextAt, answerAt, ...answers.map(({ at }) => at)) ?? nextAt;
}

/** RFC 4861 section 6.2.6: at least three seconds lie between two advertisements to everybody. */
export function soonest(lastAt: Instant | undefined, now: Instant): Instant {
  if (lastAt === undefined) return now;
  const allowed = after(lastAt, BETWEEN_MIN);
  return allowed > now ? allowed : now;
}

/** RFC 4861 section 6.2.1: evenly between a third of the longest interval and all of it. */
function interval(maxInterval: Duration, rng: Rng): { readonly wait: Duration; readonly rng: Rng } {
  const least = Math.max(BETWEEN_MIN, Math.floor(maxInterval * 0.33));
  const drawn = nextBelow(rng, maxInterval - least + 1);
  return { wait: milliseconds(least + drawn.value), rng: drawn.rng };
}

function refill({ allowanceAt }: Schedule, now: Instant): number {
  return (elapsed(allowanceAt, now) * ANSWERS_PER_SECOND) / 1000;
}

/** RFC 4861 section 10: MAX_RA_DELAY_TIME, MIN_DELAY_BETWEEN_RAS, MAX_INITIAL_RTR_ADVERT_INTERVAL. */
const RA_DELAY_MAX = 500;
const BETWEEN_MIN = seconds(3);
const INITIAL_INTERVAL_MAX = seconds(16);
const ANSWERS_PER_SECOND = 10;
const ALLOWANCE_MAX = 20;
