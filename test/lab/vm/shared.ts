import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { down, up } from "../neighbourhood.ts";
import { commandLine, processNumbers } from "../process.ts";
import { pathsOf } from "../state.ts";
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
  const name = `vm-${randomBytes(4).toString("hex")}`;
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

function leftOf(name: string): readonly string[] {
  const { directory } = pathsOf(name);
  const processes = processNumbers()
    .map((pid) => commandLine(pid).join(" "))
    .filter((words) => words.includes(directory));
  return [...processes, ...(existsSync(directory) ? [directory] : [])];
}
