/**
 * Stands for systemd in the lab's gateway: starts each process, notes its number, starts it again when it ends.
 * A process that ends with EXIT_REBOOT has asked for a reboot: all are stopped and started anew.
 * Arguments: PLAN_FILE PROCESSES_DIRECTORY LOGS_DIRECTORY. Runs inside the host `gw`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

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
/** `system` ends with it where it may not restart the machine (PASSERELLE_POWER=exit). */
const EXIT_REBOOT = 86;
/** As systemd at a shutdown: from SIGTERM to SIGKILL. */
const STOP_MS = 6000;

function supervise(plans: readonly ProcessPlan[], directory: string, logs: string): void {
  const states = new Map<string, ProcessState>();
  const children = new Map<string, ChildProcess>();
  let rebooting = false;
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
    children.set(plan.name, child);
    note({ ...states.get(plan.name), name: plan.name, starts, startedAt, ...(pid ? { pid } : {}) });
    // A reboot in between has started it already.
    const again = () => {
      if (!rebooting && !children.has(plan.name)) start(plan);
    };
    const ended = (how: string) => {
      children.delete(plan.name);
      note({ name: plan.name, starts, startedAt, lastEnd: how });
      if (how === String(EXIT_REBOOT)) reboot();
      else if (!rebooting) setTimeout(again, RESTART_MS);
    };
    child.on("error", (error) => ended(error.message));
    child.on("exit", (code, signal) => ended(signal ?? String(code)));
  };
  const reboot = () => {
    if (rebooting) return;
    rebooting = true;
    for (const child of children.values()) child.kill("SIGTERM");
    const deadline = Date.now() + STOP_MS;
    const look = () => {
      if (children.size > 0 && Date.now() < deadline) {
        setTimeout(look, 50);
        return;
      }
      for (const child of children.values()) child.kill("SIGKILL");
      if (children.size > 0) {
        setTimeout(look, 50);
        return;
      }
      forgetRuntime(directory);
      rebooting = false;
      for (const plan of plans) start(plan);
    };
    look();
  };
  for (const plan of plans) start(plan);
}

/** What a boot makes new: /run is empty, and the boot has another id (a file of this host, see host-init.sh). */
function forgetRuntime(directory: string): void {
  const runtime = dirname(directory);
  for (const name of readdirSync(runtime)) {
    if (name !== basename(directory)) rmSync(join(runtime, name), { recursive: true, force: true });
  }
  mkdirSync(join(runtime, "bus"), { recursive: true });
  writeFileSync("/proc/sys/kernel/random/boot_id", `${randomUUID()}\n`);
}

const [planFile = "", directory = "", logs = ""] = process.argv.slice(2);
if (planFile !== "") {
  const plans = JSON.parse(readFileSync(planFile, "utf8")) as ProcessPlan[];
  supervise(plans, directory, logs);
}
