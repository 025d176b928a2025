import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { ProcessId } from "./process.ts";
import type { HolderName } from "./topology.ts";

export const LABS_DIRECTORY = "/run/passerelle-lab";

export const OPERATORS = ["ethernet", "orange"] as const;
export type OperatorName = (typeof OPERATORS)[number];
export const GATEWAYS = ["namespace", "qemu", "none"] as const;
export type GatewayKind = (typeof GATEWAYS)[number];
/**
 * Whose kernel the hosts share: this machine's; that of an emulated machine of their own, with all that networks need; or
 * User-mode Linux, which is quick, and has PPP and VLANs but no rules of nftables.
 */
export const KERNELS = ["host", "vm", "uml"] as const;
export type KernelKind = (typeof KERNELS)[number];
/** A machine that carries a whole lab. */
export type MachineKind = Exclude<KernelKind, "host">;

/** What `state.json` of a lab says. Written at each step of `up`, so that `down` can always undo it. */
export interface LabState {
  readonly name: string;
  readonly operator: OperatorName;
  readonly gateway: GatewayKind;
  readonly kernel: KernelKind;
  /** Number of the VLAN that the access is on its cable (IEEE 802.1Q). Absent: the cable carries it as it is. */
  readonly vlan?: number;
  /** The gateway's daemons share one process, with the embedded broker. */
  readonly allInOne: boolean;
  /** The daemons have a calendar that `clock-jump` moves. */
  readonly movableClock?: boolean;
  /** Every write to the disk of the gateway in QEMU is noted, from the first power on. */
  readonly recordWrites?: boolean;
  /** The process of `up`: while it lives and `complete` is false, nobody else touches this lab. */
  readonly up: ProcessId | undefined;
  readonly complete: boolean;
  readonly startedAt: string;
  readonly upMs?: number;
  /** First process of each host, as seen from outside. */
  readonly holders: Readonly<Partial<Record<HolderName, ProcessId>>>;
}

/** The directory of one lab and what is in it. Everything the lab makes is below it or inside its namespaces. */
export interface LabPaths {
  readonly directory: string;
  readonly state: string;
  readonly logs: string;
  readonly config: string;
  readonly gateway: string;
}

export function checkName(name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
    throw new Error(`"${name}" is no name for a lab: small letters, digits and "-", at most 32`);
  }
  return name;
}

export function pathsOf(name: string): LabPaths {
  const directory = join(LABS_DIRECTORY, checkName(name));
  return {
    directory,
    state: join(directory, "state.json"),
    logs: join(directory, "logs"),
    config: join(directory, "config"),
    gateway: join(directory, "gateway"),
  };
}

export function readState(name: string): LabState | undefined {
  try {
    return JSON.parse(readFileSync(pathsOf(name).state, "utf8")) as LabState;
  } catch {
    return undefined;
  }
}

export function writeState(state: LabState): void {
  const path = pathsOf(state.name).state;
  writeFileSync(`${path}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  renameSync(`${path}.new`, path);
}

export function makeDirectories(name: string, holders: readonly string[]): void {
  const paths = pathsOf(name);
  mkdirSync(join(paths.gateway, "state"), { recursive: true });
  for (const path of [paths.logs, paths.config]) makeShared(path);
  for (const holder of holders) {
    mkdirSync(join(paths.directory, "hosts", holder), { recursive: true });
  }
}

/** In the machine that carries a lab it is the lab's outside: who asks finds there what is written here. */
function makeShared(path: string): void {
  const share = process.env.LAB_SHARE;
  if (share === undefined) mkdirSync(path, { recursive: true });
  else symlinkSync(join(share, basename(path)), path);
}

export function removeDirectories(name: string): void {
  rmSync(pathsOf(name).directory, { recursive: true, force: true });
}
