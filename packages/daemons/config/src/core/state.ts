import type { ConfigAuthor } from "@passerelle/contract";
import { type Fault, invariant } from "@passerelle/result";
import type { Instant, WallTime } from "@passerelle/time";
import type { Document } from "./document.ts";
import type { Answer, Write } from "./effect.ts";
import { checkVigil, type Vigil } from "./vigil.ts";

/**
 * The life of a change:
 *
 *     starting ── loaded ──▶ confirmed ── apply ──▶ storing ──▶ confirmed | probation
 *     probation ── confirm ──▶ storing ──▶ confirmed
 *     probation ── timeout, roll-back, refusal, death, reboot ──▶ confirmed (the previous revision)
 */
export type ChangeState = Starting | Confirmed | Probation | Storing;

/** Nothing is known yet; whoever asks is told to try again. */
export interface Starting {
  readonly kind: "starting";
}

export interface Confirmed {
  readonly kind: "confirmed";
  readonly head: Snapshot;
  /** The highest revision number ever given; a number is never given twice. */
  readonly newest: number;
  readonly lastRollback?: Rollback;
  /** A roll-back that is in force but not yet on the disk: tried again until it is. */
  readonly owed?: { readonly write: Write; readonly retryAt: Instant; readonly request?: number };
}

export interface Probation {
  readonly kind: "probation";
  /** In force until `deadline`. */
  readonly head: Snapshot;
  /** Comes back if nobody confirms. */
  readonly previous: Snapshot;
  readonly newest: number;
  readonly author: ConfigAuthor;
  /** SHA-256 of the token, hexadecimal; the token itself is with the author only. */
  readonly tokenHash: string;
  readonly deadline: Instant;
  readonly wrong: WrongTokens;
  readonly vigil: Vigil;
  readonly lastRollback?: Rollback;
}

/** The change is decided and being written; it is in force and answered once it is on the disk. */
export interface Storing {
  readonly kind: "storing";
  readonly from: Confirmed | Probation;
  readonly to: Confirmed | Probation;
  /** Name of the write. */
  readonly write: string;
  readonly request: number;
  readonly answer: Answer;
}

export interface Snapshot {
  readonly revision: number;
  readonly document: Document;
  /** Section name → digest of its canonical JSON, of the sections that have a daemon here. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Tells two values apart on the bus without telling the values: keyed by something that only this box knows. */
export type Digest = (text: string) => string;

export interface Rollback {
  readonly from: number;
  readonly to: number;
  readonly at: Moment;
  readonly fault: Fault;
}

/** When something happened: of this boot, or read back from a file. The edge turns both into calendar time. */
export type Moment =
  | { readonly kind: "instant"; readonly at: Instant }
  | { readonly kind: "wall"; readonly at: WallTime };

export interface WrongTokens {
  readonly count: number;
  /** The count starts again after this. */
  readonly until: Instant;
}

export const WRONG_TOKENS_MAX = 5;

export function checkChange(state: ChangeState): void {
  switch (state.kind) {
    case "starting":
      return;
    case "confirmed":
      invariant(state.newest >= state.head.revision, "the newest number covers the head");
      return;
    case "probation":
      invariant(state.newest >= state.head.revision, "the newest number covers the head");
      invariant(
        state.head.revision > state.previous.revision,
        "a change comes after what it changes",
      );
      invariant(/^[0-9a-f]{64}$/.test(state.tokenHash), "a token has a hash");
      invariant(Number.isFinite(state.deadline), "a probation ends");
      invariant(state.wrong.count <= WRONG_TOKENS_MAX, "wrong tokens are limited");
      checkVigil(state.vigil);
      return;
    case "storing":
      invariant(state.to.newest >= state.from.newest, "numbers are never given twice");
      checkChange(state.from);
      checkChange(state.to);
  }
}
