import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AVAILABLE } from "../../../packages/apps/passerelle/src/daemons.ts";
import { holderOf, listens, runAs, serveAs } from "../host.ts";
import { type ProcessId, waitFor } from "../process.ts";
import { programOf } from "../program.ts";
import { guestDaemons } from "../qemu/daemons.ts";
import { pathsOf, readState } from "../state.ts";
import { LAN_BRIDGE } from "../topology.ts";
import { callThere, isCarried } from "../vm/channel.ts";
import { brokerConfiguration } from "./broker.ts";
import { clockEnvironment } from "./clock.ts";
import { factoryDefaults } from "./defaults.ts";
import { isMachine, mustOn } from "./inside.ts";
import { labelPassword } from "./label.ts";
import type { ProcessPlan, ProcessState } from "./supervisor.ts";

/** The gateway as it is on the board: the broker and one process a daemon, under a supervisor that restarts them. */

export const DAEMONS = AVAILABLE;
const PROGRAM = join(import.meta.dirname, "../../../packages/apps/passerelle/src/main.ts");
/** The longest a gateway may take; a loaded machine may be given more. */
/** As on the board, a daemon that restarts finds its code compiled. */
const COMPILE_CACHE = join(import.meta.dirname, "../../../build/compile-cache");
const READY_MS = Number(process.env.LAB_READY_MS ?? 20_000);
const LOG_LINES = 15;

interface GatewayPaths {
  /** On the gateway's own small disk. */
  readonly state: string;
  /** Emptied at each start, as /run is. */
  readonly runtime: string;
  readonly defaults: string;
  readonly plan: string;
  /** What the supervisor says of its processes, and one file a process with its number. */
  readonly processes: string;
}

function gatewayPaths(lab: string): GatewayPaths {
  const { gateway, config } = pathsOf(lab);
  return {
    state: join(gateway, "state"),
    runtime: join(gateway, "run"),
    defaults: join(config, "defaults.json"),
    plan: join(config, "gateway.json"),
    processes: join(gateway, "run", "processes"),
  };
}

export async function startGateway(lab: string, allInOne: boolean): Promise<void> {
  const state = readState(lab);
  if (state === undefined) throw new Error(`the lab "${lab}" is not up: bin/lab up`);
  const paths = gatewayPaths(lab);
  mkdirSync(join(paths.runtime, "bus"), { recursive: true });
  mkdirSync(paths.processes, { recursive: true });
  const defaults = factoryDefaults(state.operator, labelPassword(lab), state.vlan !== undefined);
  writeFileSync(paths.defaults, JSON.stringify(defaults, undefined, 2));
  const plan = await processPlan(lab, allInOne, paths);
  writeFileSync(paths.plan, JSON.stringify(plan, undefined, 2));
  const supervisor = programOf(join(import.meta.dirname, "supervisor.ts"));
  await serveAs(lab, "gw", "supervisor", [
    ...[process.execPath, "--disable-warning=ExperimentalWarning", supervisor],
    ...[paths.plan, paths.processes, pathsOf(lab).logs],
  ]);
  await waitUntilReady(lab);
}

async function processPlan(
  lab: string,
  allInOne: boolean,
  paths: GatewayPaths,
): Promise<ProcessPlan[]> {
  // Another build of the same program can be tried, and the lab's own tests put a stand-in here.
  const program = process.env.LAB_GATEWAY_PROGRAM ?? programOf(PROGRAM);
  if (!existsSync(program)) {
    throw new Error("the gateway's program is not there yet: use --gateway none");
  }
  const clock = clockEnvironment(lab);
  const door = join(paths.runtime, "ppp-holder.sock");
  const holds = existsSync("/dev/ppp");
  const daemon = (name: string, words: readonly string[]): ProcessPlan => ({
    name,
    argv: [process.execPath, "--disable-warning=ExperimentalWarning", program, "run", ...words],
    env: {
      PASSERELLE_STATE_DIR: paths.state,
      PASSERELLE_RUNTIME_DIR: paths.runtime,
      PASSERELLE_BUS: join(paths.runtime, "bus", `${name}.sock`),
      PASSERELLE_DEFAULTS: paths.defaults,
      // The machine's power is not the gateway's; its clock is not either, unless one says so (PASSERELLE_CLOCK=own).
      PASSERELLE_POWER: "exit",
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...clock,
      ...(holds ? { PASSERELLE_PPP_HOLDER: door } : {}),
    },
  });
  const held = holds ? [{ name: "ppp-holder", argv: [PPP_HOLDER, door], env: {} }] : [];
  if (allInOne) return [...held, daemon("all", ["--all"])];
  const argv = await brokerConfiguration(join(pathsOf(lab).config, "broker"), paths.runtime);
  return [
    ...[...held, { name: "broker", argv, env: {} }],
    ...DAEMONS.map((name) => daemon(name, [name])),
  ];
}

