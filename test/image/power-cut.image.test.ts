import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Box } from "../interop/box.ts";
import { Lab } from "../lab/lab.ts";
import { must } from "../lab/process.ts";
import { killMachine, powerOn } from "../lab/qemu/machine.ts";
import { machinePaths } from "../lab/qemu/paths.ts";
import { type Cut, chooseCuts, entriesSoFar, replayOnto } from "./replay.ts";

/**
 * The power goes while the box writes its configuration. Killing QEMU would not show it: what the machine wrote
 * and never flushed is in this machine's memory then. So each write of a run is noted, and at some of its flushes a
 * disk is made that has what was promised, and of the rest what chance left. The box must start from each of them.
 */
const CUTS = Number(process.env.POWER_CUTS ?? 3);
const SEED = Number(process.env.POWER_CUT_SEED ?? 1);
const COMMITS = 5;

interface Acknowledged {
  readonly revision: number;
  readonly answersPing: boolean;
  /** Entries of the log when the box had said that it keeps the revision. */
  readonly entries: number;
}

interface ConfigView {
  readonly revision: number;
}

let lab: Lab;
let box: Box;
/** Entries of the log before the first commit. */
let quiet = 0;
const promised: Acknowledged[] = [];

beforeAll(async () => {
  lab = await Lab.up({ gateway: "qemu", recordWrites: true });
  box = new Box(lab);
  const { writes } = machinePaths(lab.name);
  quiet = entriesSoFar(writes);
  for (let n = 0; n < COMMITS; n += 1) {
    const answersPing = n % 2 === 1;
    const outcome = await box.call<{ readonly revision: number }>("config/apply", {
      changes: [{ section: "firewall", patch: { answerPing: answersPing } }],
      author: { name: "test", origin: "lan" },
    });
    if (!outcome.ok) throw new Error(`commit ${n}: ${outcome.fault.code}`);
    promised.push({ revision: outcome.data.revision, answersPing, entries: entriesSoFar(writes) });
  }
  await killMachine(lab.name);
});
afterAll(() => lab.down());

test("the run is a run: each commit was flushed before it was acknowledged", () => {
  const entries = promised.map((one) => one.entries);
  expect([...new Set(entries)].sort((a, b) => a - b)).toEqual(entries);
  expect(entries[0]).toBeGreaterThan(quiet);
});

describe("a cut at a flush", () => {
  test.each(Array.from({ length: CUTS }, (_, n) => n))("number %i", async (n) => {
    const { image, writes } = machinePaths(lab.name);
    // A third of them while the box starts for the first time.
    const from = n % 3 === 2 ? 0 : quiet;
    const cut = chooseCuts(writes, statSync(image).size, CUTS, SEED, from)[n];
    if (cut === undefined) throw new Error("the run has fewer flushes than cuts are wanted");
    await startsAfter(cut);
  });
});

async function startsAfter(cut: Cut): Promise<void> {
  const { image, writes } = machinePaths(lab.name);
  const disk = join(lab.paths.directory, "cut.raw");
  await must(["cp", "--sparse=always", image, disk]);
  const late = replayOnto(disk, writes, cut);
  const kept = promised.findLast(({ entries }) => entries <= cut.point + 1);
  console.log(
    `cut after entry ${cut.point}, ${late} writes behind it (seed ${cut.seed}); ` +
      `revision ${kept?.revision ?? "none"} was promised`,
  );
  try {
    await powerOn(lab.name, { disk: { path: disk, format: "raw" } });
    const state = await box.until<ConfigView>("config/state", "a revision", () => true);
    expect(state.revision).toBeGreaterThanOrEqual(kept?.revision ?? 0);
    const known = promised.find(({ revision }) => revision === state.revision);
    if (known !== undefined) expect(await answersPing()).toBe(known.answersPing);
    expect(await integrity()).toBe("ok");
  } finally {
    await killMachine(lab.name);
    rmSync(disk);
  }
}

async function answersPing(): Promise<boolean> {
  const { stdout } = await lab.passerelle(["config", "get", "firewall/answerPing"]);
  return stdout.trim() === "true";
}

/** What SQLite says of the store of the revisions. */
async function integrity(): Promise<string> {
  const program = `
    const { DatabaseSync } = require("node:sqlite");
    const store = new DatabaseSync("${lab.places.state}/config/config.db", { readOnly: true });
    console.log(store.prepare("PRAGMA integrity_check").all().map((row) => row.integrity_check).join("\\n"));
  `;
  return (await lab.must("gw", ["node", "-e", program], { timeoutMs: 20_000 })).trim();
}
