import type { Machine } from "@passerelle/machine";
import { after, type Instant, instant, milliseconds, seconds } from "@passerelle/time";
import { expect, test } from "vitest";
import { drive, HISTORY_MAX, QUEUE_MAX } from "../src/driver.ts";
import { ManualClock, testContext } from "../src/testing.ts";

type State = { readonly count: number; readonly next: Instant | undefined };
type Input =
  | { readonly kind: "add"; readonly by: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "break" }
  | { readonly kind: "timeout" };
type Effect = { readonly kind: "say"; readonly count: number };

const counter: Machine<State, Input, Effect> = {
  initial: { count: 0, next: undefined },
  step(state, input, now) {
    switch (input.kind) {
      case "add": {
        const count = state.count + input.by;
        return { state: { ...state, count }, effects: [{ kind: "say", count }] };
      }
      case "wait":
        return { state: { ...state, next: after(now, milliseconds(input.ms)) }, effects: [] };
      case "break":
        return { state: { ...state, count: Number.NaN }, effects: [] };
      case "timeout":
        if (state.next === undefined || now < state.next) return { state, effects: [] };
        return {
          state: { count: state.count + 100, next: undefined },
          effects: [{ kind: "say", count: state.count + 100 }],
        };
    }
  },
  deadline: (state) => state.next,
  check(state) {
    if (!(state.count >= 0)) throw new Error("invariant: the count is a number of things");
  },
};

test("an input that an effect produces waits until all effects of the step are done", () => {
  const clock = new ManualClock();
  const said: number[] = [];
  const driver = drive<State, Exclude<Input, { kind: "timeout" }>, Effect>(
    counter,
    {
      name: "counter",
      run: (effect) => {
        if (effect.count === 1) driver.input({ kind: "add", by: 10 });
        said.push(effect.count);
      },
    },
    { clock, fatal: () => undefined },
  );
  driver.input({ kind: "add", by: 1 });
  expect(said).toEqual([1, 11]);
  expect(driver.state.count).toBe(11);
});

test("one timer feeds the timeout at the deadline, and only there", async () => {
  const context = testContext({ config: {} });
  const seen: number[] = [];
  const driver = context.drive<State, Input, Effect>(counter, {
    name: "counter",
    run: (effect) => void seen.push(effect.count),
  });
  driver.input({ kind: "wait", ms: 5000 });
  driver.input({ kind: "wait", ms: 3000 });
  expect(context.clock.pending).toBe(1);
  await context.clock.advance(milliseconds(2999));
  expect(seen).toEqual([]);
  await context.clock.advance(milliseconds(1));
  expect(seen).toEqual([100]);
  expect(context.clock.pending).toBe(0);
  driver.input({ kind: "wait", ms: 1 });
  driver.stop();
  await context.clock.advance(seconds(5));
  driver.input({ kind: "add", by: 1 });
  expect(seen).toEqual([100]);
  await context.dispose();
});

test("a failed check is fatal, keeps the last good state and the last 64 inputs", () => {
  const fatal: unknown[] = [];
  const driver = drive<State, Exclude<Input, { kind: "timeout" }>, Effect>(
    counter,
    { name: "counter", run: () => undefined },
    { clock: new ManualClock(), fatal: (error) => void fatal.push(error) },
  );
  for (let n = 0; n < 100; n += 1) driver.input({ kind: "add", by: 1 });
  expect(() => driver.input({ kind: "break" })).toThrow("invariant");
  expect(fatal).toHaveLength(1);
  expect(driver.state.count).toBe(100);
  const { inputs } = driver.report();
  expect(inputs).toHaveLength(HISTORY_MAX);
  expect(inputs.at(-1)?.input).toEqual({ kind: "break" });
  driver.input({ kind: "add", by: 1 });
  expect(driver.state.count).toBe(100);
});

test("a machine that floods itself ends instead of eating memory", () => {
  const fatal: unknown[] = [];
  const driver = drive<State, Exclude<Input, { kind: "timeout" }>, Effect>(
    counter,
    {
      name: "flood",
      run: () => {
        for (let n = 0; n <= QUEUE_MAX; n += 1) driver.input({ kind: "add", by: 1 });
      },
    },
    { clock: new ManualClock(), fatal: (error) => void fatal.push(error) },
  );
  expect(() => driver.input({ kind: "add", by: 1 })).toThrow("1024 inputs wait");
  expect(fatal).toHaveLength(1);
});

test("a machine whose deadline never moves on is ended", async () => {
  const stuck: Machine<State, Input, Effect> = {
    ...counter,
    step: (state) => ({ state, effects: [] }),
    deadline: () => instant(1),
  };
  const clock = new ManualClock();
  const fatal: unknown[] = [];
  drive<State, Exclude<Input, { kind: "timeout" }>, Effect>(
    stuck,
    { name: "stuck", run: () => undefined },
    { clock, fatal: (error) => void fatal.push(error) },
  );
  await expect(clock.advance(seconds(1))).rejects.toThrow("deadline that moves");
  expect(fatal).toHaveLength(1);
});

test("what redact leaves out is in no report", () => {
  const driver = drive<State, Exclude<Input, { kind: "timeout" }>, Effect>(
    counter,
    { name: "counter", run: () => undefined, redact: ({ kind }) => ({ kind }) },
    { clock: new ManualClock(), fatal: () => undefined },
  );
  driver.input({ kind: "add", by: 4711 });
  expect(JSON.stringify(driver.report())).not.toContain("4711");
});
