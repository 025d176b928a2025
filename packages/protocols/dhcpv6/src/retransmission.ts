import { nextUint32, type Rng } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import {
  after,
  type Duration,
  earliest,
  elapsed,
  type Instant,
  milliseconds,
  seconds,
} from "@passerelle/time";

/** How one kind of message is sent again until it is answered (RFC 9915 section 15). */
export interface RetransmissionParameters {
  /** First timeout. */
  readonly irt: Duration;
  /** Longest timeout; 0 is no limit. */
  readonly mrt: Duration;
  /** Transmissions after which the exchange has failed; 0 is no limit. */
  readonly mrc: number;
  /** Time after which it has failed, from the first transmission on; 0 is no limit. */
  readonly mrd: Duration;
  /** The first transmission waits for a random part of this, see `firstDelay`. */
  readonly maxDelay: Duration;
  /** RFC 9915 section 18.2.1: the first timeout of a Solicit is never shorter than IRT, answers are collected meanwhile. */
  readonly firstIsLonger: boolean;
}

/** One exchange under way: the message has been sent `sentCount` times. A value for a machine's state. */
export interface Exchange {
  readonly parameters: RetransmissionParameters;
  readonly firstSentAt: Instant;
  /** 1 or more. */
  readonly sentCount: number;
  /** The timeout that runs. */
  readonly rt: Duration;
  readonly sentAt: Instant;
}

export interface Drawn<T> {
  readonly value: T;
  readonly rng: Rng;
}

/** How long the first message of an interface waits, so that a street does not ask at once after a power cut. */
export function firstDelay({ maxDelay }: RetransmissionParameters, rng: Rng): Drawn<Duration> {
  const drawn = nextUint32(rng);
  return {
    value: milliseconds(Math.round((drawn.value / UINT32_MAX) * maxDelay)),
    rng: drawn.rng,
  };
}

/** The message is sent for the first time, now. */
export function beginExchange(
  parameters: RetransmissionParameters,
  now: Instant,
  rng: Rng,
): Drawn<Exchange> {
  const drawn = parameters.firstIsLonger
    ? longerThan(parameters.irt, rng)
    : spread(parameters.irt, parameters.irt, rng);
  return {
    value: { parameters, firstSentAt: now, sentCount: 1, rt: drawn.value, sentAt: now },
    rng: drawn.rng,
  };
}

/** When `onExchangeDue` is to be asked: at the end of RT, or of MRD where that comes first. */
export function exchangeDeadline(exchange: Exchange): Instant {
  const resendAt = after(exchange.sentAt, exchange.rt);
  return earliest(resendAt, failsAt(exchange)) ?? resendAt;
}

/**
 * What is to be done at the deadline: undefined as the value means that the exchange has failed, else the
 * message is sent again, now.
 */
export function onExchangeDue(
  exchange: Exchange,
  now: Instant,
  rng: Rng,
): Drawn<Exchange | undefined> {
  const { parameters, sentCount, rt } = exchange;
  invariant(now >= exchangeDeadline(exchange), "an exchange is due at its deadline");
  const failureAt = failsAt(exchange);
  const isOutOfTime = failureAt !== undefined && now >= failureAt;
  const isOutOfCount = parameters.mrc !== 0 && sentCount >= parameters.mrc;
  if (isOutOfTime || isOutOfCount) return { value: undefined, rng };
  const drawn = nextTimeout(rt, parameters.mrt, rng);
  return {
    value: { ...exchange, sentCount: sentCount + 1, rt: drawn.value, sentAt: now },
    rng: drawn.rng,
  };
}

/** For option ELAPSED_TIME: 0 in the first transmission (RFC 9915 section 21.9). */
export function elapsedIn(exchange: Exchange, now: Instant): Duration {
  return elapsed(exchange.firstSentAt, now);
}

/** States what is true of every exchange; for the `check` of a machine. */
export function checkExchange({ parameters, firstSentAt, sentAt, sentCount, rt }: Exchange): void {
  invariant(sentAt >= firstSentAt, "a later transmission is later");
  invariant(sentCount >= 1, "an exchange begins with a transmission");
  invariant(parameters.mrc === 0 || sentCount <= parameters.mrc, "MRC bounds the transmissions");
  invariant(rt >= parameters.irt * 0.9 - 1 || rt >= parameters.mrt * 0.9 - 1, "RT does not shrink");
  invariant(
    parameters.mrt === 0 || rt <= Math.max(parameters.mrt, parameters.irt) * 1.1 + 1,
    "MRT bounds the timeout",
  );
}

const ZERO = milliseconds(0);
const ONE_SECOND = seconds(1);
const plain = { mrt: ZERO, mrc: 0, mrd: ZERO, maxDelay: ZERO, firstIsLonger: false } as const;

/**
 * RFC 9915 sections 7.6 and 18.2. Those who want a server's SOL_MAX_RT or INF_MAX_RT, or an end by a lease
 * (Renew: until T2; Rebind: until the last lease is over), spread one of these and set `mrt` or `mrd`.
 */
export const RETRANSMISSION = {
  SOLICIT: {
    ...plain,
    irt: ONE_SECOND,
    mrt: seconds(3600),
    maxDelay: ONE_SECOND,
    firstIsLonger: true,
  },
  REQUEST: { ...plain, irt: ONE_SECOND, mrt: seconds(30), mrc: 10 },
  CONFIRM: { ...plain, irt: ONE_SECOND, mrt: seconds(4), mrd: seconds(10), maxDelay: ONE_SECOND },
  RENEW: { ...plain, irt: seconds(10), mrt: seconds(600) },
  REBIND: { ...plain, irt: seconds(10), mrt: seconds(600) },
  INFORMATION_REQUEST: { ...plain, irt: ONE_SECOND, mrt: seconds(3600), maxDelay: ONE_SECOND },
  RELEASE: { ...plain, irt: ONE_SECOND, mrc: 4 },
  DECLINE: { ...plain, irt: ONE_SECOND, mrc: 4 },
  /** A server's. */
  RECONFIGURE: { ...plain, irt: seconds(2), mrc: 8 },
} as const satisfies Readonly<Record<string, RetransmissionParameters>>;

/** RAND is between -0.1 and +0.1. */
const RAND_MAX = 0.1;
const UINT32_MAX = 0xffff_ffff;

/** RT = 2*RTprev + RAND*RTprev, and MRT + RAND*MRT where that is more than MRT. */
function nextTimeout(previous: Duration, mrt: Duration, rng: Rng): Drawn<Duration> {
  const drawn = spread(milliseconds(2 * previous), previous, rng);
  return mrt !== 0 && drawn.value > mrt ? spread(mrt, mrt, rng) : drawn;
}

/** `base` + RAND*`of`. */
function spread(base: Duration, of: Duration, rng: Rng): Drawn<Duration> {
  const drawn = nextUint32(rng);
  const rand = (2 * (drawn.value / UINT32_MAX) - 1) * RAND_MAX;
  return { value: milliseconds(Math.round(base + rand * of)), rng: drawn.rng };
}

/** `base` + RAND*`base` with a RAND above 0. */
function longerThan(base: Duration, rng: Rng): Drawn<Duration> {
  const drawn = nextUint32(rng);
  const rand = (drawn.value / UINT32_MAX) * RAND_MAX;
  return {
    value: milliseconds(Math.max(base + 1, Math.round(base + rand * base))),
    rng: drawn.rng,
  };
}

function failsAt({ parameters, firstSentAt }: Exchange): Instant | undefined {
  return parameters.mrd === 0 ? undefined : after(firstSentAt, parameters.mrd);
}
