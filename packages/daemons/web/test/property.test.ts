import { type Instant, instant } from "@passerelle/time";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Effect } from "../src/core/effect.ts";
import type { Input } from "../src/core/input.ts";
import { IDLE_MAX, REMEMBER_MAX, SESSION_MAX, STEP_UP_MAX } from "../src/core/session.ts";
import { aged, check, type DoorState, deadline } from "../src/core/state.ts";
import { machine, parseInput } from "./story.ts";

const session = fc.constantFrom("s", "t", "u");
const source = fc.constantFrom("a", "b", "c", "d");
const app = fc.constantFrom("app", "other");
const rights = fc.constantFrom("", "read", "read settings", "admin");
const words = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom("login"), source, session, fc.constantFrom("", "remember", "bearer"))
      .map(([verb, from, id, how]) => `${verb} # ${from} ${id} ${how}`),
  },
  { weight: 8, arbitrary: fc.constantFrom("right", "wrong") },
  fc.tuple(source, session).map(([from, id]) => `step-up # ${from} ${id}`),
  fc.tuple(source, session).map(([from, id]) => `password # ${from} ${id}`),
  fc.tuple(source, app, session).map(([from, id, made]) => `proof # ${from} ${id} xyz ${made}`),
  source.map((from) => `failed ${from}`),
  { weight: 3, arbitrary: session.map((id) => `seen ${id}`) },
  session.map((id) => `logout # ${id}`),
  { weight: 2, arbitrary: session.map((id) => `ask-button # ${id}`) },
  fc.constant("button"),
  fc.tuple(source, app).map(([from, id]) => `app-asks # ${from} ${id} read`),
  fc.tuple(app, rights).map(([id, may]) => `app-answer # ${id} ${may}`),
  fc.tuple(app, rights).map(([id, may]) => `app-change # ${id} ${may}`),
  app.map((id) => `app-revoke # ${id}`),
  app.map((id) => `challenge # ${id} xyz`),
  fc.constant("timeout"),
);
/** From a moment to more than a day: everything must be able to end. */
const wait = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 5000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 40 * 60_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 * 3_600_000 }) },
);
const story = fc.array(fc.tuple(wait, words), { maxLength: 120, size: "max" });

interface Told {
  readonly now: Instant;
  readonly input: Input;
  readonly before: DoorState;
  readonly after: DoorState;
  readonly effects: readonly Effect[];
}

function play(lines: readonly (readonly [number, string])[], see: (told: Told) => void): void {
  let state: DoorState = machine.initial;
  let now = 0;
  let request = 0;
  for (const [pause, line] of lines) {
    now += pause;
    request += 1;
    const judged = state.kind === "judging" ? String(state.current.request) : "0";
    const text = /^(right|wrong)$/.test(line)
      ? `${line} ${judged}`
      : line.replace("#", `${request}`);
    const input: Input =
      line === "timeout" ? { kind: "timeout" } : parseInput(text.trim().split(/\s+/));
    const before = state;
    const step = machine.step(state, input, instant(now));
    state = step.state;
    check(state);
    see({ now: instant(now), input, before, after: state, effects: step.effects });
  }
}

test("no right outlives what was promised, whatever happens", () => {
  fc.assert(
    fc.property(story, (lines) => {
      play(lines, ({ now, after }) => {
        // What somebody would find at this moment.
        for (const one of aged(after.book, now).sessions.values()) {
          const age = now - one.startedAt;
          const idle = now - one.seenAt;
          const isReading = one.owner.kind === "person" && one.owner.level === "reading";
          if (isReading) expect(age).toBeLessThan(REMEMBER_MAX);
          else {
            expect(age).toBeLessThan(SESSION_MAX);
            expect(idle).toBeLessThan(IDLE_MAX);
          }
          if (one.stepUpUntil !== undefined)
            expect(one.stepUpUntil - now).toBeLessThanOrEqual(STEP_UP_MAX);
        }
      });
    }),
    { numRuns: 300 },
  );
});

test("nothing is judged while a delay runs, and one thing at a time", () => {
  fc.assert(
    fc.property(story, (lines) => {
      play(lines, ({ before, effects, input }) => {
        const begun = effects.filter(({ kind }) => kind === "judge").length;
        expect(begun).toBeLessThanOrEqual(1);
        if (before.kind === "judging" && input.kind !== "judged") expect(begun).toBe(0);
      });
    }),
    { numRuns: 300 },
  );
});

test("everybody who asked is answered exactly once, when the judging is over", () => {
  fc.assert(
    fc.property(story, (lines) => {
      const open = new Map<number, number>();
      play(lines, ({ input, effects, after }) => {
        const asked =
          input.kind === "knock" ? input.guess.request : "request" in input ? input.request : 0;
        if (asked > 0 && input.kind !== "judged") open.set(asked, 0);
        for (const effect of effects)
          if (effect.kind === "answer")
            open.set(effect.request, (open.get(effect.request) ?? 9) + 1);
        const waiting =
          after.kind === "judging"
            ? [after.current, ...after.waiting].map((guess) => guess.request)
            : [];
        for (const [request, answers] of open)
          expect(answers, `request ${request}`).toBe(waiting.includes(request) ? 0 : 1);
      });
    }),
    { numRuns: 300 },
  );
});

test("a timeout at the deadline always moves the deadline on", () => {
  fc.assert(
    fc.property(story, (lines) => {
      play(lines, ({ after, now }) => {
        const due = deadline(after);
        if (due === undefined) return;
        const at = instant(Math.max(due, now));
        const next = machine.step(after, { kind: "timeout" }, at).state;
        const then = deadline(next);
        expect(then === undefined || then > at).toBe(true);
      });
    }),
    { numRuns: 200 },
  );
});

test("S-13 from any number of addresses, few guesses are judged in five minutes", () => {
  const knocks = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 50 })),
    { minLength: 200, maxLength: 200 },
  );
  fc.assert(
    fc.property(knocks, (guesses) => {
      let state: DoorState = machine.initial;
      let now = 0;
      let judged = 0;
      for (const [n, [pause, from]] of guesses.entries()) {
        now += pause;
        if (now > 300_000) break;
        const words = ["login", String(n + 1), `address-${from}`, `s${n}`];
        const step = machine.step(state, parseInput(words), instant(now));
        state = step.state;
        if (state.kind !== "judging") continue;
        judged += 1;
        state = machine.step(state, parseInput(["wrong", String(n + 1)]), instant(now)).state;
      }
      expect(judged).toBeLessThanOrEqual(20);
    }),
    { numRuns: 50 },
  );
});