/** Holds sessions of PPPoE while `wan` is away; only a kernel with PPP has any. Node is in the checkout, wherever this file is. */
const PPP_HOLDER = join(
  dirname(process.execPath),
  "../../../build/native",
  process.arch,
  "passerelle-ppp-holder",
);

/** Ready for the home: the LAN has its address; DNS, DHCP and the page are served. The WAN may take longer. */
async function waitUntilReady(lab: string): Promise<void> {
  const gw = holderOf(lab, "gw");
  const page = () => !hasPage() || listens(gw, "tcp", 80);
  try {
    await waitFor(
      "the gateway is ready",
      async () =>
        listens(gw, "udp", 53) && hearsDhcp(gw) && page() && (await hasAddress(lab, LAN_BRIDGE)),
      READY_MS,
    );
  } catch (error) {
    const missing = [
      (await hasAddress(lab, LAN_BRIDGE)) ? [] : [`${LAN_BRIDGE} has no address`],
      listens(gw, "udp", 53) ? [] : ["nothing listens on port 53"],
      hearsDhcp(gw) ? [] : ["nothing hears DHCP"],
      page() ? [] : ["nothing serves the page"],
    ].flat();
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${text}: ${missing.join(", ")}\n${lastLogLines(lab)}`);
  }
}

/** A stand-in for our program serves none. */
function hasPage(): boolean {
  return process.env.LAB_GATEWAY_PROGRAM === undefined && DAEMONS.includes("web");
}

async function hasAddress(lab: string, device: string): Promise<boolean> {
  const outcome = await runAs(lab, "gw", ["ip", "-j", "-4", "address", "show", "dev", device]);
  return outcome.code === 0 && outcome.stdout.includes('"local"');
}

/** A DHCP server may hear by a UDP socket or by a packet socket. */
function hearsDhcp(gw: ProcessId): boolean {
  if (listens(gw, "udp", 67)) return true;
  return readFileSync(`/proc/${gw.pid}/net/packet`, "utf8").trim().split("\n").length > 1;
}

function lastLogLines(lab: string): string {
  const { logs } = pathsOf(lab);
  return ["broker", ...DAEMONS, "all", "supervisor"]
    .map((name) => [name, join(logs, `${name}.log`)] as const)
    .filter(([, file]) => existsSync(file))
    .map(([name, file]) => {
      const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(-LOG_LINES);
      return [`--- ${name}`, ...lines].join("\n");
    })
    .join("\n");
}

/** State of each process of the gateway, as the supervisor tells it; empty where there is none. */
export async function daemonStates(lab: string): Promise<readonly ProcessState[]> {
  if (isCarried(lab)) return callThere(lab, "daemons");
  return isMachine(lab) ? guestDaemons(lab) : supervisedStates(lab);
}

function supervisedStates(lab: string): readonly ProcessState[] {
  try {
    const path = join(gatewayPaths(lab).processes, "state.json");
    return JSON.parse(readFileSync(path, "utf8")) as ProcessState[];
  } catch {
    return [];
  }
}

export type RunningProcess = ProcessState & { readonly pid: number };

export async function daemonProcess(lab: string, name: string): Promise<RunningProcess> {
  return running(await daemonStates(lab), name);
}

/** Where the gateway is processes of this machine. */
export function supervisedProcess(lab: string, name: string): RunningProcess {
  return running(supervisedStates(lab), name);
}

function running(states: readonly ProcessState[], name: string): RunningProcess {
  const found = states.find((state) => state.name === name);
  if (found === undefined) {
    const known = states.map((state) => state.name).join(", ") || "none";
    throw new Error(`the gateway has no process "${name}" (it has: ${known})`);
  }
  if (found.pid === undefined) throw new Error(`the gateway's process "${name}" is between starts`);
  return { ...found, pid: found.pid };
}

export async function killDaemon(
  lab: string,
  name: string | undefined,
  signal: string,
): Promise<undefined> {
  if (name === undefined) throw new Error(`which daemon? ${DAEMONS.join(", ")}, broker`);
  const { pid } = await daemonProcess(lab, name);
  await mustOn(lab, "gw", ["kill", `-${signal}`, String(pid)]);
}
