import fc from "fast-check";
import { expect, test } from "vitest";
import { CODE_MAX } from "../src/core/flood.ts";
import type { Input } from "../src/core/input.ts";
import { initial, NOTIFICATIONS_MAX } from "../src/core/state.ts";
import { readMemory } from "../src/schema.ts";
import { at, configOf, happens, NO_INTERNET, Story } from "./story.ts";

const second = fc.integer({ min: 0, max: 90 });
const name = fc.constantFrom("tv", "phone", "\u202Ename", "{what}", "");
const daemon = fc.constantFrom("lan", "wan", "web");

/** Something that can happen, at a second that is told later. */
const happening: fc.Arbitrary<(second: number) => Input> = fc.oneof(
  fc.constantFrom(happens.online, happens.offline),
  name.map((text) => (now: number) => happens.device(now, text)),
  fc.tuple(daemon, fc.boolean(), fc.integer({ min: 1, max: 3 })).map(
    ([who, online, pid]) =>
      (now: number) =>
        happens.alive(now, who, online, pid),
  ),
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 20, max: 110 })).map(
    ([free, heat]) =>
      (now: number) =>
        happens.measured(now, free, heat),
  ),
  fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()).map(
    ([revision, trial]) =>
      (now: number) =>
        happens.revision(now, revision, trial),
  ),
  fc
    .tuple(
      fc.integer({ min: 0, max: 6 }),
      fc.constantFrom("probation" as const, "confirmed" as const),
    )
    .map(
      ([revision, phase]) =>
        (now: number) =>
          happens.revisions(now, revision, phase),
    ),
  fc
    .subarray(["tcp 80", "udp 53", "tcp 22"])
    .map((open) => (now: number) => happens.openings(now, ...open)),
  fc.option(fc.constant("192.0.2.1"), { nil: undefined }).map(
    (source) =>
      (now: number): Input => ({
        kind: "clock",
        at: at(now),
        wanted: true,
        ...(source === undefined ? {} : { source }),
      }),
  ),
  fc.integer({ min: 0, max: 9 }).map(
    (n) =>
      (now: number): Input => ({
        kind: "security",
        at: at(now),
        code: "login_failed",
        actor: "x",
        source: `192.168.1.${n}`,
      }),
  ),
  fc
    .constantFrom("internet_down", "box_too_hot", "device:id-tv", "daemon_unstable:lan", "nothing")
    .map((id) => (): Input => ({ kind: "dismissed", id })),
  fc.constant(
    (now: number): Input => ({
      kind: "line_history",
      transitions: [
        { at: at(now), layer: "reach", from: "online", to: "offline", cause: NO_INTERNET },
      ],
    }),
  ),
);

test("whatever happens: every belief holds, and what is kept can be read again", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(second, happening), { maxLength: 120 }), (story) => {
      const told = new Story();
      let now = 0;
      for (const [wait, make] of story) {
        now += wait;
        told.tell(now, make(now));
      }
      expect(told.notices.length).toBeLessThanOrEqual(NOTIFICATIONS_MAX);
      const { memory } = told.state;
      expect(readMemory(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
      // Another life begins with it.
      const again = new Story(initial(configOf(), memory));
      expect(again.notices).toEqual(told.notices);
      for (const { text, actor = "" } of told.lines) {
        expect(`${text.fr}${text.en}`).not.toMatch(/[\p{Cc}\p{Cf}]|\{[a-z]+\}(?<!\{what\})/u);
        expect(actor.length).toBeLessThanOrEqual(255);
      }
    }),
    { numRuns: 300 },
  );
});

test("however often: a kind of line comes sixty times a minute at most", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 400 }), (sources) => {
      const story = new Story();
      for (const n of sources) {
        story.tell(1, {
          kind: "security",
          at: at(1),
          code: "login_failed",
          actor: "x",
          source: `192.168.1.${n}`,
        });
      }
      expect(story.codes.length).toBeLessThanOrEqual(CODE_MAX);
      // Each that was not noted is counted in the end.
      const counted = story
        .go(200)
        .lines.filter(({ code }) => code === "log_shortened")
        .map(({ text }) => Number(/\d+/.exec(text.en)?.[0]))
        .reduce((a, b) => a + b, 0);
      const noted = story.codes.filter((code) => code === "login_failed").length;
      expect(noted + counted).toBe(sources.length);
    }),
  );
});
