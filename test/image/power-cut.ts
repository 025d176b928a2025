import { appendFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Lab } from "../lab/lab.ts";
import { must } from "../lab/process.ts";
import { killMachine, powerOn } from "../lab/qemu/machine.ts";
import { machinePaths } from "../lab/qemu/paths.ts";
import { BUILT } from "./built.ts";
import { type Cut, chooseCuts, entriesSoFar, replayOnto } from "./replay.ts";

/**
 * The power goes while the box writes. Killing QEMU would not show it: what the machine wrote and never
 * flushed is in this machine's memory then. So each write of a run is noted, and at some of its flushes a disk is made
 * that has what was promised, and of the rest what chance left. The box must start from each of them.
 */
export const CUTS = Number(process.env.POWER_CUTS ?? 3);
const SEED = Number(process.env.POWER_CUT_SEED ?? 1);

/** Entries of the lab's log now: what the box said by now is promised by them. */
export function written(lab: Lab): number {
  return entriesSoFar(machinePaths(lab.name).writes);
}

/** Cut number `n` of CUTS, among what was written from an entry on. */
export function cutNumber(lab: Lab, n: number, from: number): Cut {
  const { image, writes } = machinePaths(lab.name);
  const cut = chooseCuts(writes, statSync(image).size, CUTS, SEED, from)[n];
  if (cut === undefined) throw new Error("the run has fewer flushes than cuts are wanted");
  return cut;
}

/** Starts the box from the disk that the cut leaves; `judge` sees it serve the home. */
export async function startsAfter(lab: Lab, cut: Cut, judge: () => Promise<void>): Promise<void> {
  const { image, writes } = machinePaths(lab.name);
  const disk = join(lab.paths.directory, "cut.raw");
  await must(["cp", "--sparse=always", image, disk]);
  const late = replayOnto(disk, writes, cut);
  console.log(`cut after entry ${cut.point}, ${late} writes behind it (seed ${cut.seed})`);
  try {
    await powerOn(lab.name, { disk: { path: disk, format: "raw" } });
    await judge();
    expect(await integrity(lab)).toBe("ok");
    note(`held: entry ${cut.point}, ${late} writes behind it, seed ${cut.seed}`);
  } catch (error) {
    note(`LOST: entry ${cut.point}, ${late} writes behind it, seed ${cut.seed}: ${String(error)}`);
    throw error;
  } finally {
    await killMachine(lab.name);
    rmSync(disk);
  }
}

/** A run of many cuts takes hours: what each came to is kept, also where somebody ends the run. */
function note(verdict: string): void {
  const { currentTestName = "" } = expect.getState();
  appendFileSync(VERDICTS, `${new Date().toISOString()} ${currentTestName} ${verdict}\n`);
}

const VERDICTS = join(BUILT, "work/power-cuts.log");

/** What SQLite says of the store of the revisions; its daemon, which lets nobody else in, ends for it. */
async function integrity(lab: Lab): Promise<string> {
  await lab.must("gw", ["systemctl", "stop", "passerelle@config.service"], { timeoutMs: 30_000 });
  const program = `
    const { DatabaseSync } = require("node:sqlite");
    const store = new DatabaseSync("${lab.places.state}/config/config.db", { readOnly: true });
    console.log(store.prepare("PRAGMA integrity_check").all().map((row) => row.integrity_check).join("\\n"));
  `;
  return (await lab.must("gw", ["node", "-e", program], { timeoutMs: 20_000 })).trim();
}
