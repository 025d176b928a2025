import { playScenario, readScenarios, settleScenario, transitionTable } from "@passerelle/testkit";
import { hours, instant, minutes, wallTime } from "@passerelle/time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BinsInput,
  type BinsState,
  counterBins,
  readBins,
  unavailableSecsOf,
} from "../src/index.ts";
import { describeEffect, describeState, MIDNIGHT, machine, parseInput } from "./bins-story.ts";

const now = instant(minutes(20));

function play(...stories: readonly string[]): BinsState {
  return stories.reduce<BinsState>((state, story) => {
    const [time = "0", ...words] = story.split(" ");
    const at = instant(minutes(Number(time)));
    return machine.step(state, parseInput(words, at), at).state;
  }, machine.initial);
}

test("every state meets every input", async () => {
  const say = (words: string): BinsInput => parseInput(words.split(" "), now);
  const table = transitionTable({
    machine,
    states: {
      empty: machine.initial,
      "one-look": play("18 look up es=3 crc=10"),
      counting: play("18 look up es=3 crc=10", "19 look up es=4 crc=12"),
      down: play("18 look up es=3 crc=10", "19 look down es=4 crc=12"),
      "with-epoch": play("18 look up epoch=a es=3", "19 look up epoch=a es=4"),
      "near-the-end": play("18 look up es=4294967290", "19 look up es=4294967294"),
    },
    inputs: {
      "look-grown": say("look up es=5 crc=13"),
      "look-fell": say("look up es=1 crc=13"),
      "look-down": say("look down es=5 crc=13"),
      "look-nothing": say("look up"),
      "look-epoch": say("look up epoch=b es=9"),
      "look-far": say("look up es=5 far.crc=2"),
      "look-quarter-later": say("look up calendar=35 es=5 crc=13"),
      "look-day-later": say("look up calendar=1470 es=5 crc=13"),
      "look-day-before": say("look up calendar=-100 es=5 crc=13"),
      clear: { kind: "clear" },
      timeout: { kind: "timeout" },
    },
    now,
    describeState,
    describeEffect,
  });
  await expect(table).toMatchFileSnapshot("golden/bins-transitions.txt");
});

describe("stories of the bins", () => {
  for (const file of readScenarios(`${import.meta.dirname}/scenario`)) {
    test(file.name, () => {
      const told = playScenario(file.text, { machine, parseInput, describeEffect, describeState });
      expect(told).toBe(settleScenario(file, told));
    });
  }
});

const look = fc.record({
  /** Seconds since the look before. */
  wait: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 1200 }) },
    fc.integer({ min: 0, max: 80_000 }),
  ),
  isUp: fc.boolean(),
  es: fc.integer({ min: 0, max: 900 }),
  crc: fc.integer({ min: 0, max: 5_000_000 }),
});

test("without a restart of the modem nothing is lost and nothing counted twice", () => {
  fc.assert(
    fc.property(fc.array(look, { minLength: 1, maxLength: 40 }), (looks) => {
      // In less than 96 quarters, so that no bin is let go.
      const scale = Math.min(
        1,
        80_000 /
          Math.max(
            1,
            looks.reduce((sum, { wait }) => sum + wait, 0),
          ),
      );
      let seconds = 100;
      let es = 0;
      let crc = 0;
      let state: BinsState = machine.initial;
      const step = (isUp: boolean): void => {
        state = machine.step(
          state,
          {
            kind: "sample",
            at: wallTime(MIDNIGHT + seconds * 1000),
            isUp,
            near: { erroredSecs: es % 2 ** 32, crcErrors: crc % 2 ** 32 },
            far: {},
          },
          instant(0),
        ).state;
        machine.check(state);
      };
      step(true);
      for (const { wait, isUp, ...grown } of looks) {
        seconds += wait * scale;
        es += grown.es;
        crc += grown.crc;
        step(isUp);
        // What was stored is what is read.
        expect(readBins(JSON.parse(JSON.stringify(state)))).toEqual({ ok: true, value: state });
      }
      if (state.kind === "empty") throw new Error("counting");
      for (const bins of [state.quarters, state.days]) {
        expect(bins.reduce((sum, bin) => sum + (bin.near.erroredSecs ?? 0), 0)).toBe(es);
        expect(bins.reduce((sum, bin) => sum + (bin.near.crcErrors ?? 0), 0)).toBe(crc);
      }
    }),
    { numRuns: 60 },
  );
});

