import type { Ipv4 } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { Duration, Instant } from "@passerelle/time";

/** Whether the Internet answers, asked in rounds: every resolver a name, and a configured probe. */
export type ReachState =
  /** No address, or one that is not worth asking from. */
  | { readonly kind: "down"; readonly roundId: number }
  | {
      readonly kind: "watching";
      readonly path: Path;
      readonly verdict: Verdict;
      /** Rounds in a row that disagree with the verdict. */
      readonly against: number;
      /** Counts up; an answer of an older round is late and means nothing. */
      readonly roundId: number;
      readonly round?: Round;
      /** When the next round begins; while one runs, when it is over. */
      readonly nextAt: Instant;
      /** Time between rounds while not online. */
      readonly wait: Duration;
    };

export type Verdict =
  | { readonly kind: "unknown" }
  | { readonly kind: "online"; readonly rttMs?: number }
  | { readonly kind: "limited"; readonly cause: ReachCause }
  | { readonly kind: "offline"; readonly cause: ReachCause };

export type ReachCause = "no_resolver" | "no_internet";

/** What the rounds go over; another path begins anew. */
export interface Path {
  readonly address: Ipv4;
  readonly resolvers: readonly Ipv4[];
}

export interface Round {
  /** One for each resolver of the path. */
  readonly resolvers: readonly Outcome[];
  readonly probe: Outcome | "absent";
  readonly rttMs?: number;
}

export type Outcome = "waiting" | "good" | "bad";

export function checkReach(state: ReachState): void {
  invariant(state.roundId >= 0, "rounds are counted up");
  if (state.kind === "down") return;
  invariant(state.against >= 0, "disagreement is counted up");
  invariant(state.wait > 0, "rounds are apart");
  if (state.round !== undefined) {
    invariant(
      state.round.resolvers.length === state.path.resolvers.length,
      "every resolver is asked",
    );
  }
}
