import type { Problem } from "@passerelle/api";
import type { ConfigPlan } from "@passerelle/contract";
import { describe, expect, test } from "vitest";
import {
  type ApplyInput,
  type ApplyState,
  canClose,
  startApply,
  stepApply,
} from "../src/core/apply-machine.ts";

const plan: ConfigPlan = {
  differences: [{ section: "lan", path: "/networks/0/address", after: "192.168.2.1/24" }],
  impacts: [],
  problems: [],
  needsConfirmation: true,
};
const problem: Problem = {
  type: "about:blank",
  title: "x",
  status: 409,
  code: "stale_revision",
  text: { fr: "x", en: "x" },
};
const probation = { token: "secret", seconds: 120 };

const states: Readonly<Record<string, ApplyState>> = {
  planning: { kind: "planning" },
  planned: { kind: "planned", plan },
  applying: { kind: "applying" },
  probation: {
    ...{ kind: "probation", token: "secret", startedAt: 0, endsAt: 120_000 },
    ...{ answeredBy: undefined, answeredAt: 0, keeping: false, problem: undefined },
  },
  done: { kind: "done", canUndo: true },
  undoing: { kind: "undoing" },
  undone: { kind: "undone" },
  taken_back: { kind: "taken_back" },
  failed: { kind: "failed", problem, during: "apply" },
};
const inputs: Readonly<Record<string, ApplyInput>> = {
  plan_made: { kind: "plan_made", plan },
  refused: { kind: "refused", problem },
  go: { kind: "go" },
  applied: { kind: "applied", outcome: { probation: undefined, canUndo: true } },
  applied_on_probation: { kind: "applied", outcome: { probation, canUndo: true } },
  answered: { kind: "answered", address: "192.168.2.1" },
  keep: { kind: "keep" },
  kept: { kind: "kept" },
  undo: { kind: "undo" },
  undo_done: { kind: "undo_done" },
  tick_late: { kind: "tick" },
  close: { kind: "close" },
};

/** Every state meets every input; "·" is: nothing changes and nothing is done. */
const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  planning: { plan_made: "planned", refused: "failed", close: "closed" },
  planned: { go: "applying apply", close: "closed" },
  applying: { refused: "failed", applied: "done", applied_on_probation: "probation" },
  probation: {
    refused: "probation",
    answered: "probation",
    keep: "probation confirm",
    kept: "done",
    undo: "undoing undo",
    tick_late: "taken_back",
  },
  done: { undo: "undoing undo", close: "closed" },
  undoing: {
    refused: "failed",
    applied: "done",
    applied_on_probation: "probation",
    undo_done: "undone",
  },
  undone: { close: "closed" },
  taken_back: { close: "closed" },
  failed: { close: "closed" },
};

describe.each(Object.keys(states))("in %s", (name) => {
  test.each(Object.keys(inputs))("%s", (inputName) => {
    const state = states[name] as ApplyState;
    const step = stepApply(state, inputs[inputName] as ApplyInput, 200_000);
    const happened = [step.state.kind, ...step.effects.map((effect) => effect.kind)].join(" ");
    const isSame = step.state === state && step.effects.length === 0;
    expect(isSame ? "·" : happened).toBe(table[name]?.[inputName] ?? "·");
  });
});

test("what a person must not lose sight of can't be closed", () => {
  const open = Object.keys(states).filter((name) => !canClose(states[name] as ApplyState));
  expect(open).toEqual(["applying", "probation", "undoing"]);
});

test("a plan with problems, or without a difference, is not applied", () => {
  const bad = { ...plan, problems: [{ section: "lan" as const, path: "/", message: "x" }] };
  for (const one of [bad, { ...plan, differences: [] }]) {
    const step = stepApply({ kind: "planned", plan: one }, { kind: "go" }, 0);
    expect(step.effects).toEqual([]);
  }
});

test("kept in the last second: the answer counts, not the clock of the page", () => {
  let state: ApplyState = states.probation as ApplyState;
  state = stepApply(state, { kind: "keep" }, 119_000).state;
  state = stepApply(state, { kind: "tick" }, 121_000).state;
  expect(state.kind).toBe("probation");
  expect(stepApply(state, { kind: "kept" }, 122_000).state.kind).toBe("done");
  // Where the box says no, the next look at the clock says why.
  state = stepApply(state, { kind: "refused", problem }, 122_000).state;
  expect(stepApply(state, { kind: "tick" }, 122_500).state.kind).toBe("taken_back");
});

test("an address that fell silent is not said to answer", () => {
  const heard = stepApply(states.probation as ApplyState, { kind: "answered", address: "a" }, 1000);
  const soon = stepApply(heard.state, { kind: "tick" }, 6_500).state;
  expect(soon).toMatchObject({ answeredBy: "a" });
  expect(stepApply(soon, { kind: "tick" }, 7_000).state).toMatchObject({ answeredBy: undefined });
});

test("keep pressed twice asks once; the token goes into the request alone", () => {
  const first = stepApply(states.probation as ApplyState, { kind: "keep" }, 1);
  expect(first.effects).toEqual([{ kind: "confirm", token: "secret" }]);
  expect(stepApply(first.state, { kind: "keep" }, 2).effects).toEqual([]);
});

test("to go back may itself need to be kept, and can't be undone again", () => {
  const back = stepApply(
    { kind: "undoing" },
    { kind: "applied", outcome: { probation: undefined, canUndo: true } },
    0,
  );
  expect(back.state).toEqual({ kind: "done", canUndo: false });
});

test("a change begins with its plan", () => {
  expect(startApply).toEqual({ state: { kind: "planning" }, effects: [{ kind: "plan" }] });
});
