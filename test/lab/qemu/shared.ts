import { existsSync, readdirSync, statSync } from "node:fs";
import { runAs } from "../host.ts";
import { down, up } from "../neighbourhood.ts";
import { controlPath, INITIAL_CONTROL, readControl } from "../operator/control.ts";
import { controlOperator } from "../operator/operator.ts";
import { isAlive, sleep } from "../process.ts";
import { LABS_DIRECTORY, type LabState, type OperatorName, readState } from "../state.ts";
import { HOME_HOSTS, WAN_PORT, WIRES } from "../topology.ts";
import { Agent } from "./agent.ts";
import { builtImage, setCarrier, switchOn } from "./machine.ts";
import { machinePaths } from "./paths.ts";
import { Qmp } from "./qmp.ts";
import { isPoweredOn } from "./ready.ts";

/**
 * One machine for many test files: it boots once, and each file finds it as it was when it first
 * served the home. A boot takes a minute, going back to that moment a second.
 */

const SNAPSHOT = "served";
const SAVE_MS = 120_000;
const SETTLE_MS = 10_000;

export async function borrow(operator: OperatorName): Promise<LabState> {
  const name = sharedName(operator);
  const state = readState(name);
  const stands =
    state?.complete === true && Object.values(state.holders).every(isAlive) && isFresh(name);
  if (stands) {
    await goBack(state);
    return state;
  }
  const risen = await up({ name, operator, gateway: "qemu", allInOne: false });
  // The programs of the box have done what a start makes them do.
  await sleep(SETTLE_MS);
  await monitor(name, `savevm ${SNAPSHOT}`);
  return risen;
}

/** Nobody uses it now: a machine that stands still costs nothing. */
export async function giveBack(name: string): Promise<void> {
  if (await isPoweredOn(name)) await qmp(name, "stop");
}

/** Ends the machines of this run, and those of runs that died. */
export async function downShared(): Promise<void> {
  for (const name of labNames()) {
    const run = Number(/^image-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(run) || (run !== process.pid && existsSync(`/proc/${run}`))) continue;
    await down(name);
  }
}

/** Two runs on one machine have machines of their own: `LAB_SHARED` is the process of the run. */
function sharedName(operator: OperatorName): string {
  return `image-${process.env.LAB_SHARED}-${operator}`;
}

function labNames(): readonly string[] {
  return existsSync(LABS_DIRECTORY) ? readdirSync(LABS_DIRECTORY) : [];
}

/** The image that the lab was brought up with is still the build's. */
function isFresh(name: string): boolean {
  const kept = statSync(machinePaths(name).image, { throwIfNoEntry: false });
  const built = statSync(builtImage(), { throwIfNoEntry: false });
  return kept !== undefined && kept.mtimeMs === built?.mtimeMs && kept.size === built.size;
}

async function goBack({ name, operator }: LabState): Promise<void> {
  await runAs(name, WIRES, ["ip", "link", "set", WAN_PORT, "up"]);
  await Promise.all([...HOME_HOSTS, "attacker-wan" as const].map((host) => emptyHost(name, host)));
  if (JSON.stringify(readControl(controlPath(name))) !== JSON.stringify(INITIAL_CONTROL)) {
    await controlOperator(name, operator, () => INITIAL_CONTROL);
  }
  if (await isPoweredOn(name)) {
    await qmp(name, "stop");
    await monitor(name, `loadvm ${SNAPSHOT}`);
    await qmp(name, "cont");
  } else {
    await switchOn(name, { snapshot: SNAPSHOT });
  }
  await setCarrier(name, "wan0", true);
  using agent = await Agent.open(name);
  await agent.call("guest-ping");
}

/** As after `up`: nothing runs there, and a home's host has no address. */
async function emptyHost(
  lab: string,
  host: (typeof HOME_HOSTS)[number] | "attacker-wan",
): Promise<void> {
  await runAs(lab, host, ["kill", "-KILL", "--", "-1"]);
  if (host === "attacker-wan") return;
  const lines = ["address flush dev eth0", "route flush dev eth0", "neigh flush dev eth0"];
  await runAs(lab, host, ["ip", "-force", "-batch", "-"], { input: `${lines.join("\n")}\n` });
  await runAs(lab, host, ["tee", "/etc/resolv.conf"], { input: "# no resolver yet\n" });
}

async function qmp(name: string, command: string): Promise<void> {
  using door = await Qmp.open(machinePaths(name).qmp);
  await door.call(command);
}

async function monitor(name: string, line: string): Promise<void> {
  using door = await Qmp.open(machinePaths(name).qmp);
  await door.monitor(line, SAVE_MS);
}
