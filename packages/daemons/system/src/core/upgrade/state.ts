import { type Fault, invariant } from "@passerelle/result";
import type { Bundle, SlotsStatus } from "@passerelle/slots/port";
import { earliest, type Instant, instant, minutes, seconds, type WallTime } from "@passerelle/time";

/** What the board runs, and what becomes of a bundle. */
export interface UpgradeState {
  readonly phase: Phase;
  readonly release: Release;
  /** As they were last seen; undefined: not yet, or none. */
  readonly slots: SlotsStatus | undefined;
  readonly proof: Proof;
  readonly memory: UpgradeMemory;
  /** The boot that this is. */
  readonly bootId: string;
}

export type Phase =
  /** The slots are being looked at, tried again then. */
  | { readonly kind: "starting"; readonly tryAt: Instant | undefined; readonly tries: number }
  /** No engine that answers; one that is there, and only says nothing, is asked again then. */
  | { readonly kind: "unsupported"; readonly tryAt: Instant | undefined }
  | { readonly kind: "idle" }
  | { readonly kind: "inspecting"; readonly file: string; readonly author: string }
  | { readonly kind: "refused"; readonly fault: Fault; readonly bundle?: Bundle }
  | { readonly kind: "ready"; readonly file: string; readonly bundle: Bundle }
  | Installing
  | { readonly kind: "failed"; readonly fault: Fault; readonly bundle: Bundle }
  /** Written: it starts with the next start of the box. */
  | { readonly kind: "installed" }
  | { readonly kind: "restarting" }
  /** Runs for the first time. */
  | { readonly kind: "trial" };

export interface Installing {
  readonly kind: "installing";
  readonly bundle: Bundle;
  readonly author: string;
  readonly restart: boolean;
  readonly percent: number;
  /** The engine said that it began: until then an idle engine says nothing about ours. */
  readonly begun: boolean;
  readonly lookAt: Instant;
  /** Looks that failed in a row. */
  readonly blind: number;
}

/** Whether what runs deserves to be kept. */
export type Proof =
  | {
      readonly kind: "watching";
      readonly checkAt: Instant;
      readonly missing: readonly Lack[];
      /** Nothing was missing since then, and nobody began anew. */
      readonly good: { readonly since: Instant; readonly lives: string } | undefined;
    }
  /** The boot loader is being told. */
  | { readonly kind: "marking"; readonly tryAt: Instant | undefined }
  | { readonly kind: "proven" };

export type Lack = "lan" | "page" | "daemons" | "configuration";

/** What the image says of itself. */
export interface Release {
  readonly version: string;
  readonly board?: string;
  readonly builtAt?: string;
}

/** What must be known after a restart; plain JSON. */
export interface UpgradeMemory {
  /** The other slot was chosen to start next. */
  readonly pending: Pending | undefined;
  /** The slot that proved itself last, and its version. */
  readonly home: { readonly slot: string; readonly version: string } | undefined;
  readonly last: Outcome | undefined;
}

export interface Pending {
  readonly why: "upgrade" | "rollback";
  readonly slot: string;
  readonly version: string;
  readonly from: string;
  readonly author: string;
  /** The boot in which it was chosen: in another one it should run. */
  readonly bootId: string;
  /** It was written to the end, as far as we know. */
  readonly whole: boolean;
  /** What it lacked when its trial ended without a proof. */
  readonly missing?: readonly Lack[];
}

export interface Outcome {
  readonly kind: "kept" | "fell_back" | "went_back";
  readonly version: string;
  readonly from: string;
  readonly at: WallTime;
  readonly missing?: readonly Lack[];
}

export const NOTHING_REMEMBERED: UpgradeMemory = {
  pending: undefined,
  home: undefined,
  last: undefined,
};

export const CHECK_EVERY = seconds(2);
export const GOOD_FOR = seconds(20);
/** Since the box started. The board's own timer (no Node in it) is later than this. */
export const TRIAL_UNTIL = instant(minutes(4));
export const LOOK_EVERY = seconds(1);
export const RETRY_AFTER = seconds(5);
/** After so many tries people hear that there is none, and it is asked more rarely. */
export const TRIES_MAX = 6;
export const RETRY_LATE = minutes(1);
/** The engine may be busy with the disk; away for this many looks it has died. */
export const BLIND_MAX = 20;

export function initial(release: Release, memory: UpgradeMemory, bootId: string): UpgradeState {
  return {
    phase: { kind: "starting", tryAt: undefined, tries: 0 },
    release,
    slots: undefined,
    proof: { kind: "watching", checkAt: instant(0), missing: [], good: undefined },
    memory,
    bootId,
  };
}

export function deadline(state: UpgradeState): Instant | undefined {
  const { phase, proof } = state;
  return earliest(
    phase.kind === "starting" || phase.kind === "unsupported" ? phase.tryAt : undefined,
    phase.kind === "installing" ? phase.lookAt : undefined,
    phase.kind === "trial" && proof.kind !== "proven" ? TRIAL_UNTIL : undefined,
    isWatched(state) && proof.kind === "watching" ? proof.checkAt : undefined,
    isWatched(state) && proof.kind === "marking" ? proof.tryAt : undefined,
  );
}

/** A machine without slots has nothing to prove, and one that ends soon no more. */
export function isWatched({ phase: { kind } }: UpgradeState): boolean {
  return kind !== "starting" && kind !== "unsupported" && kind !== "restarting";
}

export function check(state: UpgradeState): void {
  const { phase, slots, memory, proof } = state;
  if (phase.kind === "starting" || phase.kind === "unsupported") return;
  invariant(slots !== undefined, "who changes slots has seen them");
  if (phase.kind === "installed") {
    invariant(memory.pending?.whole === true, "what was installed is remembered");
  }
  if (phase.kind === "trial") {
    invariant(memory.pending?.slot === slots.booted, "on trial is what was chosen");
    invariant(proof.kind !== "proven", "what proved itself is not on trial");
  }
  if (phase.kind === "installing") {
    invariant(phase.percent >= 0 && phase.percent <= 100, "progress is a share");
    invariant(phase.blind <= BLIND_MAX, "an engine that died is not waited for");
  }
}
