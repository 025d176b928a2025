import type { Diagnosis, SystemJob } from "@passerelle/contract";
import { invariant, unreachable } from "@passerelle/result";
import { type Duration, type Instant, seconds } from "@passerelle/time";

/** The diagnoses that run and the last ones that ended. What they do is the edge's; how many, how long and how much is decided here. */
export interface JobsState {
  /** Oldest first. */
  readonly running: readonly RunningJob[];
  /** The one that ended last first. */
  readonly ended: readonly EndedJob[];
}

export interface RunningJob {
  readonly view: SystemJob;
  /** When it is ended by force: nothing of a peer can keep a job running. */
  readonly deadline: Instant;
  /** Characters of lines it may still say. */
  readonly textLeft: number;
}

export interface EndedJob {
  readonly view: SystemJob;
  /** Its capture is deleted then; absent: it has none. */
  readonly fileUntil?: Instant;
}

export const RUNNING_MAX = 4;
export const ENDED_MAX = 20;
export const FILES_MAX = 2;
export const FILE_KEPT = seconds(3600);
export const LINES_MAX = 120;
export const STEPS_MAX = 40;
export const TEXT_MAX = 512;
/** 24 jobs of this size stay below what one message of the bus may carry. */
export const JOB_TEXT_MAX = 8192;

/** What a person sees: those that run, then those that ended, the newest first. */
export function viewsOf(state: JobsState): readonly SystemJob[] {
  return [...state.running.toReversed(), ...state.ended].map((job) => job.view);
}

/** The longest a diagnosis may take, everything included. */
export function limitOf(request: Diagnosis): Duration {
  switch (request.kind) {
    case "ping":
      return seconds(request.count + 20);
    case "trace":
      return seconds(90);
    case "dns_lookup":
      return seconds(20);
    case "capture":
      return seconds(request.seconds + 15);
    case "wake":
      return seconds(10);
    case "no_internet":
    case "slow":
      return seconds(60);
    default:
      return unreachable(request);
  }
}

/** Captures whose file is there or is being written. */
export function filesOf(state: JobsState): number {
  return (
    state.running.filter((job) => job.view.request.kind === "capture").length +
    state.ended.filter((job) => job.fileUntil !== undefined).length
  );
}

export function checkJobs(state: JobsState): void {
  invariant(state.running.length <= RUNNING_MAX, "few diagnoses run at once");
  invariant(state.ended.length <= ENDED_MAX, "few ended diagnoses are kept");
  invariant(filesOf(state) <= FILES_MAX, "few captures take room");
  const ids = new Set<string>();
  for (const { view } of [...state.running, ...state.ended]) {
    invariant(!ids.has(view.id), "every diagnosis has its own id");
    ids.add(view.id);
    invariant(view.lines.length <= LINES_MAX, "a result is bounded");
    invariant(view.steps.length <= STEPS_MAX, "an assistant ends");
    invariant(view.progress >= 0 && view.progress <= 1, "progress is a share");
  }
  for (const { view } of state.running) invariant(view.state === "running", "what runs says so");
  for (const { view } of state.ended) invariant(view.state !== "running", "what ended says so");
}
