import type { Bundle, Progress, SlotsError, SlotsStatus } from "@passerelle/slots/port";
import type { WallTime } from "@passerelle/time";
import type { Lack, Outcome, UpgradeMemory } from "./state.ts";

/** What happens to the systems of the board. */
export type UpgradeInput =
  | { readonly kind: "timeout" }
  | { readonly kind: "start" }
  | { readonly kind: "slots"; readonly status: SlotsStatus; readonly at: WallTime }
  | { readonly kind: "slots_failed"; readonly error: SlotsError }
  | { readonly kind: "inspect"; readonly file: string; readonly author: string }
  | { readonly kind: "inspected"; readonly bundle: Bundle }
  | { readonly kind: "inspect_failed"; readonly error: SlotsError }
  | { readonly kind: "install"; readonly restart: boolean; readonly author: string }
  | { readonly kind: "begun" }
  | { readonly kind: "begin_failed"; readonly error: SlotsError }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "progress_failed"; readonly error: SlotsError }
  | { readonly kind: "rollback"; readonly author: string }
  | { readonly kind: "activated" }
  | { readonly kind: "activate_failed"; readonly error: SlotsError }
  | { readonly kind: "forget" }
  | {
      readonly kind: "health";
      readonly missing: readonly Lack[];
      /** Which processes live: another word where one of them began anew. */
      readonly lives: string;
    }
  | { readonly kind: "marked"; readonly at: WallTime }
  | { readonly kind: "mark_failed"; readonly error: SlotsError }
  /** Somebody restarts the box, whatever for. */
  | { readonly kind: "restarting" };

export const UPGRADE_INPUT_KINDS = [
  "timeout",
  "start",
  "slots",
  "slots_failed",
  "inspect",
  "inspected",
  "inspect_failed",
  "install",
  "begun",
  "begin_failed",
  "progress",
  "progress_failed",
  "rollback",
  "activated",
  "activate_failed",
  "forget",
  "health",
  "marked",
  "mark_failed",
  "restarting",
] as const satisfies readonly UpgradeInput["kind"][];

export type UpgradeEffect =
  /** Answered by `slots` or `slots_failed`. */
  | { readonly kind: "look_slots" }
  | { readonly kind: "inspect"; readonly file: string }
  | { readonly kind: "begin"; readonly file: string }
  | { readonly kind: "look_progress" }
  | { readonly kind: "activate_other" }
  | { readonly kind: "check_health" }
  /** Keeps what runs; `first` also makes it the one that starts first. Answered by `marked` or `mark_failed`. */
  | { readonly kind: "mark_good"; readonly first: boolean }
  /** Durable before the next effect. */
  | { readonly kind: "remember"; readonly memory: UpgradeMemory }
  | { readonly kind: "reboot"; readonly cause: "upgrade" | "fallback"; readonly actor?: string }
  /** For the event log and whoever should know. */
  | { readonly kind: "tell"; readonly news: News };

export type News =
  | { readonly kind: "refused" | "failed"; readonly fault: string; readonly version?: string }
  | { readonly kind: "installed"; readonly version: string; readonly author: string }
  | { readonly kind: "trial_failed"; readonly version: string; readonly missing: readonly Lack[] }
  | { readonly kind: "ended"; readonly outcome: Outcome };
