import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Box, type WanView } from "../interop/box.ts";
import { supervisedProcess } from "../lab/gateway/gateway.ts";
import { Lab } from "../lab/lab.ts";
import { type BenchSection, median, table } from "./section.ts";

/** What the box costs while it does nothing, and how soon it is back: its own processes in the lab. */
const PROCESSES = ["broker", "config", "system", "firewall", "wan", "lan", "web"] as const;
const IDLE_MS = 30_000;
const ROUNDS = 5;
/** Unit of processor time in /proc: sysconf(_SC_CLK_TCK) on Linux. */
const TICKS_PER_SECOND = 100;

export async function benchBox(): Promise<BenchSection> {
  const lab = await Lab.up({ operator: "ethernet" });
  try {
    const box = new Box(lab);
    await box.until<WanView>("wan/state", "online", (wan) => wan.reach.kind === "online");
    await lab.lease("udhcpc", "lan1");
    const idle = await measureIdle(lab);
    const names = await rounds(() => restart(lab, "lan"));
    const carrier = await rounds(() => carrierToBound(lab, box));
    return { title: "The box", markdown: markdown(lab.upMs, idle, names, carrier) };
  } finally {
    await lab.down();
  }
}

interface Idle {
  readonly name: string;
  readonly pssMiB: number;
  readonly cpuPercent: number;
}

async function measureIdle(lab: Lab): Promise<readonly Idle[]> {
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const before = PROCESSES.map((name) => processorTicks(lab, name));
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return PROCESSES.map((name, i) => ({
    name,
    pssMiB: pssKiB(lab, name) / 1024,
    cpuPercent:
      ((processorTicks(lab, name) - (before[i] ?? 0)) / TICKS_PER_SECOND / (IDLE_MS / 1000)) * 100,
  }));
}

/** From kill -9 to the next answered name, asked a hundred times a second. */
async function restart(lab: Lab, daemon: string): Promise<number> {
  const program = join(import.meta.dirname, "../faults/dns-probe.ts");
  const argv = [process.execPath, program, "192.168.1.1", "6", "lan2.home.arpa"];
  const probe = lab.exec("lan1", argv, { timeoutMs: 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await lab.fault("daemon-kill", daemon);
  return (JSON.parse((await probe).stdout) as { readonly longestGapMs: number }).longestGapMs;
}

interface History {
  readonly transitions: readonly {
    readonly at: number;
    readonly layer: string;
    readonly to: string;
  }[];
}

/** By the box's own history: cable up to address in the kernel. */
async function carrierToBound(lab: Lab, box: Box): Promise<number> {
  await lab.fault("carrier-loss", "1");
  await box.until<WanView>("wan/state", "bound", (wan) => wan.session.kind === "bound");
  await new Promise((resolve) => setTimeout(resolve, 500));
  const history = await box.get<History>("wan/history");
  const transitions = history?.transitions ?? [];
  const up = transitions.findLast((one) => one.layer === "access" && one.to === "up");
  const bound = transitions.find(
    (one) => one.layer === "session" && one.to === "bound" && one.at >= (up?.at ?? 0),
  );
  if (up === undefined || bound === undefined) throw new Error("no carrier in the history");
  return bound.at - up.at;
}

async function rounds(measure: () => Promise<number>): Promise<readonly number[]> {
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) values.push(await measure());
  return values;
}

/** The process as this machine sees it; the lab names it as `gw` does. */
function procPath(lab: Lab, name: string): string {
  return join(
    "/proc",
    `${lab.hostPid("gw")}`,
    "root",
    "proc",
    `${supervisedProcess(lab.name, name).pid}`,
  );
}

function pssKiB(lab: Lab, name: string): number {
  const text = readFileSync(`${procPath(lab, name)}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]);
}

function processorTicks(lab: Lab, name: string): number {
  const text = readFileSync(`${procPath(lab, name)}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function markdown(
  upMs: number,
  idle: readonly Idle[],
  names: readonly number[],
  carrier: readonly number[],
): string {
  const sum = (pick: (one: Idle) => number) => idle.reduce((all, one) => all + pick(one), 0);
  const spread = (values: readonly number[]) =>
    `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
  return [
    table([
      ["process", "PSS MiB", "% of a core, idle 30 s"],
      ...idle.map((one) => [one.name, one.pssMiB.toFixed(1), one.cpuPercent.toFixed(2)]),
      ["all", sum((one) => one.pssMiB).toFixed(1), sum((one) => one.cpuPercent).toFixed(2)],
    ]),
    "",
    table([
      ["what", `median of ${ROUNDS} (lowest to highest)`],
      ["the neighbourhood up, gateway serving", `${upMs} ms (once)`],
      ["kill -9 of lan to the next answered name, supervisor's 200 ms included", spread(names)],
      ["carrier back to the lease confirmed by the operator (INIT-REBOOT)", spread(carrier)],
    ]),
  ].join("\n");
}
