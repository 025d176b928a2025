import type { Bus, Reply } from "@passerelle/bus-client";
import type { Diagnosis, SystemJob } from "@passerelle/contract";
import type { Processes } from "@passerelle/process";
import { type Clock, drive, type Entropy, type Logger } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import { diagnosticsFault } from "../../core/diagnostics/faults.ts";
import { viewsOf } from "../../core/diagnostics/state.ts";
import { jobsMachine, refusalOf } from "../../core/diagnostics/step.ts";

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
}

/** Ping, trace, look-up, capture, wake and the assistants, as jobs that run beside each other. */
export interface Diagnostics {
  start(request: Diagnosis): Reply<{ id: string }>;
  cancel(id: string): Reply<Record<string, never>>;
  /** A part of a capture in base64, from `offset`. */
  captureFile(id: string, offset: number): Promise<Reply<{ data: string; more: boolean }>>;
  /** Those that run first, then those that ended; the newest first. */
  jobs(): readonly SystemJob[];
  stop(): Promise<void>;
}

export function createDiagnostics(options: DiagnosticsOptions): Diagnostics {
  const { clock, entropy, log } = options;
  const driver = drive(
    jobsMachine,
    {
      name: "diagnostics",
      run: () => undefined,
      changed: (state) => options.changed(viewsOf(state)),
    },
    { clock, fatal: (error) => log.error("diagnostics_broken", { error: String(error) }) },
  );
  return {
    start(request) {
      const fault = refusalOf(driver.state, request);
      if (fault !== undefined) return { ok: false, fault };
      const id = Array.from(entropy.bytes(8), (octet) => octet.toString(16).padStart(2, "0")).join(
        "",
      );
      driver.input({ kind: "start", id, request, at: clock.wall() });
      return { ok: true, data: { id } };
    },
    cancel(id) {
      const known = viewsOf(driver.state).some((job) => job.id === id);
      if (!known) return { ok: false, fault: diagnosticsFault("unknown_job") };
      driver.input({ kind: "cancel", id });
      return { ok: true, data: {} };
    },
    captureFile: async () => ({ ok: false, fault: diagnosticsFault("no_capture_file") }),
    jobs: () => viewsOf(driver.state),
    async stop() {
      driver.stop();
    },
  };
}
