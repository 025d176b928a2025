import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Box } from "../interop/box.ts";
import { Lab } from "../lab/lab.ts";
import { killMachine } from "../lab/qemu/machine.ts";
import { CUTS, cutNumber, startsAfter, written } from "./power-cut.ts";

/** The power goes while the box writes its configuration. */
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
  quiet = written(lab);
  for (let n = 0; n < COMMITS; n += 1) {
    const answersPing = n % 2 === 1;
    const outcome = await box.call<{ readonly revision: number }>("config/apply", {
      changes: [{ section: "firewall", patch: { answerPing: answersPing } }],
      author: { name: "test", origin: "lan" },
    });
    if (!outcome.ok) throw new Error(`commit ${n}: ${outcome.fault.code}`);
    promised.push({ revision: outcome.data.revision, answersPing, entries: written(lab) });
  }
  await killMachine(lab.name);
});
afterAll(() => lab?.down());

test("the run is a run: each commit was flushed before it was acknowledged", () => {
  const entries = promised.map((one) => one.entries);
  expect([...new Set(entries)].sort((a, b) => a - b)).toEqual(entries);
  expect(entries[0]).toBeGreaterThan(quiet);
});

describe("a cut at a flush", () => {
  test.each(Array.from({ length: CUTS }, (_, n) => n))("number %i", async (n) => {
    // A third of them while the box starts for the first time.
    const cut = cutNumber(lab, n, n % 3 === 2 ? 0 : quiet);
    const kept = promised.findLast(({ entries }) => entries <= cut.point + 1);
    await startsAfter(lab, cut, async () => {
      const state = await box.until<ConfigView>("config/state", "a revision", () => true);
      expect(state.revision).toBeGreaterThanOrEqual(kept?.revision ?? 0);
      const known = promised.find(({ revision }) => revision === state.revision);
      if (known !== undefined) expect(await answersPing()).toBe(known.answersPing);
    });
  });
});

async function answersPing(): Promise<boolean> {
  const { stdout } = await lab.passerelle(["config", "get", "firewall/answerPing"]);
  return stdout.trim() === "true";
}
