import { transitionTable } from "@passerelle/testkit";
import { instant, wallTime } from "@passerelle/time";
import { expect, test } from "vitest";
import {
  UPGRADE_INPUT_KINDS,
  type UpgradeEffect,
  type UpgradeInput,
} from "../../src/core/upgrade/input.ts";
import {
  check,
  deadline,
  initial,
  NOTHING_REMEMBERED,
  type UpgradeState,
} from "../../src/core/upgrade/state.ts";
import { step } from "../../src/core/upgrade/step.ts";

const NOW = instant(300_000);
const AT = wallTime(1_800_000_000_000);
const release = { version: "0.1.0", board: "test" };
const bundle = { compatible: "passerelle-test", version: "0.2.0" };
const slots = {
  booted: "A",
  slots: [
    { name: "A", isBooted: true, isGood: true },
    { name: "B", isBooted: false, isGood: true, version: "0.0.9", isWhole: true },
  ],
};
const pending = {
  why: "upgrade" as const,
  slot: "B",
  version: "0.2.0",
  from: "0.1.0",
  author: "Anna",
  bootId: "this",
  whole: true,
};
const fresh = initial(release, NOTHING_REMEMBERED, "this");
const seen: UpgradeState = {
  ...fresh,
  slots,
  phase: { kind: "idle" },
  proof: { kind: "watching", checkAt: NOW, missing: [], good: undefined },
};
const fault = { code: "upgrade_damaged", text: { fr: "", en: "" } };
const installing = {
  ...{ kind: "installing" as const, bundle, author: "Anna", restart: true },
  ...{ percent: 50, begun: true, lookAt: NOW, blind: 0 },
};
const trial: UpgradeState = {
  ...seen,
  slots: { ...slots, booted: "B" },
  phase: { kind: "trial" },
  memory: { ...NOTHING_REMEMBERED, pending },
};

const STATES: Readonly<Record<string, UpgradeState>> = {
  starting: fresh,
  "starting again": { ...fresh, phase: { kind: "starting", tryAt: NOW, tries: 6 } },
  unsupported: { ...fresh, phase: { kind: "unsupported", tryAt: undefined } },
  "away for now": { ...fresh, phase: { kind: "unsupported", tryAt: NOW } },
  idle: seen,
  "nearly proved": {
    ...seen,
    proof: {
      ...{ kind: "watching", checkAt: NOW, missing: [] },
      good: { since: instant(NOW - 20_000), lives: "x" },
    },
  },
  marking: { ...seen, proof: { kind: "marking", tryAt: NOW } },
  proven: { ...seen, proof: { kind: "proven" } },
  inspecting: { ...seen, phase: { kind: "inspecting", file: "a.raucb", author: "Anna" } },
  refused: { ...seen, phase: { kind: "refused", fault } },
  ready: { ...seen, phase: { kind: "ready", file: "a.raucb", bundle } },
  installing: { ...seen, phase: installing, memory: { ...seen.memory, pending } },
  failed: { ...seen, phase: { kind: "failed", fault, bundle } },
  installed: { ...seen, phase: { kind: "installed" }, memory: { ...seen.memory, pending } },
  restarting: { ...seen, phase: { kind: "restarting" }, memory: { ...seen.memory, pending } },
  trial,
  "trial marking": { ...trial, proof: { kind: "marking", tryAt: undefined } },
};

const error = { code: "damaged", text: "x" } as const;
const INPUTS: Readonly<Record<(typeof UPGRADE_INPUT_KINDS)[number], UpgradeInput>> = {
  timeout: { kind: "timeout" },
  start: { kind: "start" },
  slots: { kind: "slots", status: slots, at: AT },
  slots_failed: { kind: "slots_failed", error },
  inspect: { kind: "inspect", file: "b.raucb", author: "Paul" },
  inspected: { kind: "inspected", bundle },
  inspect_failed: { kind: "inspect_failed", error },
  install: { kind: "install", restart: false, author: "Paul" },
  begun: { kind: "begun" },
  begin_failed: { kind: "begin_failed", error },
  progress: { kind: "progress", progress: { kind: "idle", percent: 100 } },
  progress_failed: { kind: "progress_failed", error },
  rollback: { kind: "rollback", author: "Paul" },
  activated: { kind: "activated" },
  activate_failed: { kind: "activate_failed", error },
  forget: { kind: "forget" },
  health: { kind: "health", missing: [], lives: "x" },
  marked: { kind: "marked", at: AT },
  mark_failed: { kind: "mark_failed", error },
  restarting: { kind: "restarting" },
};

test("every state meets every input", async () => {
  const table = transitionTable<UpgradeState, UpgradeInput, UpgradeEffect>({
    machine: { initial: fresh, step, deadline, check },
    states: STATES,
    inputs: INPUTS,
    now: NOW,
    describeState: ({ phase, proof, memory }) => {
      const chosen = memory.pending === undefined ? "" : ` next=${memory.pending.version}`;
      return `${phase.kind} ${proof.kind}${chosen}`;
    },
    describeEffect: (effect) => {
      if (effect.kind === "tell") return `tell(${effect.news.kind})`;
      return effect.kind === "reboot" ? `reboot(${effect.cause})` : effect.kind;
    },
  });
  expect(Object.keys(INPUTS)).toEqual([...UPGRADE_INPUT_KINDS]);
  await expect(table).toMatchFileSnapshot("../golden/upgrade-transitions.txt");
});
