import type { Machine } from "@passerelle/machine";
import { transitionTable } from "@passerelle/testkit";
import { after, instant, milliseconds } from "@passerelle/time";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  beginPending,
  checkPending,
  type PendingEffect,
  type PendingInput,
  type PendingQuery,
  pendingDeadline,
  stepPending,
} from "../src/core/dns/pending-query.ts";

const plan = [
  { upstream: 0, patience: milliseconds(100) },
  { upstream: 1, patience: milliseconds(200) },
];
const machine: Machine<PendingQuery, PendingInput, PendingEffect> = {
  initial: beginPending(plan, undefined, instant(0)).state,
  step: stepPending,
  deadline: pendingDeadline,
  check: checkPending,
};
const first = machine.initial;
const both = stepPending(first, { kind: "timeout" }, instant(100)).state;
const streaming = stepPending(first, { kind: "needs_stream", attempt: 0 }, instant(10)).state;
const failedOnce = stepPending(first, { kind: "bad_rcode", attempt: 0 }, instant(10)).state;

const describeState = (s: PendingQuery): string =>
  s.kind === "done"
    ? "done"
    : `asking[${s.attempts.map((a) => `${a.upstream}${a.transport === "stream" ? "s" : ""}:${a.state}`).join(" ")}] next ${s.nextAt}`;
const describeEffect = (e: PendingEffect): string =>
  e.kind === "ask"
    ? `ask#${e.attempt}(${e.upstream}${e.transport === "stream" ? " stream" : ""})`
    : e.kind === "deliver"
      ? `deliver#${e.attempt}`
      : e.kind === "late"
        ? `late(${e.upstream})`
        : e.kind;

test("every state meets every input", async () => {
  const inputs: Record<string, PendingInput> = { timeout: { kind: "timeout" } };
  for (const kind of ["answered", "needs_stream", "bad_rcode", "unreachable"] as const) {
    for (const attempt of [0, 1, 9]) inputs[`${kind} #${attempt}`] = { kind, attempt };
  }
  const states = { first, both, streaming, failedOnce, done: { kind: "done" } as const };
  const tables = [50, 300, 1900, 5000].map(
    (now) =>
      `now ${now}ms\n${transitionTable({ machine, states, inputs, now: instant(now), describeState, describeEffect })}`,
  );
  await expect(tables.join("\n")).toMatchFileSnapshot("dns-pending-query.table");
});

test("nobody to ask fails at once", () => {
  expect(beginPending([], undefined, instant(0))).toEqual({
    state: { kind: "done" },
    effects: [{ kind: "fail" }],
  });
});

test("an ailing upstream is probed beside the first, which keeps its patience", () => {
  const { state, effects } = beginPending(plan, 1, instant(0));
  expect(effects.map(describeEffect)).toEqual(["ask#0(0)", "ask#1(1)"]);
  expect(pendingDeadline(state)).toBe(100);
});

test("with a silent first upstream the second is asked within two seconds (R-15)", () => {
  const slow = [{ upstream: 0, patience: milliseconds(600) }, ...plan.slice(1)];
  const begun = beginPending(slow, undefined, instant(0)).state;
  const at = pendingDeadline(begun) ?? instant(Number.POSITIVE_INFINITY);
  expect(at).toBeLessThanOrEqual(2000);
  expect(stepPending(begun, { kind: "timeout" }, at).effects.map(describeEffect)).toContain(
    "ask#1(1)",
  );
});

test("every story ends: once, within five seconds, with few attempts", () => {
  const input = fc.oneof(
    fc.record({ kind: fc.constant("timeout" as const), wait: fc.integer({ min: 0, max: 700 }) }),
    fc.record({
      kind: fc.constantFrom(
        "answered" as const,
        "needs_stream" as const,
        "bad_rcode" as const,
        "unreachable" as const,
      ),
      attempt: fc.nat(9),
      wait: fc.integer({ min: 0, max: 700 }),
    }),
  );
  fc.assert(
    fc.property(
      fc.array(input, { maxLength: 30 }),
      fc.option(fc.nat(1), { nil: undefined }),
      (story, probe) => {
        let now = instant(0);
        const begun = beginPending(plan, probe, now);
        let state = begun.state;
        const effects = [...begun.effects];
        const feed = (one: PendingInput): void => {
          const step = stepPending(state, one, now);
          checkPending(step.state);
          state = step.state;
          effects.push(...step.effects);
        };
        for (const { wait, ...one } of story) {
          now = after(now, milliseconds(wait));
          for (
            let d = pendingDeadline(state);
            d !== undefined && d <= now;
            d = pendingDeadline(state)
          )
            feed({ kind: "timeout" });
          feed(one);
        }
        for (let n = 0; n < 50 && state.kind !== "done"; n += 1) {
          now = after(now, milliseconds(500));
          feed({ kind: "timeout" });
        }
        expect(state.kind).toBe("done");
        expect(effects.filter((e) => e.kind === "deliver" || e.kind === "fail")).toHaveLength(1);
        expect(effects.filter((e) => e.kind === "ask").length).toBeLessThanOrEqual(10);
        expect(effects.filter((e) => e.kind === "impatient").length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 500 },
  );
});
