import { existsSync, readdirSync } from "node:fs";
import { down, up } from "../neighbourhood.ts";
import { commandLine, processNumbers } from "../process.ts";
import { LABS_DIRECTORY, pathsOf } from "../state.ts";
import { whyNoMachine } from "./kernel.ts";

/**
 * Before and after the tests of the project `vm`: one machine carries the lab of all of them, because its start takes
 * longer than they do. `LAB_VM` names one that is up already and stays (bin/lab up --kernel vm).
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  const why = whyNoMachine();
  if (why !== undefined) {
    process.stdout.write(`vm: skipped: ${why}\n`);
    return undefined;
  }
  if (process.env.LAB_VM !== undefined) return undefined;
  await clearDeadRuns();
  const name = `vm-${process.pid}`;
  try {
    const state = await up({ ...PLAIN, name });
    process.stdout.write(`vm: the lab is up after ${((state.upMs ?? 0) / 1000).toFixed(1)} s\n`);
  } catch (error) {
    await down(name);
    throw error;
  }
  process.env.LAB_VM = name;
  return async () => {
    delete process.env.LAB_VM;
    await down(name);
    const left = leftOf(name);
    if (left.length > 0) throw new Error(`the lab left behind: ${left.join("; ")}`);
  };
}

/** One process for all daemons: each is loaded once, on a machine that is slow at loading. */
const PLAIN = { operator: "ethernet", gateway: "namespace", kernel: "vm", allInOne: true } as const;

/** A run that was killed could not take its machine down. */
async function clearDeadRuns(): Promise<void> {
  const labs = existsSync(LABS_DIRECTORY) ? readdirSync(LABS_DIRECTORY) : [];
  for (const lab of labs) {
    const run = /^vm-(\d+)$/.exec(lab)?.[1];
    if (run !== undefined && !existsSync(`/proc/${run}`)) await down(lab);
  }
}

function leftOf(name: string): readonly string[] {
  const { directory } = pathsOf(name);
  const processes = processNumbers()
    .map((pid) => commandLine(pid).join(" "))
    .filter((words) => words.includes(directory));
  return [...processes, ...(existsSync(directory) ? [directory] : [])];
}
