import type { Fault } from "@passerelle/result";
import { invariant } from "@passerelle/result";
import { type Duration, type Instant, milliseconds, seconds } from "@passerelle/time";
import type { RulesetModel } from "./model.ts";
import type { Ruleset } from "./ruleset.ts";
import type { Wanted } from "./wanted.ts";

export type State =
  | Starting
  /** A transaction is on its way; what is learned meanwhile goes into the next one. */
  | {
      readonly kind: "applying";
      readonly wanted: Wanted;
      readonly goal: Goal;
      readonly attempt: number;
      readonly confirmed?: Confirmed;
    }
  /** The kernel has, and was seen to have, the rules of `confirmed`. */
  | {
      readonly kind: "protecting";
      readonly wanted: Wanted;
      readonly confirmed: Confirmed;
      readonly verifyAt: Instant;
      readonly calmUntil: Instant;
    }
  /** The kernel refused; whatever it had before is still in force. */
  | {
      readonly kind: "failed";
      readonly wanted: Wanted;
      readonly fault: Fault;
      readonly goal: Goal;
      readonly attempt: number;
      readonly retryAt: Instant;
      readonly calmUntil: Instant;
      readonly confirmed?: Confirmed;
    };

/** Before our first transaction. `adopted`: rules of an earlier process of ours are in force and stay. */
export interface Starting {
  readonly kind: "starting";
  readonly wanted: Wanted;
  readonly adopted: boolean;
  readonly look?: { readonly at: Instant; readonly calmUntil: Instant };
}

export interface Goal {
  readonly model: RulesetModel;
  readonly ruleset: Ruleset;
}

export interface Confirmed extends Goal {
  /** SHA-256 of the body, hexadecimal. */
  readonly digest: string;
}

/** How often the kernel is compared with what it should hold, whatever it says. */
export const VERIFY_EVERY: Duration = seconds(30);
/** After another program's transaction: one that comes in several is over by then. */
export const LOOK_SOON: Duration = milliseconds(50);
/** Between two looks or repairs: `calmUntil`. A program that flushes in a loop can't keep us busy. */
export const CALM: Duration = milliseconds(500);
export const RETRY_FIRST: Duration = seconds(2);
export const RETRY_LAST: Duration = seconds(60);

export function deadline(state: State): Instant | undefined {
  switch (state.kind) {
    case "starting":
      return state.look?.at;
    case "applying":
      return undefined;
    case "protecting":
      return state.verifyAt;
    case "failed":
      return state.retryAt;
  }
}

export function check(state: State): void {
  if (state.kind === "starting") {
    invariant(state.adopted === (state.look !== undefined), "adopted rules are looked after");
  }
  if (state.kind === "applying") invariant(state.attempt >= 1, "attempts are counted from one");
  if (state.kind === "failed") {
    invariant(state.attempt >= 1, "a failure follows an attempt");
    invariant(state.fault.code.length > 0, "a fault has a code");
  }
  if (state.kind === "protecting" || state.kind === "applying") {
    const digest = state.confirmed?.digest;
    invariant(digest === undefined || digest.length === 64, "a digest is a SHA-256");
  }
}
