import type { Machine } from "@passerelle/machine";
import { after, type Instant, instant, seconds } from "@passerelle/time";
import { describe, expect, test } from "vitest";
import { cutAtEveryByte, playScenario, transitionTable } from "../src/index.ts";

type Lamp = { readonly kind: "off" } | { readonly kind: "on"; readonly until: Instant };
type Touch = { readonly kind: "touch" } | { readonly kind: "timeout" };

/** A lamp that goes out by itself after ten seconds. */
const lamp: Machine<Lamp, Touch, "light" | "dark"> = {
  initial: { kind: "off" },
  step: (state, input, now) => {
    if (input.kind === "touch" && state.kind === "off") {
      return { state: { kind: "on", until: after(now, seconds(10)) }, effects: ["light"] };
    }
    if (input.kind === "timeout" && state.kind === "on" && now >= state.until) {
      return { state: { kind: "off" }, effects: ["dark"] };
    }
    return { state, effects: [] };
  },
  deadline: (state) => (state.kind === "on" ? state.until : undefined),
  check: () => undefined,
};
const described = {
  describeState: (state: Lamp): string => state.kind,
  describeEffect: (effect: string): string => effect,
};

describe("playScenario", () => {
  test("tells inputs, effects, changes of state and deadlines", () => {
    const told = playScenario("# a story\nat 1s touch\nat 5s timeout\nat 11s timeout\n", {
      machine: lamp,
      parseInput: () => ({ kind: "touch" }),
      ...described,
    });
    expect(told).toBe(
      "1000ms touch  [off -> on]\n  light\n  deadline 11000ms\n5000ms timeout\n  deadline 11000ms\n11000ms timeout  [on -> off]\n  dark\n",
    );
  });
});

describe("transitionTable", () => {
  test("has a row for every state and every input", () => {
    const table = transitionTable({
      machine: lamp,
      states: { off: { kind: "off" }, on: { kind: "on", until: instant(0) } },
      inputs: { touch: { kind: "touch" }, timeout: { kind: "timeout" } },
      now: instant(20_000),
      ...described,
    });
    expect(table).toBe(
      "off  touch    -> on  light\noff  timeout  (ignored)\non   touch    (ignored)\non   timeout  -> off  dark\n",
    );
  });
});

test("cutAtEveryByte finds the lengths at which a decoder throws", () => {
  const found = cutAtEveryByte(new Uint8Array(4), (cut) => {
    if (cut.length === 2) throw new Error("planted");
    return cut.length === 3 ? { ok: true, value: 0 } : { ok: false, error: "short" };
  });
  expect(found).toEqual({ threw: [2], accepted: [3] });
});
