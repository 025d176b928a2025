import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import {
  childrenOf,
  commandLine,
  identify,
  isAlive,
  killExactly,
  type ProcessId,
  processNumbers,
  waitFor,
} from "./process.ts";
import { pathsOf } from "./state.ts";
import type { HolderName } from "./topology.ts";

const HOST_INIT = join(import.meta.dirname, "host-init.sh");
const DISK_INIT = join(import.meta.dirname, "disk-init.sh");

/** Hosts that write to /sys; the others have it read-only, which lets systemd-networkd run without udev. */
const SYS_WRITERS: readonly HolderName[] = ["gw", "isp", "wires", "machine"];

/**
 * Starts the first process of a host in namespaces of its own. Killing it ends every process of the host, and
 * with the last one its interfaces and mounts.
 */
export async function startHost(
  lab: string,
  host: HolderName,
  disk?: ProcessId,
): Promise<ProcessId> {
  const sys = SYS_WRITERS.includes(host) ? "rw" : "ro";
  const unshare = [
    ...["unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child=KILL"],
    ...["--mount-proc", "--", "/bin/sh", HOST_INIT, pathsOf(lab).directory, host, sys],
  ];
  const argv =
    disk === undefined ? unshare : ["nsenter", "--target", `${disk.pid}`, "--mount", ...unshare];
  return firstProcess(await spawnReady(argv, lab, host), host);
}

function firstProcess(parent: number, name: string): ProcessId {
  const first = childrenOf(parent).map(identify)[0];
  if (first === undefined) throw new Error(`host ${name}: its first process is gone`);
  return first;
}

/** A mount namespace with the gateway's small disk in it, and one process that keeps it. */
export async function startDisk(lab: string, sizeMebibytes: number): Promise<ProcessId> {
  const argv = [
    ...["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--", "/bin/sh", DISK_INIT],
    ...[pathsOf(lab).directory, `${sizeMebibytes}m`],
  ];
  return firstProcess(await spawnReady(argv, lab, "disk"), "disk");
}

/** Starts a detached process and waits for the line "ready". */
function spawnReady(argv: readonly string[], lab: string, name: string): Promise<number> {
  const [file = "", ...rest] = argv;
  const log = openSync(join(pathsOf(lab).logs, `${name}-init.log`), "a");
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, { detached: true, stdio: ["ignore", "pipe", log] });
    closeSync(log);
    const { stdout, pid } = child;
    if (stdout === null) throw new Error("invariant: stdout is a pipe");
    let said = "";
    stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      if (!said.includes("ready\n") || pid === undefined) return;
      stdout.destroy();
      child.unref();
      resolve(pid);
    });
    child.on("error", reject);
    child.on("exit", (code) =>
      reject(
        new Error(`host ${name} ended with ${code}: see ${pathsOf(lab).logs}/${name}-init.log`),
      ),
    );
  });
}

/** Ends hosts, also those of an `up` that died before it could note them, and waits until they are gone. */
export async function killHolders(lab: string, noted: readonly ProcessId[]): Promise<void> {
  const found = processNumbers()
    .filter((pid) => {
      const argv = commandLine(pid);
      const script = argv.findIndex((word) => word === HOST_INIT || word === DISK_INIT);
      return script >= 0 && argv[script + 1] === pathsOf(lab).directory;
    })
    .map(identify)
    .filter((id) => id !== undefined);
  await killAll([...noted, ...found]);
}

export async function killAll(ids: readonly ProcessId[]): Promise<void> {
  for (const id of ids) killExactly(id, "SIGKILL");
  await waitFor("hosts end", () => !ids.some(isAlive), 5000, 10);
}

export type Namespaces = "all" | "network";

/**
 * The words before a command that make it run as a host. "network": the host's network and processes, but the
 * machine's files, for tools that write where the caller can read.
 */
export function enterArguments(
  id: ProcessId,
  options: { readonly namespaces?: Namespaces; readonly cwd?: string; readonly daemon?: boolean },
): string[] {
  const all = options.namespaces !== "network";
  const cwd = options.cwd ?? "/";
  return [
    ...["nsenter", "--target", `${id.pid}`, "--net", "--uts", "--pid"],
    ...(all ? ["--mount", `--wdns=${cwd}`] : []),
    "--",
    // The command must not outlive the nsenter that its caller can see and kill; a daemon must.
    ...(options.daemon ? ["setsid", "--fork"] : ["setpriv", "--pdeathsig", "KILL"]),
  ];
}
