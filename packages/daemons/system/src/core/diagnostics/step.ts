import type { Diagnosis } from "@passerelle/contract";
import { ignored, type Machine, type Step } from "@passerelle/machine";
import type { Fault } from "@passerelle/result";
import { after, earliest, type Instant, isDue } from "@passerelle/time";
import { diagnosticsFault } from "./faults.ts";
import type { JobLine, JobsEffect, JobsInput } from "./input.ts";
import { plain } from "./plain.ts";
import {
  checkJobs,
  ENDED_MAX,
  type EndedJob,
  FILE_KEPT,
  FILES_MAX,
  filesOf,
  JOB_TEXT_MAX,
  type JobsState,
  LINES_MAX,
  limitOf,
  RUNNING_MAX,
  type RunningJob,
  STEPS_MAX,
  TEXT_MAX,
} from "./state.ts";

type JobsStep = Step<JobsState, JobsEffect>;
type Outcome =
  | { readonly kind: "done" | "cancelled" }
  | { readonly kind: "failed"; readonly fault: Fault };

export const jobsMachine: Machine<JobsState, JobsInput, JobsEffect> = {
  initial: { running: [], ended: [] },
  step,
  deadline: (state) =>
    earliest(
      ...state.running.map((job) => job.deadline),
      ...state.ended.map((job) => job.fileUntil),
    ),
  check: checkJobs,
};

/** Why a diagnosis cannot start now; undefined where it can. */
export function refusalOf(state: JobsState, request: Diagnosis): Fault | undefined {
  if (state.running.length >= RUNNING_MAX) return diagnosticsFault("too_many_jobs");
  const captures = state.running.filter((job) => job.view.request.kind === "capture").length;
  return request.kind === "capture" && captures >= FILES_MAX
    ? diagnosticsFault("too_many_captures")
    : undefined;
}

function step(state: JobsState, input: JobsInput, now: Instant): JobsStep {
  if (input.kind === "timeout") return timeout(state, now);
  if (input.kind === "start") return start(state, input, now);
  if (input.kind === "file") return noteFile(state, input.id, input.bytes);
  const job = state.running.find((one) => one.view.id === input.id);
  if (job === undefined) return ignored(state);
  switch (input.kind) {
    case "line":
      return { state: replace(state, addLine(job, input.line)), effects: [] };
    case "step": {
      const { view } = job;
      if (view.steps.length >= STEPS_MAX) return ignored(state);
      const steps = [...view.steps, input.step];
      return { state: replace(state, { ...job, view: { ...view, steps } }), effects: [] };
    }
    case "progress": {
      // Only forward: a bar that goes back worries people.
      const progress = Math.min(1, Math.max(job.view.progress, input.progress || 0));
      return { state: replace(state, { ...job, view: { ...job.view, progress } }), effects: [] };
    }
    case "cancel": {
      const ended = end(state, job, { kind: "cancelled" }, now);
      return { ...ended, effects: [{ kind: "end", id: input.id }, ...ended.effects] };
    }
    case "done":
      return end(state, job, { kind: "done" }, now);
    case "failed":
      return end(state, job, { kind: "failed", fault: input.fault }, now);
  }
}

function start(state: JobsState, input: JobsInput & { kind: "start" }, now: Instant): JobsStep {
  const { id, request } = input;
  const known = [...state.running, ...state.ended].some((job) => job.view.id === id);
  if (known || refusalOf(state, request) !== undefined) return ignored(state);
  const room = request.kind === "capture" ? makeRoom(state) : { state, effects: [] };
  const job: RunningJob = {
    view: {
      id,
      request,
      startedAt: input.at,
      state: "running",
      progress: 0,
      steps: [],
      lines: [],
    },
    deadline: after(now, limitOf(request)),
    textLeft: JOB_TEXT_MAX,
  };
  return {
    state: { ...room.state, running: [...room.state.running, job] },
    effects: [...room.effects, { kind: "begin", id, request }],
  };
}

/** A new capture takes the place of the oldest file. */
function makeRoom(state: JobsState): JobsStep {
  if (filesOf(state) < FILES_MAX) return { state, effects: [] };
  const oldest = state.ended.findLast((job) => job.fileUntil !== undefined);
  return oldest === undefined ? { state, effects: [] } : dropFile(state, oldest);
}

