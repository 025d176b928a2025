import type { Instant } from "@passerelle/time";

export * from "./rng.ts";

/**
 * Every protocol and every daemon decides in a machine: pure, deterministic, without clock, timer or
 * randomness of its own. The driver in `runtime` is the only thing that runs one.
 */
export interface Machine<State, Input, Effect> {
  readonly initial: State;
  /** Inputs arrive in non-decreasing time. Never throws for anything a peer can send. */
  readonly step: (state: State, input: Input, now: Instant) => Step<State, Effect>;
  /** When the machine next wants a `{ kind: "timeout" }` input; undefined when it waits for events only. */
  readonly deadline: (state: State) => Instant | undefined;
  /** Throws where the state breaks an invariant, stated as what must be true. Runs after every step. */
  readonly check: (state: State) => void;
}

export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** Every input union of a driven machine has this member. */
export interface Timeout {
  readonly kind: "timeout";
}

/** "This input means nothing in this state": the state stays, nothing is asked for. */
export function ignored<State>(state: State): Step<State, never> {
  return { state, effects: [] };
}
