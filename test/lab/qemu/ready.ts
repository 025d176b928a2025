import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runAs } from "../host.ts";
import { type Outcome, waitFor } from "../process.ts";
import { pathsOf } from "../state.ts";
import type { HostName } from "../topology.ts";
import { Agent, mustInGuest } from "./agent.ts";
import { machinePaths } from "./paths.ts";

/** Milliseconds from power on until somebody of the home had it. */
export interface ServedTimes {
  readonly dhcp: number;
  readonly names: number;
  readonly page: number;
}

/** Who looks whether the home is served: its lease is one of the home from then on. */
const PROBE: HostName = "desk";
const READY_MS = Number(process.env.LAB_READY_MS ?? 300_000);
const CONSOLE_LINES = 40;
const FAILURES = join(import.meta.dirname, "../../../build/failures");

export async function waitUntilServed(lab: string, began: number): Promise<ServedTimes> {
  const since = async (what: string, ask: () => Promise<boolean>): Promise<number> => {
    const served = async (): Promise<boolean> => {
      if (await ask()) return true;
      if (await isPoweredOn(lab)) return false;
      throw new Error(`QEMU ended: see ${pathsOf(lab).logs}/qemu.log`);
    };
    await waitFor(`${what} for the home`, served, READY_MS, 100);
    return Math.round(performance.now() - began);
  };
  try {
    const dhcp = await since("an address", async () => (await asks(lab, UDHCPC)).code === 0);
    const [names, page] = await Promise.all([
      since("the resolver", async () => (await asks(lab, DIG)).stdout.includes("home.arpa")),
      since("the page", async () => (await asks(lab, CURL)).code === 0),
    ]);
    const times = { dhcp, names, page };
    writeFileSync(machinePaths(lab).times, JSON.stringify(times));
    await agentAnswers(lab);
    return times;
  } catch (error) {
    await fetchJournal(lab);
    keepLogs(lab);
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${text}\n--- console\n${lastLines(machinePaths(lab).console)}`);
  }
}

const UDHCPC = [
  "udhcpc",
  "-i",
  "eth0",
  "-n",
  "-q",
  "-t",
  "6",
  "-T",
  "1",
  "-x",
  `hostname:${PROBE}`,
];
const DIG = ["dig", "+tries=1", "+time=1", "-x", "192.168.1.1", "@192.168.1.1"];
const CURL = ["curl", "-sSf", "-m", "3", "-o", "/dev/null", "http://192.168.1.1/"];

function asks(lab: string, argv: readonly string[]): Promise<Outcome> {
  return runAs(lab, PROBE, argv, { timeoutMs: 10_000 });
}

export async function isPoweredOn(lab: string): Promise<boolean> {
  const pid = readFileSync(machinePaths(lab).pid, "utf8").trim();
  return (await runAs(lab, "gw", ["kill", "-0", pid])).code === 0;
}

async function agentAnswers(lab: string): Promise<void> {
  using agent = await Agent.open(lab);
  await agent.call("guest-ping");
}

export function readTimes(lab: string): ServedTimes | undefined {
  try {
    return JSON.parse(readFileSync(machinePaths(lab).times, "utf8")) as ServedTimes;
  } catch {
    return undefined;
  }
}

export function timesText(times: ServedTimes): string {
  const said = Object.entries(times).map(([what, ms]) => `${what} ${(ms / 1000).toFixed(1)} s`);
  return `from power on: ${said.join(", ")}`;
}

/** Copies the machine's journal into the lab's logs; a machine that no longer answers has only its console. */
export async function fetchJournal(lab: string): Promise<void> {
  try {
    using agent = await Agent.open(lab);
    await agent.call("guest-ping", {}, 3000);
    const text = await mustInGuest(
      lab,
      ["journalctl", "--no-pager", "-o", "short-monotonic", "-T", "qemu-ga"],
      {
        timeoutMs: 10_000,
      },
    );
    writeFileSync(machinePaths(lab).journal, text);
  } catch {
    // The console is there.
  }
}

/** Where they outlive the lab, for who reads a failed run. */
export function keepLogs(lab: string): void {
  const { console: terminal, journal } = machinePaths(lab);
  mkdirSync(FAILURES, { recursive: true });
  for (const path of [terminal, journal]) {
    if (existsSync(path)) cpSync(path, join(FAILURES, `${lab}-${path.split("/").at(-1)}`));
  }
}

function lastLines(path: string): string {
  if (!existsSync(path)) return "";
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-CONSOLE_LINES).join("\n");
}
