import type { Bus, Reply } from "@passerelle/bus-client";
import type { Diagnosis, SystemJob } from "@passerelle/contract";
import type { Processes } from "@passerelle/process";
import { type Clock, drive, type Entropy, type Logger } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import { milliseconds } from "@passerelle/time";
import { diagnosticsFault } from "../../core/diagnostics/faults.ts";
import type { JobsEffect, JobsInput } from "../../core/diagnostics/input.ts";
import { requestFault } from "../../core/diagnostics/request.ts";
import { type JobsState, viewsOf } from "../../core/diagnostics/state.ts";
import { jobsMachine, refusalOf } from "../../core/diagnostics/step.ts";
import { captureFile, deleteCapture, readPart, removeCaptures } from "./capture.ts";
import { HomeFacts } from "./home-facts.ts";
import { createInterfaces } from "./interfaces.ts";
import { runDiagnosis } from "./run.ts";
import type { Report, Tools } from "./tools.ts";

export interface DiagnosticsOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly entropy: Entropy;
  readonly processes: Processes;
  readonly sockets: Sockets;
  readonly runtimeDirectory: string;
  /** Called with the whole list whenever something in it changed, at most four times a second. */
  readonly changed: (jobs: readonly SystemJob[]) => void;
  /** Where the kernel shows interfaces; absent: /sys/class/net. */
  readonly interfacesRoot?: string;
  /** Milliseconds with a fraction; absent: the machine's monotonic clock. */
  readonly stopwatch?: () => number;
}

/** Ping, trace, look-up, capture, wake and the assistants, as jobs that run beside each other. */
export interface Diagnostics {
  start(request: Diagnosis): Reply<{ id: string }>;
  /** A job that has already ended is no mistake of who cancels it. */
  cancel(id: string): Reply<Record<string, never>>;
  /** A part of a capture in base64, from `offset`. */
  captureFile(id: string, offset: number): Promise<Reply<{ data: string; more: boolean }>>;
  /** Those that run first, then those that ended; the newest first. */
  jobs(): readonly SystemJob[];
  /** Ends every job and waits until its sockets and programs are gone. */
  stop(): Promise<void>;
}

export function createDiagnostics(options: DiagnosticsOptions): Diagnostics {
  return new RunningDiagnostics(options);
}

class RunningDiagnostics implements Diagnostics {
  readonly #options: DiagnosticsOptions;
  readonly #tools: Tools;
  readonly #driver: ReturnType<typeof drive<JobsState, JobsInput, JobsEffect>>;
  /** How to end each job that runs. */
  readonly #ends = new Map<string, AbortController>();
  readonly #work = new Set<Promise<void>>();
  #telling: { cancel(): void } | undefined;
  #stopped = false;

  constructor(options: DiagnosticsOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#tools = {
      ...options,
      stopwatch: options.stopwatch ?? (() => performance.now()),
      interfaces: createInterfaces(options.interfacesRoot),
      home: new HomeFacts(options.bus),
    };
    this.#driver = drive<JobsState, JobsInput, JobsEffect>(
      jobsMachine,
      {
        name: "diagnostics",
        run: (effect) => this.#run(effect),
        changed: () => this.#tellSoon(),
      },
      { clock, fatal: (error) => log.error("diagnostics_broken", { error: String(error) }) },
    );
    this.#track(removeCaptures(options.runtimeDirectory));
  }

  start(request: Diagnosis): Reply<{ id: string }> {
    const fault = requestFault(request) ?? refusalOf(this.#driver.state, request);
    if (fault !== undefined) return { ok: false, fault };
    const { clock, entropy, log } = this.#options;
    const id = Array.from(entropy.bytes(8), (o) => o.toString(16).padStart(2, "0")).join("");
    // Not the target: what people look for is their own affair.
    log.info("diagnosis_started", { id, kind: request.kind });
    this.#driver.input({ kind: "start", id, request, at: clock.wall() });
    return { ok: true, data: { id } };
  }

  cancel(id: string): Reply<Record<string, never>> {
    if (this.#find(id) === undefined) return { ok: false, fault: diagnosticsFault("unknown_job") };
    this.#driver.input({ kind: "cancel", id });
    return { ok: true, data: {} };
  }

  async captureFile(id: string, offset: number): Promise<Reply<{ data: string; more: boolean }>> {
    if (this.#find(id) === undefined) return { ok: false, fault: diagnosticsFault("unknown_job") };
    const ended = this.#driver.state.ended.find((job) => job.view.id === id);
    // Only an id that is in the list, so one that we made, becomes a part of a path.
    const part =
      ended?.fileUntil === undefined
        ? undefined
        : await readPart(captureFile(this.#options.runtimeDirectory, ended.view.id), offset);
    return part === undefined
      ? { ok: false, fault: diagnosticsFault("no_capture_file") }
      : { ok: true, data: part };
  }

  jobs(): readonly SystemJob[] {
    return viewsOf(this.#driver.state);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#telling?.cancel();
    for (const end of this.#ends.values()) end.abort();
    await Promise.all(this.#work);
    this.#driver.stop();
    this.#tools.home.close();
  }

  #find(id: string): SystemJob | undefined {
    return this.jobs().find((job) => job.id === id);
  }

  #run(effect: JobsEffect): void {
    switch (effect.kind) {
      case "begin":
        this.#begin(effect);
        return;
      case "end":
        this.#ends.get(effect.id)?.abort();
        return;
      case "delete_file":
        this.#track(deleteCapture(this.#options.runtimeDirectory, effect.id));
        return;
    }
  }

  #begin({ id, request }: JobsEffect & { kind: "begin" }): void {
    const end = new AbortController();
    this.#ends.set(id, end);
    // Who is told the id asks for the job at once: it is in the list before the answer leaves.
    this.#options.changed(this.jobs());
    const input = (next: JobsInput): void => this.#driver.input(next);
    const report: Report = {
      id,
      signal: end.signal,
      line: (line) => input({ kind: "line", id, line }),
      step: (step) => input({ kind: "step", id, step }),
      progress: (progress) => input({ kind: "progress", id, progress }),
      file: (bytes) => input({ kind: "file", id, bytes }),
    };
    const work = runDiagnosis(this.#tools, request, report)
      .then(
        (fault) =>
          input(fault === undefined ? { kind: "done", id } : { kind: "failed", id, fault }),
        (error: unknown) => {
          this.#options.log.error("diagnosis_broke", {
            id,
            kind: request.kind,
            error: String(error),
          });
          input({
            kind: "failed",
            id,
            fault: diagnosticsFault("probe_not_possible", String(error)),
          });
        },
      )
      .finally(() => this.#ends.delete(id));
    this.#track(work);
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.then(
      () => undefined,
      (error: unknown) => this.#options.log.warn("diagnostics_file", { error: String(error) }),
    );
    this.#work.add(tracked);
    void tracked.finally(() => this.#work.delete(tracked));
  }

  /** A hundred answers in a second are four messages on the bus. */
  #tellSoon(): void {
    if (this.#stopped) return;
    this.#telling ??= this.#options.clock.later(TELL_EVERY, () => {
      this.#telling = undefined;
      this.#options.changed(this.jobs());
    });
  }
}

const TELL_EVERY = milliseconds(250);
