import { type Diagnosis, systemJobs } from "@passerelle/contract";
import { instant, wallTime } from "@passerelle/time";
import fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { diagnosticsFault } from "../../src/core/diagnostics/faults.ts";
import type { JobsInput } from "../../src/core/diagnostics/input.ts";
import { filesOf, viewsOf } from "../../src/core/diagnostics/state.ts";
import { jobsMachine } from "../../src/core/diagnostics/step.ts";

const id = fc.constantFrom("a", "b", "c", "d", "e", "f");
const request = fc.constantFrom<Diagnosis>(
  { kind: "ping", target: "example.org", count: 100 },
  { kind: "capture", network: "wan", seconds: 300 },
  { kind: "capture", network: "lan", seconds: 1 },
  { kind: "no_internet" },
);
const hostile = fc.string({ unit: "binary", maxLength: 700 });
const input: fc.Arbitrary<JobsInput> = fc.oneof(
  fc.record({
    kind: fc.constant("start" as const),
    id,
    request,
    at: fc.constant(wallTime(1_800_000_000_000)),
  }),
  fc.record({ kind: fc.constantFrom("cancel" as const, "done" as const), id }),
  fc.record({
    kind: fc.constant("failed" as const),
    id,
    fault: fc.constant(diagnosticsFault("capture_not_possible", "x".repeat(9000))),
  }),
  fc.record({
    kind: fc.constant("line" as const),
    id,
    line: fc.record({ text: hostile, name: hostile }),
  }),
  fc.record({
    kind: fc.constant("step" as const),
    id,
    step: fc.constant({ code: "x", verdict: "ok" as const, text: { fr: "x", en: "x" } }),
  }),
  fc.record({ kind: fc.constant("progress" as const), id, progress: fc.double() }),
  fc.record({
    kind: fc.constant("file" as const),
    id,
    bytes: fc.double({ noNaN: true, max: 1e9 }),
  }),
);
const story = fc.array(fc.tuple(fc.nat(400_000), input), { maxLength: 120 });

test("in every story: few jobs, few files, each file deleted once, a document the bus takes", () => {
  fc.assert(
    fc.property(story, (events) => {
      let state = jobsMachine.initial;
      let now = 0;
      const files = new Set<string>();
      const feed = (next: JobsInput): void => {
        const before = state;
        const done = jobsMachine.step(state, next, instant(now));
        jobsMachine.check(done.state);
        ({ state } = done);
        for (const effect of done.effects) {
          if (effect.kind === "begin" && effect.request.kind === "capture") files.add(effect.id);
          if (effect.kind === "delete_file") expect(files.delete(effect.id)).toBe(true);
          // Who is told to end was running, and is not any more.
          if (effect.kind === "end") {
            expect(before.running.some((job) => job.view.id === effect.id)).toBe(true);
            expect(state.running.some((job) => job.view.id === effect.id)).toBe(false);
          }
        }
        expect(filesOf(state)).toBe(files.size);
      };
      const ring = (until: number): void => {
        for (let i = 0; i < 50; i += 1) {
          const due = jobsMachine.deadline(state);
          if (due === undefined || due > until) break;
          now = Math.max(now, due);
          feed({ kind: "timeout" });
        }
        now = Math.max(now, until);
      };
      for (const [wait, next] of events) {
        ring(now + wait);
        feed(next);
      }
      const document = { jobs: [...viewsOf(state)] };
      expect(v.safeParse(systemJobs.schema, document).issues).toBeUndefined();
      expect(new TextEncoder().encode(JSON.stringify(document)).length).toBeLessThan(900_000);
      // Left alone, everything ends and no file stays.
      ring(now + 5_000_000);
      expect([state.running.length, files.size]).toEqual([0, 0]);
      expect(jobsMachine.deadline(state)).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});
