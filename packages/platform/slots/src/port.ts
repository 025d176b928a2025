import type { Result } from "@passerelle/result";

/**
 * A board has two slots with a whole system each: one runs, the other is written. A bundle is a signed file with one
 * system. Nothing here waits for an installation: it is begun, and looked at.
 */
export interface Slots {
  status(): Promise<Result<SlotsStatus, SlotsError>>;
  /** Verifies the signature and reads what a bundle says of itself; writes nothing. */
  inspect(path: string): Promise<Result<Bundle, SlotsError>>;
  /** Begins to write a bundle to the slot that does not run; once written it boots next. */
  install(path: string): Promise<Result<void, SlotsError>>;
  /** How the installation that runs, or the last one of this service, goes. */
  progress(): Promise<Result<Progress, SlotsError>>;
  /** Keeps the slot that runs: the boot loader stops counting its tries. */
  markGood(): Promise<Result<void, SlotsError>>;
  /** Which slot boots next. */
  activate(which: "booted" | "other"): Promise<Result<void, SlotsError>>;
}

export interface SlotsStatus {
  /** Name of the slot that runs, as the boot loader has it: "A". */
  readonly booted: string;
  readonly slots: readonly Slot[];
}

export interface Slot {
  /** As the boot loader has it. */
  readonly name: string;
  readonly isBooted: boolean;
  /** The boot loader has tries left for it. */
  readonly isGood: boolean;
  /** Of the bundle that was written to it; absent: it came with the image, or is empty. */
  readonly version?: string;
  /** It was written to the end. Absent: as `version`. */
  readonly isWhole?: boolean;
}

/** What a bundle whose signature is right says of itself. */
export interface Bundle {
  /** Which board it is for. */
  readonly compatible: string;
  readonly version: string;
  /** What is new, in a sentence. */
  readonly description?: string;
  /** When it was built, as its maker wrote it. */
  readonly build?: string;
}

export type Progress =
  | { readonly kind: "installing"; readonly percent: number; readonly step: string }
  /** None runs. `error` is why the last one failed; absent where it did not, or where there was none. */
  | { readonly kind: "idle"; readonly percent: number; readonly error?: SlotsError };

export interface SlotsError {
  readonly code: SlotsErrorCode;
  /** What the engine said. */
  readonly text: string;
}

export const SLOTS_ERRORS = [
  /** This machine has no slots, or no engine for them. */
  "absent",
  /** The engine does something else. */
  "busy",
  /** We may not. */
  "denied",
  /** Not signed, or by somebody else, or changed since. */
  "wrong_signature",
  /** Cut, changed, or no bundle at all. */
  "damaged",
  "wrong_board",
  /** Not newer than what runs. */
  "older",
  /** It does not fit. */
  "no_room",
  /** Anything else. */
  "failed",
  /** The engine's answer can't be understood, or took too long. */
  "unreadable",
] as const;
export type SlotsErrorCode = (typeof SLOTS_ERRORS)[number];

export function slotsError(code: SlotsErrorCode, text: string): SlotsError {
  return { code, text };
}
