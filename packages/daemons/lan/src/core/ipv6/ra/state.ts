import type { Rng } from "@passerelle/machine";
import { type Ipv6, isMulticast6 } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import { type Announced, type Former, keyOf } from "./announced.ts";
import type { Home, RaConfig } from "./config.ts";
import type { StoredAnnouncements } from "./input.ts";

export type RaState =
  | { readonly kind: "idle" }
  /** Started; what there is to tell is not known yet, and nothing told so far is called stale before it is. */
  | Waiting
  | Announcing
  /** A last word is due. */
  | Leaving
  | { readonly kind: "stopped" };

export interface Waiting {
  readonly kind: "waiting";
  readonly config: RaConfig;
  readonly bootId: string;
  readonly rng: Rng;
  readonly stored: StoredAnnouncements | undefined;
}

export interface Announcing {
  readonly kind: "announcing";
  readonly config: RaConfig;
  readonly bootId: string;
  readonly rng: Rng;
  readonly home: Home;
  /** What hosts have of us that is of today. */
  readonly told: readonly Announced[];
  /** What they have of before. Nothing is in both. */
  readonly former: readonly Former[];
  /** Everything told but the lifetimes that run: where it changes, hosts hear of it at once. */
  readonly tenor: string;
  /** When something told ends by itself. */
  readonly changeAt: Instant | undefined;
  readonly schedule: Schedule;
}

export interface Leaving {
  readonly kind: "leaving";
  readonly config: RaConfig;
  readonly home: Home;
  readonly former: readonly Former[];
  readonly at: Instant;
}

/** When what is said next to whom. */
export interface Schedule {
  /** To everybody, whether or not somebody asks. */
  readonly nextAt: Instant;
  /** Of the first few advertisements after news, those that are left; they come quicker. */
  readonly initialLeft: number;
  /** To everybody, because somebody asked. */
  readonly answerAt: Instant | undefined;
  readonly lastAt: Instant | undefined;
  readonly answers: readonly Answer[];
  /** Answers to single hosts that are still allowed at `allowanceAt` (a token bucket). */
  readonly allowance: number;
  readonly allowanceAt: Instant;
}

/** To one host that asked. */
interface Answer {
  readonly to: Ipv6;
  readonly at: Instant;
}

/** An advertisement has room for no more; the oldest give way. */
export const FORMER_MAX = 16;
export const ANSWERS_MAX = 32;
export const INITIAL_COUNT = 3;

export function checkRa(state: RaState): void {
  if (state.kind !== "announcing") return;
  const { told, former, schedule } = state;
  invariant(former.length <= FORMER_MAX, "what is of before is limited");
  const today = new Set(told.map(keyOf));
  invariant(
    former.every(({ what }) => !today.has(keyOf(what))),
    "what is told of today is not told the end of",
  );
  invariant(schedule.nextAt >= 0, "an advertisement is due some time");
  invariant(schedule.answers.length <= ANSWERS_MAX, "answers are limited");
  invariant(schedule.allowance >= 0, "an allowance is not negative");
  invariant(
    schedule.answers.every(({ to }) => !isMulticast6(to)),
    "a single host is answered at its address",
  );
}
