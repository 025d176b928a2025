import type { ConfigAuthor, ConfigDifference, ConfigPlan } from "@passerelle/contract";
import type { Fault, Result } from "@passerelle/result";
import type { Duration, Instant } from "@passerelle/time";
import type { Document } from "./document.ts";
import type { Rollback, Snapshot } from "./state.ts";

export type ChangeEffect =
  /** Writes all of it in one durable transaction; `stored` or `store_failed` comes back with its name. */
  | { readonly kind: "store"; readonly write: Write }
  /** Says on the bus what is in force. */
  | { readonly kind: "publish"; readonly view: ChangeView }
  | { readonly kind: "answer"; readonly request: number; readonly reply: Result<Answer, Fault> };

export interface Answer {
  readonly revision: number;
  readonly plan?: ConfigPlan;
  readonly probation?: { readonly token: string; readonly seconds: number };
}

/** `configState` before the edge gives it calendar time. */
export interface ChangeView {
  readonly head: Snapshot;
  readonly probation?: {
    readonly remaining: Duration;
    readonly previous: number;
    readonly author: ConfigAuthor;
  };
  readonly lastRollback?: Rollback;
}

/** The edge adds the calendar time and the boot. */
export interface Write {
  /** What it is, e.g. "add 8", "confirm 8" or "undo 8": which write an answer is about. */
  readonly name: string;
  readonly add?: NewRevision;
  /** What became of revisions that were on probation. */
  readonly settle: readonly {
    readonly revision: number;
    readonly phase: "confirmed" | "rolled_back";
  }[];
  readonly head: HeadRecord;
  /** Forgets every revision but the one it adds. */
  readonly forget: boolean;
}

/** Which revision counts, kept in one row: what a restart starts from. */
export interface HeadRecord {
  readonly confirmed: number;
  readonly probation?: {
    readonly revision: number;
    readonly tokenHash: string;
    readonly deadline: Instant;
    readonly author: ConfigAuthor;
  };
  readonly lastRollback?: Rollback;
}

export interface NewRevision {
  readonly revision: number;
  readonly parent?: number;
  readonly author: ConfigAuthor;
  readonly note?: string;
  readonly phase: "probation" | "confirmed";
  /** Secrets are masked. */
  readonly differences: readonly ConfigDifference[];
  readonly document: Document;
}
