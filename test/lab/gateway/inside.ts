import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { type HostRunOptions, mustAs, runAs, spawnAs } from "../host.ts";
import type { Outcome } from "../process.ts";
import { bundledProgram, programOf } from "../program.ts";
import { mustInGuest, runInGuest } from "../qemu/agent.ts";
import { pathsOf, readState } from "../state.ts";
import type { HostName } from "../topology.ts";
import { isCarried, PROGRAMS_THERE } from "../vm/channel.ts";

/** Programs on a host of the lab, whatever the gateway is: inside a virtual machine they go through its agent. */

export function isMachine(lab: string): boolean {
  return readState(lab)?.gateway === "qemu";
}

export function runOn(
  lab: string,
  host: HostName,
  argv: readonly string[],
  options: HostRunOptions = {},
): Promise<Outcome> {
  return isInside(lab, host) ? runInGuest(lab, argv, options) : runAs(lab, host, argv, options);
}

export function mustOn(
  lab: string,
  host: HostName,
  argv: readonly string[],
  options: HostRunOptions = {},
): Promise<string> {
  return isInside(lab, host) ? mustInGuest(lab, argv, options) : mustAs(lab, host, argv, options);
}

export async function readOn(lab: string, host: HostName, path: string): Promise<Uint8Array> {
  // Octets that are no text would not come through as they are.
  const text = await mustOn(lab, host, ["openssl", "base64", "-in", path], { timeoutMs: 20_000 });
  return Buffer.from(text, "base64");
}

/** Killing the child by SIGTERM or SIGINT ends the program, wherever it runs. Inside a machine it hears no input. */
export function spawnOn(
  lab: string,
  host: HostName,
  argv: readonly string[],
  env?: NodeJS.ProcessEnv,
): ChildProcess {
  if (!isInside(lab, host)) return spawnAs(lab, host, argv, env ? { env } : {});
  const [file = "", ...rest] = guestRunWords(lab, argv);
  return spawn(file, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, LAB_INPUT: "no", LAB_ENVIRONMENT: JSON.stringify(changed(env)) },
  });
}

/** The words that run a program inside the machine as if it were a program here (guest-run.ts). */
export function guestRunWords(lab: string, argv: readonly string[]): readonly string[] {
  const program = join(import.meta.dirname, "../qemu/guest-run.ts");
  return [process.execPath, "--disable-warning=ExperimentalWarning", program, lab, ...argv];
}

export function isInside(lab: string, host: HostName): boolean {
  return host === "gw" && isMachine(lab);
}

/** Where the gateway keeps what it keeps, and how its own program is called, as `gw` sees it. */
export interface Places {
  readonly state: string;
  readonly runtime: string;
  readonly program: readonly string[];
}

export function placesOf(lab: string): Places {
  if (isMachine(lab)) {
    return {
      ...{ state: "/var/lib/passerelle", runtime: "/run/passerelle" },
      program: ["/usr/bin/passerelle"],
    };
  }
  const { gateway } = pathsOf(lab);
  const source = join(import.meta.dirname, "../../../packages/apps/passerelle/src/main.ts");
  const program = isCarried(lab) ? bundledProgram(PROGRAMS_THERE, source) : programOf(source);
  return {
    ...{ state: join(gateway, "state"), runtime: join(gateway, "run") },
    program: [process.execPath, program],
  };
}

function changed(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([key, value]) => process.env[key] !== value);
  return Object.fromEntries(own);
}
