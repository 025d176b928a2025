import { type Forward, readForward } from "./forward/forward.ts";
import { daemonStates } from "./gateway/gateway.ts";
import { readLabelPassword } from "./gateway/label.ts";
import type { ProcessState } from "./gateway/supervisor.ts";
import { enterArguments } from "./holder.ts";
import {
  controlPath,
  INITIAL_CONTROL,
  type OperatorControl,
  readControl,
} from "./operator/control.ts";
import { operatorLeases } from "./operator/operator.ts";
import { isAlive, type ProcessId, run } from "./process.ts";
import { type LabState, readState } from "./state.ts";
import { HOSTS, type HostName } from "./topology.ts";
import { callThere } from "./vm/channel.ts";

export interface HostStatus {
  readonly host: HostName;
  readonly running: boolean;
  /** First process of the host, as the machine numbers it. */
  readonly pid: number | undefined;
  /** interface → addresses with prefix length; loopback and link-local ones are left out. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  /** Interfaces that are up and see no carrier. */
  readonly withoutCarrier: readonly string[];
}

export interface LabStatus {
  readonly name: string;
  readonly up: boolean;
  readonly operator?: string;
  readonly gateway?: string;
  readonly kernel?: string;
  readonly startedAt?: string;
  readonly upMs?: number;
  readonly hosts: readonly HostStatus[];
  readonly operatorLeases: readonly { readonly mac: string; readonly address: string }[];
  /** What the operator was told to do otherwise than at the start. */
  readonly operatorFaults: Readonly<Partial<OperatorControl>>;
  readonly daemons: readonly ProcessState[];
  /** The page of the gateway as a browser on this machine opens it. */
  readonly page?: Forward;
  /** Printed on the box: the password of the first screens. */
  readonly labelPassword?: string;
}

export async function statusOf(name: string): Promise<LabStatus> {
  const state = readState(name);
  if (state === undefined) {
    return { name, up: false, hosts: [], operatorLeases: [], operatorFaults: {}, daemons: [] };
  }
  if (state.kernel !== "host") return carriedStatus(state);
  const hosts = await Promise.all(HOSTS.map((host) => hostStatus(state, host)));
  const { operator, gateway, kernel, startedAt, upMs } = state;
  const page = readForward(name);
  const labelPassword = readLabelPassword(name);
  return {
    name,
    up: state.complete && hosts.every((host) => host.running),
    operator,
    gateway,
    kernel,
    startedAt,
    ...(upMs === undefined ? {} : { upMs }),
    hosts,
    operatorLeases: orEmpty(() => operatorLeases(name, operator), []),
    operatorFaults: orEmpty(() => changedControl(name), {}),
    daemons: await daemonStates(name).catch(() => []),
    ...(page === undefined ? {} : { page }),
    ...(labelPassword === undefined ? {} : { labelPassword }),
  };
}

/** As the machine that carries it says; one that says nothing is no lab any more. */
async function carriedStatus(state: LabState): Promise<LabStatus> {
  const { name, operator, gateway, kernel, startedAt, upMs } = state;
  const own = {
    name,
    operator,
    gateway,
    kernel,
    startedAt,
    ...(upMs === undefined ? {} : { upMs }),
  };
  try {
    const inside = await callThere<LabStatus>(name, "status", [], STATUS_MS);
    return { ...inside, ...own, up: inside.up && state.complete };
  } catch {
    const hosts = HOSTS.map((host) => absentHost(host));
    return { ...own, up: false, hosts, operatorLeases: [], operatorFaults: {}, daemons: [] };
  }
}

const STATUS_MS = 30_000;

function absentHost(host: HostName): HostStatus {
  return { host, running: false, pid: undefined, addresses: {}, withoutCarrier: [] };
}

function changedControl(name: string): Partial<OperatorControl> {
  const initial: Readonly<Record<string, unknown>> = { ...INITIAL_CONTROL };
  const entries = Object.entries(readControl(controlPath(name)));
  return Object.fromEntries(entries.filter(([key, value]) => initial[key] !== value));
}

interface IpLink {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly addr_info: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly scope: string;
  }[];
}

async function hostStatus(state: LabState, host: HostName): Promise<HostStatus> {
  const id = state.holders[host];
  if (id === undefined || !isAlive(id)) {
    return absentHost(host);
  }
  const links = await linksOf(id);
  const addresses = links
    .map((link) => [
      link.ifname,
      (link.addr_info ?? [])
        .filter((info) => info.scope === "global")
        .map((info) => `${info.local}/${info.prefixlen}`),
    ])
    .filter(([, list]) => list !== undefined && list.length > 0);
  return {
    host,
    running: true,
    pid: id.pid,
    addresses: Object.fromEntries(addresses),
    withoutCarrier: links
      .filter((link) => link.flags.includes("NO-CARRIER"))
      .map((link) => link.ifname),
  };
}

async function linksOf(id: ProcessId): Promise<readonly IpLink[]> {
  const argv = [...enterArguments(id, { namespaces: "network" }), "ip", "-j", "address", "show"];
  const outcome = await run(argv, { timeoutMs: 5000 });
  return outcome.code === 0 ? (JSON.parse(outcome.stdout) as IpLink[]) : [];
}

export function statusText(status: LabStatus): string {
  if (status.hosts.length === 0) return `lab "${status.name}" is not up`;
  const took = status.upMs === undefined ? "" : `, up took ${(status.upMs / 1000).toFixed(1)} s`;
  const lines = [
    `lab "${status.name}": ${status.up ? "up" : "BROKEN (bin/lab down, then up)"}, ` +
      `operator ${status.operator}, gateway ${status.gateway}${kernelText(status)}${took}`,
    "",
    ...status.hosts.map(hostLine),
    "",
    `leases of the operator: ${leaseText(status)}`,
  ];
  const faults = Object.entries(status.operatorFaults);
  if (faults.length > 0) {
    lines.push(`operator told: ${faults.map(([key, value]) => `${key}=${value}`).join(" ")}`);
  }
  if (status.gateway !== "none") lines.push("", ...status.daemons.map(daemonLine));
  const page = pageText(status);
  if (page !== undefined) lines.push("", page);
  return lines.join("\n");
}

/** How a person on this machine gets in. */
export function pageText({ page, labelPassword }: LabStatus): string | undefined {
  if (page === undefined) return undefined;
  return `Open ${page.http} — first-run password: ${labelPassword}`;
}

function kernelText({ kernel }: LabStatus): string {
  return kernel === "host" || kernel === undefined ? "" : ", in a machine of its own";
}

function leaseText(status: LabStatus): string {
  return status.operatorLeases.map((l) => `${l.address} to ${l.mac}`).join(", ") || "none";
}

function hostLine(host: HostStatus): string {
  const addresses = Object.entries(host.addresses)
    .map(([device, list]) => `${device} ${list.join(" ")}`)
    .join(", ");
  const dark = host.withoutCarrier.length > 0 ? ` (no carrier: ${host.withoutCarrier})` : "";
  const said = host.running ? addresses || "no address" : "NOT RUNNING";
  return `  ${host.host.padEnd(13)} ${String(host.pid ?? "-").padStart(7)}  ${said}${dark}`;
}

function daemonLine(state: ProcessState): string {
  const now = state.pid === undefined ? "between starts" : `pid ${state.pid} in gw`;
  const end = state.lastEnd === undefined ? "" : `, last end: ${state.lastEnd}`;
  return `  ${state.name.padEnd(13)} ${now}, started ${state.starts}×${end}`;
}

function orEmpty<T>(read: () => T, empty: T): T {
  try {
    return read();
  } catch {
    return empty;
  }
}
