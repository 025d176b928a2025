import { mkdirSync, rmdirSync } from "node:fs";
import { startGateway } from "./gateway/gateway.ts";
import { enterArguments, killHolders, startDisk, startHost } from "./holder.ts";
import { ACCESS_VLANS, startOperator } from "./operator/operator.ts";
import { identify, isAlive, must, type ProcessId } from "./process.ts";
import { startMachine } from "./qemu/machine.ts";
import { startAuthority, startResolver } from "./services/dns.ts";
import { startInternet } from "./services/internet.ts";
import {
  type GatewayKind,
  type KernelKind,
  LABS_DIRECTORY,
  type LabState,
  makeDirectories,
  type OperatorName,
  readState,
  removeDirectories,
  writeState,
} from "./state.ts";
import {
  DISK,
  HOSTS,
  type HolderName,
  LINKS,
  type Link,
  MACHINE,
  NETWORK,
  SYSCTL,
  taggedAccess,
  WIRES,
} from "./topology.ts";
import { callThere } from "./vm/channel.ts";
import { bootMachine, powerOffMachine } from "./vm/machine.ts";

export interface UpOptions {
  readonly name: string;
  readonly operator: OperatorName;
  readonly gateway: GatewayKind;
  readonly kernel?: KernelKind;
  /** As in LabState; a kernel of the lab's own has the operator's unless one is named. */
  readonly vlan?: number;
  readonly allInOne: boolean;
  readonly movableClock?: boolean;
  readonly recordWrites?: boolean;
}

/** Size of the disk that holds the gateway's state. */
const DISK_MEBIBYTES = 64;
const HOLDERS: readonly HolderName[] = [WIRES, ...HOSTS];

/** Brings the neighbourhood up; what a dead `up` or a crash left behind is cleared first. */
export async function up(options: UpOptions): Promise<LabState> {
  const began = performance.now();
  const { name, kernel = "host" } = options;
  const vlan = options.vlan ?? (kernel === "host" ? undefined : ACCESS_VLANS[options.operator]);
  if (kernel !== "host" && options.gateway === "qemu") {
    throw new Error("--kernel vm has no --gateway qemu: a machine in a machine");
  }
  await clear(name);
  makeDirectories(name, kernel === "host" ? HOLDERS : [MACHINE]);
  let state: LabState = {
    ...options,
    kernel,
    ...(vlan === undefined ? {} : { vlan }),
    up: identify(process.pid),
    complete: false,
    startedAt: new Date().toISOString(),
    holders: {},
  };
  writeState(state);
  const note = (holder: HolderName, id: ProcessId) => {
    state = { ...state, holders: { ...state.holders, [holder]: id } };
    writeState(state);
    return id;
  };
  try {
    if (kernel !== "host") {
      note(MACHINE, await startHost(name, MACHINE));
      await bootMachine(name, kernel);
      const inside: UpOptions = {
        ...options,
        kernel: "host",
        ...(vlan === undefined ? {} : { vlan }),
      };
      await callThere(name, "up", [inside]);
    } else {
      await raise(options, note, () => state);
    }
  } catch (error) {
    // The logs stay for the one who reads the error; the next `up` or `down` clears them.
    await killHolders(name, Object.values(state.holders));
    throw error;
  }
  state = { ...state, complete: true, upMs: Math.round(performance.now() - began) };
  writeState(state);
  return state;
}

/** All hosts, their cables and what runs on them, on the kernel that this process is on. */
async function raise(
  options: UpOptions,
  note: (holder: HolderName, id: ProcessId) => ProcessId,
  noted: () => LabState,
): Promise<void> {
  const { name } = options;
  const disk = note(DISK, await startDisk(name, DISK_MEBIBYTES));
  await Promise.all(
    HOLDERS.map(async (holder) =>
      note(holder, await startHost(name, holder, holder === "gw" ? disk : undefined)),
    ),
  );
  await connect(noted(), LINKS);
  await Promise.all(HOLDERS.map((holder) => configure(noted(), holder)));
  await Promise.all([
    startInternet(name),
    startAuthority(name),
    startResolver(name),
    startOperator(name, options.operator),
  ]);
  if (options.gateway === "namespace") await startGateway(name, options.allInOne);
  if (options.gateway === "qemu") await startMachine(name);
}

/** Ends everything of a lab. Doing it twice, or to half a lab, is fine. */
export async function down(name: string): Promise<void> {
  const state = readState(name);
  const machine = state?.holders[MACHINE];
  if (machine !== undefined && isAlive(machine)) await powerOffMachine(name);
  await killHolders(name, Object.values(state?.holders ?? {}));
  removeDirectories(name);
  try {
    rmdirSync(LABS_DIRECTORY);
  } catch {
    // Other labs stand.
  }
}

async function clear(name: string): Promise<void> {
  mkdirSync(LABS_DIRECTORY, { recursive: true });
  const state = readState(name);
  if (state !== undefined) {
    const { up: maker } = state;
    if (!state.complete && maker !== undefined && maker.pid !== process.pid && isAlive(maker)) {
      throw new Error(`lab "${name}" is being brought up by process ${maker.pid}`);
    }
    const holders = Object.values(state.holders);
    if (state.complete && holders.length > 0 && holders.every(isAlive)) {
      throw new Error(`lab "${name}" is already up: bin/lab down --name ${name} first`);
    }
  }
  await down(name);
  mkdirSync(LABS_DIRECTORY, { recursive: true });
}

/** Lays cables. Each pair is made inside its two namespaces: the machine's own network sees nothing. */
async function connect(state: LabState, links: readonly Link[]): Promise<void> {
  const lines = links.map(({ a, b }) => {
    const end = (e: Link["a"]) =>
      `address ${e.mac} netns ${state.holders[e.host]?.pid} numtxqueues 1 numrxqueues 1`;
    return `link add name ${a.interface} ${end(a)} type veth peer name ${b.interface} ${end(b)}`;
  });
  await must(["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

async function configure(state: LabState, holder: HolderName): Promise<void> {
  const id = state.holders[holder];
  if (id === undefined) throw new Error(`invariant: ${holder} has no process`);
  const enter = enterArguments(id, { namespaces: "network" });
  const lines = [
    ...(state.vlan === undefined ? [] : taggedAccess(holder, state.vlan)),
    ...(NETWORK[holder] ?? (holder === "gw" ? [] : ["link set eth0 up"])),
  ];
  if (lines.length > 0) {
    await must([...enter, "ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }
  const settings = SYSCTL[holder];
  if (settings) await must([...enter, "sysctl", "-q", "-w", ...settings]);
}
