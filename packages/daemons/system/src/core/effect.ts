import type { Sentence } from "@passerelle/result";
import type { WallTime } from "@passerelle/time";
import type { Category, Severity } from "./lines.ts";
import type { Memory } from "./state.ts";

/** One line of the event log, before it has its number. */
export interface LogLine {
  /** Absent: when it is written. */
  readonly at?: WallTime;
  readonly category: Category;
  readonly severity: Severity;
  readonly code: string;
  readonly text: Sentence;
  readonly actor?: string;
  readonly source?: string;
}

export type Effect =
  /** Writes lines and what must be known after a restart, in one transaction. */
  | { readonly kind: "keep"; readonly lines: readonly LogLine[]; readonly memory?: Memory }
  /** Asks `config` who made the revisions after this one: answered by `revisions`. */
  | { readonly kind: "ask_revisions"; readonly after: number }
  /** Makes or gives back the megabyte that a full disk needs to be cleaned. */
  | { readonly kind: "ballast"; readonly wanted: boolean };
