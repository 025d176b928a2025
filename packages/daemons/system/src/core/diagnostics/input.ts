import type { Diagnosis, SystemJob } from "@passerelle/contract";
import type { Fault } from "@passerelle/result";
import type { WallTime } from "@passerelle/time";

export type JobLine = SystemJob["lines"][number];
export type JobStep = SystemJob["steps"][number];

/** What happens to diagnoses. Whatever names a job that does not run (any more) means nothing. */
export type JobsInput =
  | { readonly kind: "timeout" }
  | {
      readonly kind: "start";
      readonly id: string;
      readonly request: Diagnosis;
      readonly at: WallTime;
    }
  | { readonly kind: "cancel"; readonly id: string }
  | { readonly kind: "line"; readonly id: string; readonly line: JobLine }
  | { readonly kind: "step"; readonly id: string; readonly step: JobStep }
  | { readonly kind: "progress"; readonly id: string; readonly progress: number }
  /** Octets of the capture's file; also once more after a cancelled capture was closed. */
  | { readonly kind: "file"; readonly id: string; readonly bytes: number }
  | { readonly kind: "done"; readonly id: string }
  | { readonly kind: "failed"; readonly id: string; readonly fault: Fault };

export const JOBS_INPUT_KINDS = [
  "timeout",
  "start",
  "cancel",
  "line",
  "step",
  "progress",
  "file",
  "done",
  "failed",
] as const satisfies readonly JobsInput["kind"][];

export type JobsEffect =
  | { readonly kind: "begin"; readonly id: string; readonly request: Diagnosis }
  /** Ends what the job does; what it says afterwards is not heard. */
  | { readonly kind: "end"; readonly id: string }
  | { readonly kind: "delete_file"; readonly id: string };
