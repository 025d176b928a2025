import { transitionTable } from "@passerelle/testkit";
import { after, instant, minutes, seconds, wallTime } from "@passerelle/time";
import {
  type Bin,
  type LineSnapshot,
  type LineState,
  STORY_ADSL2PLUS,
  STORY_VDSL2_17A,
  simulateLine,
} from "@passerelle/xdsl";
import { describe, expect, it } from "vitest";
import { type DslState, initialDsl, wordOf } from "../../src/core/dsl/state.ts";
import { type DslEffect, type DslInput, dslMachine } from "../../src/core/dsl/step.ts";
import { at, snapshot } from "./line.ts";

const NOW = instant(1_000_000);
const WALL = wallTime(1_780_000_000_000);
const machine = dslMachine(NOW);

function seeing(state: LineState, more: Partial<DslState> = {}): DslState {
  const seen = { snapshot: snapshot(state), since: instant(900_000) };
  const whole = { ...initialDsl(instant(900_000)), seen, ...more };
  return { ...whole, mark: { word: wordOf(whole), since: instant(900_000) } };
}

const asking = { phase: { kind: "asking", until: instant(1_050_000) } } as const;
const late = { phase: { kind: "asking", until: NOW } } as const;
const lost = (failures: number): Partial<DslState> => ({
  failures,
  failure: { reason: "unreachable", text: "ECONNREFUSED" },
});

it("every state of the modem meets every input", async () => {
  const table = transitionTable<DslState, DslInput | { readonly kind: "timeout" }, DslEffect>({
    machine,
    states: {
      new: initialDsl(NOW),
      "new, asking": { ...initialDsl(NOW), ...asking },
      "new, lost": marked({ ...initialDsl(NOW), ...lost(1) }),
      training: seeing("training"),
      up: seeing("up", { phase: { kind: "resting", until: instant(1_005_000) } }),
      "up, due": seeing("up", { phase: { kind: "resting", until: NOW } }),
      "up, asking": seeing("up", asking),
      "up, asked in vain": seeing("up", late),
      "up, two lost": seeing("up", lost(2)),
      "up, three lost": seeing("up", lost(3)),
    },
    inputs: {
      timeout: { kind: "timeout" },
      "snapshot up": { kind: "snapshot", snapshot: snapshot("up"), at: WALL },
      "snapshot training": { kind: "snapshot", snapshot: snapshot("training"), at: WALL },
      unreachable: { kind: "failed", failure: { reason: "unreachable", text: "ECONNREFUSED" } },
      login_refused: { kind: "failed", failure: { reason: "login_refused", text: "" } },
      "told up": { kind: "told", state: "up", rawState: "showtime" },
      "told no_signal": { kind: "told", state: "no_signal", rawState: "silent" },
    },
    now: NOW,
    describeState: describe_,
    describeEffect: (effect) =>
      effect.kind === "word" ? `[${effect.from} to ${effect.to}]` : `[${effect.kind}]`,
  });
  await expect(table).toMatchFileSnapshot("../golden/dsl-transitions.txt");
});

function describe_(state: DslState): string {
  const { phase, failures, retrains } = state;
  const wait = (phase.until - NOW) / 1000;
  return `${wordOf(state)} ${phase.kind} ${wait} s, ${failures} lost, ${retrains} trainings`;
}

function marked(state: DslState): DslState {
  return { ...state, mark: { ...state.mark, word: wordOf(state) } };
}

describe("a modem that does not answer", () => {
  it("is asked less and less often, and never less than every five minutes", () => {
    let state = initialDsl(NOW);
    let now = NOW;
    const pauses: number[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      state = machine.step(state, { kind: "timeout" }, now).state;
      const failure = { reason: "unreachable", text: "" } as const;
      state = machine.step(state, { kind: "failed", failure }, now).state;
      pauses.push((state.phase.until - now) / 1000);
      now = state.phase.until;
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 300, 300, 300, 300, 300]);
  });

  it("is not shown its password more than once in five minutes", () => {
    const failure = { reason: "login_refused", text: "" } as const;
    const { state } = machine.step(initialDsl(NOW), { kind: "failed", failure }, NOW);
    expect(state.phase).toEqual({ kind: "resting", until: after(NOW, minutes(5)) });
  });
});

describe.each([
  ["ADSL2+", STORY_ADSL2PLUS],
  ["VDSL2", STORY_VDSL2_17A],
])("a line of %s that loses its margin", (_, story) => {
  const told = live(simulateLine(story).entries);

  it("is told from silence to up, twice", () => {
    const training = ["no_signal", "handshake", "training", "showtime_no_tc", "up"];
    expect(told.words).toEqual([...training, ...training]);
    expect(told.state.retrains).toBe(2);
  });

  it("counts what it lost in each quarter of an hour, and stores it as each ends", () => {
    const { bins } = told.state;
    if (bins.kind === "empty") throw new Error("nothing was counted");
    const quarters = story.seconds / 900;
    expect(bins.quarters.length).toBeGreaterThanOrEqual(quarters);
    expect(told.stored).toBeGreaterThanOrEqual(quarters - 1);
    const crc = bins.quarters.map(({ near }) => near.crcErrors ?? 0);
    expect(Math.max(...crc)).toBeGreaterThan(0);
    // Nearly all of the time it was watched, and it was up but for two trainings.
    const sum = (pick: (bin: Bin) => number): number =>
      bins.quarters.reduce((total, bin) => total + pick(bin), 0);
    expect(sum(({ seconds: watched }) => watched)).toBeGreaterThan(story.seconds * 0.9);
    expect(sum(({ upSeconds }) => upSeconds)).toBeGreaterThan(story.seconds * 0.8);
  });
});

/** Plays what a driver says of a line: changes as they come, numbers when they are asked for. */
function live(entries: ReturnType<typeof simulateLine>["entries"]) {
  let state = initialDsl(NOW);
  const words: string[] = [];
  let stored = 0;
  let newest: LineSnapshot | undefined;
  const feed = (input: DslInput | { readonly kind: "timeout" }, now = NOW): void => {
    const step = machine.step(state, input, now);
    machine.check(step.state);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.kind === "word") words.push(effect.to);
      if (effect.kind === "store_bins") stored += 1;
      if (effect.kind === "ask" && newest !== undefined) {
        feed({ kind: "snapshot", snapshot: newest, at: at(WALL, now - NOW) }, now);
      }
    }
  };
  for (const entry of entries) {
    const now = after(NOW, seconds(entry.at));
    while (state.phase.until < now) feed({ kind: "timeout" }, state.phase.until);
    if (entry.kind === "snapshot") newest = entry.snapshot;
    if (entry.kind === "state") {
      newest = { ...(newest ?? snapshot(entry.state)), state: entry.state, down: {}, up: {} };
      feed({ kind: "told", state: entry.state, rawState: entry.rawState }, now);
    }
  }
  return { state, words, stored };
}
