/**
 * Stands for systemd in the lab's gateway: starts each process, notes its number, starts it again when it ends.
 * Arguments: PLAN_FILE PROCESSES_DIRECTORY LOGS_DIRECTORY. Runs inside the host `gw`.
 */
import { spawn } from "node:child_process";
import { openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface ProcessPlan {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ProcessState {
  readonly name: string;
  /** As the host `gw` numbers it; absent between an end and the next start. */
  readonly pid?: number;
  readonly starts: number;
  /** Exit code or signal of the last end. */
  readonly lastEnd?: string;
  readonly startedAt: string;
}

const RESTART_MS = 200;

function supervise(plans: readonly ProcessPlan[], directory: string, logs: string): void {
  const states = new Map<string, ProcessState>();
  const note = (state: ProcessState) => {
    states.set(state.name, state);
    const path = join(directory, "state.json");
    writeFileSync(`${path}.new`, JSON.stringify([...states.values()]));
    renameSync(`${path}.new`, path);
    const file = join(directory, `${state.name}.pid`);
    if (state.pid === undefined) rmSync(file, { force: true });
    else writeFileSync(file, `${state.pid}\n`);
  };
  const start = (plan: ProcessPlan) => {
    const [file = "", ...rest] = plan.argv;
    const log = openSync(join(logs, `${plan.name}.log`), "a");
    const child = spawn(file, rest, {
      stdio: ["ignore", log, log],
      env: { ...process.env, ...plan.env },
    });
    const starts = (states.get(plan.name)?.starts ?? 0) + 1;
    const startedAt = new Date().toISOString();
    const { pid } = child;
    note({ ...states.get(plan.name), name: plan.name, starts, startedAt, ...(pid ? { pid } : {}) });
    const ended = (how: string) => {
      note({ name: plan.name, starts, startedAt, lastEnd: how });
      setTimeout(() => start(plan), RESTART_MS);
    };
    child.on("error", (error) => ended(error.message));
    child.on("exit", (code, signal) => ended(signal ?? String(code)));
  };
  for (const plan of plans) start(plan);
}

const [planFile = "", directory = "", logs = ""] = process.argv.slice(2);
if (planFile !== "") {
  const plans = JSON.parse(readFileSync(planFile, "utf8")) as ProcessPlan[];
  supervise(plans, directory, logs);
}