function dropFile(state: JobsState, job: EndedJob): JobsStep {
  const { fileBytes: _, ...view } = job.view;
  return {
    state: { ...state, ended: state.ended.map((one) => (one === job ? { view } : one)) },
    effects: [{ kind: "delete_file", id: job.view.id }],
  };
}

function timeout(state: JobsState, now: Instant): JobsStep {
  let next = state;
  const effects: JobsEffect[] = [];
  for (const job of state.running) {
    if (!isDue(job.deadline, now)) continue;
    const fault = diagnosticsFault("diagnosis_time_limit");
    const ended = end(next, job, { kind: "failed", fault }, now);
    next = ended.state;
    effects.push({ kind: "end", id: job.view.id }, ...ended.effects);
  }
  for (const job of state.ended) {
    if (!isDue(job.fileUntil, now) || !next.ended.includes(job)) continue;
    const dropped = dropFile(next, job);
    next = dropped.state;
    effects.push(...dropped.effects);
  }
  return effects.length === 0 ? ignored(state) : { state: next, effects };
}

function end(state: JobsState, job: RunningJob, outcome: Outcome, now: Instant): JobsStep {
  const { id, request } = job.view;
  const view = {
    ...job.view,
    state: outcome.kind,
    ...(outcome.kind === "done" ? { progress: 1 } : {}),
    ...(outcome.kind === "failed" ? { fault: copyFault(outcome.fault) } : {}),
  };
  const isCapture = request.kind === "capture";
  // What was recorded until somebody stopped it is what that person wants to look at.
  const keepsFile = isCapture && outcome.kind !== "failed";
  const { fileBytes: _, ...withoutFile } = view;
  const ended: EndedJob = keepsFile
    ? { view, fileUntil: after(now, FILE_KEPT) }
    : { view: withoutFile };
  const all = [ended, ...state.ended];
  const forgotten = all.slice(ENDED_MAX).filter((one) => one.fileUntil !== undefined);
  return {
    state: {
      running: state.running.filter((one) => one.view.id !== id),
      ended: all.slice(0, ENDED_MAX),
    },
    effects: [
      ...(isCapture && !keepsFile ? [{ kind: "delete_file", id } as const] : []),
      ...forgotten.map((one) => ({ kind: "delete_file", id: one.view.id }) as const),
    ],
  };
}

function noteFile(state: JobsState, id: string, bytes: number): JobsStep {
  const fileBytes = Math.max(0, Math.floor(bytes));
  const running = state.running.find((job) => job.view.id === id);
  if (running !== undefined) {
    return {
      state: replace(state, { ...running, view: { ...running.view, fileBytes } }),
      effects: [],
    };
  }
  const ended = state.ended.find((job) => job.view.id === id);
  if (ended?.fileUntil === undefined) return ignored(state);
  const noted = { ...ended, view: { ...ended.view, fileBytes } };
  return {
    state: { ...state, ended: state.ended.map((one) => (one === ended ? noted : one)) },
    effects: [],
  };
}

/** Bounds whatever a peer made us say. */
function addLine(job: RunningJob, line: JobLine): RunningJob {
  const { view, textLeft } = job;
  if (view.lines.length >= LINES_MAX || textLeft <= 0) return job;
  const name = line.name === undefined ? undefined : plain(line.name, 255);
  const text = line.text === undefined ? undefined : plain(line.text, Math.min(TEXT_MAX, textLeft));
  const { name: _, text: __, ...rest } = line;
  const bounded: JobLine = {
    ...rest,
    ...(name === undefined ? {} : { name }),
    ...(text === undefined ? {} : { text }),
  };
  const cost = (name?.length ?? 0) + (text?.length ?? 0);
  return {
    ...job,
    textLeft: textLeft - cost,
    view: { ...view, lines: [...view.lines, bounded] },
  };
}

function replace(state: JobsState, job: RunningJob): JobsState {
  const { id } = job.view;
  return {
    ...state,
    running: state.running.map((one) => (one.view.id === id ? job : one)),
  };
}

/** The bus has no read-only arrays; the sentences are small. */
function copyFault(fault: Fault): NonNullable<RunningJob["view"]["fault"]> {
  return {
    code: fault.code,
    text: { ...fault.text },
    ...(fault.next === undefined ? {} : { next: { ...fault.next } }),
    ...(fault.raw === undefined ? {} : { raw: fault.raw }),
  };
}
