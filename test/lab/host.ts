import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { enterArguments, type Namespaces } from "./holder.ts";
import {
  isAlive,
  must,
  type Outcome,
  ok,
  type ProcessId,
  type RunOptions,
  run,
} from "./process.ts";
import { pathsOf, readState } from "./state.ts";
import type { HolderName } from "./topology.ts";
import { callThere, isThere, programStart, runThere, spawnThere } from "./vm/channel.ts";

/** The running host's first process, or a sentence why there is none. */
export function holderOf(lab: string, host: HolderName): ProcessId {
  if (isThere(lab, host))
    throw new Error(`not with --kernel vm: ${host} is no process of this machine`);
  const state = readState(lab);
  if (state === undefined) throw new Error(`the lab "${lab}" is not up: bin/lab up`);
  const id = state.holders[host];
  if (id === undefined || !isAlive(id)) {
    throw new Error(`host ${host} of lab "${lab}" is not running: bin/lab down, then bin/lab up`);
  }
  return id;
}

export interface HostRunOptions extends RunOptions {
  readonly namespaces?: Namespaces;
}

export function runAs(
  lab: string,
  host: HolderName,
  argv: readonly string[],
  options: HostRunOptions = {},
): Promise<Outcome> {
  const { namespaces, cwd, ...rest } = options;
  if (isThere(lab, host)) return runThere(lab, programStart(host, argv, options), rest);
  return run(
    [...enterArguments(holderOf(lab, host), enterOptions(namespaces, cwd)), ...argv],
    rest,
  );
}

export function mustAs(
  lab: string,
  host: HolderName,
  argv: readonly string[],
  options: HostRunOptions = {},
): Promise<string> {
  const { namespaces, cwd, ...rest } = options;
  if (isThere(lab, host)) return ok(argv, runAs(lab, host, argv, options));
  return must(
    [...enterArguments(holderOf(lab, host), enterOptions(namespaces, cwd)), ...argv],
    rest,
  );
}

/** Starts a program as a host; killing the child kills the program. */
export function spawnAs(
  lab: string,
  host: HolderName,
  argv: readonly string[],
  options: { readonly namespaces?: Namespaces; readonly env?: NodeJS.ProcessEnv } = {},
): ChildProcess {
  if (isThere(lab, host)) return spawnThere(lab, programStart(host, [], options), argv);
  const words = enterArguments(holderOf(lab, host), enterOptions(options.namespaces, undefined));
  const [file = "", ...rest] = [...words, ...argv];
  return spawn(file, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.env ? { env: options.env } : {}),
  });
}

/** Starts a program that stays when the lab's command ends; it dies with the host. Output goes to the lab's logs. */
export async function serveAs(
  lab: string,
  host: HolderName,
  name: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  if (isThere(lab, host)) {
    await callThere(lab, "serve", [host, name, argv, env]);
    return;
  }
  const words = enterArguments(holderOf(lab, host), { daemon: true });
  const [file = "", ...rest] = [...words, ...argv];
  const log = openSync(join(pathsOf(lab).logs, `${name}.log`), "a");
  await new Promise<void>((resolve, reject) => {
    const child = spawn(file, rest, { stdio: ["ignore", log, log], detached: true, env });
    closeSync(log);
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${name} on ${host}: cannot start (${code})`)),
    );
  });
}

/** True when something in the host's network listens on this port, on any address. Reads /proc, starts nothing. */
export function listens(id: ProcessId, protocol: "udp" | "tcp", port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  // TCP's state 0A is LISTEN; a bound UDP socket shows 07.
  const state = protocol === "tcp" ? "0A" : "07";
  return ["", "6"].some((family) => {
    try {
      return readFileSync(`/proc/${id.pid}/net/${protocol}${family}`, "utf8")
        .split("\n")
        .some((line) => {
          const fields = line.trim().split(/\s+/);
          return fields[1]?.endsWith(suffix) === true && fields[3] === state;
        });
    } catch {
      return false;
    }
  });
}

function enterOptions(namespaces: Namespaces | undefined, cwd: string | undefined) {
  return { ...(namespaces ? { namespaces } : {}), ...(cwd ? { cwd } : {}) };
}