test("no order of looks, restarts and set calendars breaks the bins", () => {
  const wild = fc.record({
    at: fc.integer({ min: 0, max: 400 * 3600 }),
    isUp: fc.boolean(),
    es: fc.option(fc.integer({ min: 0, max: 2 ** 33 }), { nil: undefined }),
    epoch: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(wild, { maxLength: 60 }), (looks) => {
      let state: BinsState = machine.initial;
      for (const { at, isUp, es, epoch } of looks) {
        const near = es === undefined ? {} : { erroredSecs: es };
        const sample = {
          kind: "sample" as const,
          at: wallTime(MIDNIGHT + at * 1000),
          isUp,
          near,
          far: near,
        };
        state = machine.step(
          state,
          epoch === undefined ? sample : { ...sample, epoch },
          instant(0),
        ).state;
        machine.check(state);
      }
    }),
    { numRuns: 200 },
  );
});

test("96 quarters and 14 days are kept, and the open ones", () => {
  let state: BinsState = machine.initial;
  for (let quarter = 0; quarter < 96 * 20; quarter += 1) {
    state = machine.step(
      state,
      {
        kind: "sample",
        at: wallTime(MIDNIGHT + minutes(15) * quarter),
        isUp: true,
        near: {},
        far: {},
      },
      instant(0),
    ).state;
  }
  if (state.kind === "empty") throw new Error("counting");
  expect(state.quarters).toHaveLength(97);
  expect(state.days).toHaveLength(15);
  expect(JSON.stringify(state).length).toBeLessThan(64 * 1024);
});

test("days start at the home's midnight", () => {
  const paris = counterBins({ dayOffset: hours(1) });
  let state: BinsState = paris.initial;
  for (const at of [-90, -61, -59, -30]) {
    state = paris.step(
      state,
      { kind: "sample", at: wallTime(MIDNIGHT + minutes(at)), isUp: true, near: {}, far: {} },
      instant(0),
    ).state;
    paris.check(state);
  }
  expect(state.kind === "counting" && state.days.map(({ start }) => start - MIDNIGHT)).toEqual([
    -hours(25),
    -hours(1),
  ]);
});

test("counters of 24 bits run over at 24", () => {
  const narrow = counterBins({ counterBits: 24 });
  const sample = (es: number): BinsInput => ({
    kind: "sample",
    at: wallTime(MIDNIGHT),
    isUp: true,
    near: { erroredSecs: es },
    far: {},
  });
  const first = narrow.step(narrow.initial, sample(2 ** 24 - 2), instant(0)).state;
  expect(narrow.step(first, sample(3), instant(0)).effects).toEqual([
    { kind: "grown", near: { erroredSecs: 5 }, far: {} },
    { kind: "wrapped", end: "near", names: ["erroredSecs"] },
  ]);
});

test("a modem without that counter is unavailable while we see it down", () => {
  const state = play("0 look up", "1 look up", "2 look down", "3 look down");
  const bin = state.kind === "counting" ? state.quarters[0] : undefined;
  expect(bin && [bin.seconds, bin.upSeconds, unavailableSecsOf(bin)]).toEqual([180, 60, 120]);
});

test.each([
  undefined,
  null,
  [],
  {},
  { kind: "counting" },
  { kind: "counting", last: { at: 0, isUp: true, near: {}, far: {} }, quarters: [{}], days: [] },
  {
    kind: "counting",
    last: { at: 0, isUp: true, near: { crcErrors: -1 }, far: {} },
    quarters: [],
    days: [],
  },
  {
    kind: "counting",
    last: { at: 0, isUp: true, near: {}, far: {} },
    quarters: [
      { start: 1, seconds: 0, upSeconds: 0, retrains: 0, isEstimated: false, near: {}, far: {} },
    ],
    days: [],
  },
])("a damaged store is an error: %j", (stored) => {
  expect(readBins(stored)).toEqual({ ok: false, error: { code: "bins_damaged", at: 0 } });
});
