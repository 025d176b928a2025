import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import type { BinsState, LineSnapshot, LineState } from "@passerelle/xdsl";
import type { ModemObstacle } from "./way.ts";

/** The modem of a DSL line, as we look at it. */
export interface DslState {
  readonly phase: DslPhase;
  /** Questions in a row that were not answered. */
  readonly failures: number;
  /** Why the last one was not; it stays until one is answered. */
  readonly failure?: DslFailure;
  /** What was last seen of the line, and since when it is in that state. */
  readonly seen?: { readonly snapshot: LineSnapshot; readonly since: Instant };
  /** Trainings that ended in a line that is up, since we watch. */
  readonly retrains: number;
  readonly bins: BinsState;
  /** What was last reported. */
  readonly mark: { readonly word: DslWord; readonly since: Instant };
}

export type DslPhase =
  | { readonly kind: "resting"; readonly until: Instant }
  /** A question is under way; whoever does not answer by `until` never will. */
  | { readonly kind: "asking"; readonly until: Instant };

/** Why a modem did not answer. Its text is a stranger's. */
export interface DslFailure {
  readonly reason: DslFailureReason;
  readonly text: string;
}

export type DslFailureReason =
  | "unreachable"
  | "login_refused"
  | "not_understood"
  | "unsupported"
  | ModemObstacle;

/** The modem in one word: what the wires do, or that we do not know. */
export type DslWord = LineState | "asking" | "unreachable";

/** @param bins of an earlier life */
export function initialDsl(now: Instant, bins: BinsState = { kind: "empty" }): DslState {
  return {
    phase: { kind: "resting", until: now },
    failures: 0,
    retrains: 0,
    bins,
    mark: { word: "asking", since: now },
  };
}

/** A line that was seen is believed through one or two questions that were lost. */
const FAILURES_BELIEVED = 2;

export function wordOf({ seen, failures }: Pick<DslState, "seen" | "failures">): DslWord {
  const believed = seen === undefined ? 0 : FAILURES_BELIEVED;
  if (failures > believed) return "unreachable";
  return seen?.snapshot.state ?? "asking";
}

export function checkDsl(state: DslState): void {
  invariant(
    state.failures > 0 === (state.failure !== undefined),
    "a failure has a reason, and an answer takes it away",
  );
  invariant(state.mark.word === wordOf(state), "every change was reported");
}
