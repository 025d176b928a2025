import type { Diagnosis } from "@passerelle/contract";
import { transitionTable } from "@passerelle/testkit";
import { type Instant, instant, wallTime } from "@passerelle/time";
import { describe, expect, test } from "vitest";
import { diagnosticsFault } from "../../src/core/diagnostics/faults.ts";
import type { JOBS_INPUT_KINDS, JobsInput } from "../../src/core/diagnostics/input.ts";
import { type JobsState, LINES_MAX, viewsOf } from "../../src/core/diagnostics/state.ts";
import { jobsMachine, refusalOf } from "../../src/core/diagnostics/step.ts";

const { step, check } = jobsMachine;
const NOW = instant(100_000);
const AT = wallTime(1_800_000_000_000);
const PING: Diagnosis = { kind: "ping", target: "example.org", count: 3 };
const CAPTURE: Diagnosis = { kind: "capture", network: "wan", seconds: 10 };

const start = (id: string, request: Diagnosis = PING): JobsInput => ({
  kind: "start",
  id,
  request,
  at: AT,
});

/** Runs inputs at `NOW`, or each at its own time. */
function after(...story: readonly (JobsInput | readonly [number, JobsInput])[]): JobsState {
  let state = jobsMachine.initial;
  for (const one of story) {
    const [at, input] = "kind" in one ? [NOW, one] : [instant(one[0]), one[1]];
    ({ state } = step(state, input, at));
    check(state);
  }
  return state;
}

const INPUTS: Readonly<Record<(typeof JOBS_INPUT_KINDS)[number], JobsInput>> = {
  timeout: { kind: "timeout" },
  start: start("new"),
  cancel: { kind: "cancel", id: "a" },
  line: { kind: "line", id: "a", line: { number: 1, text: "x" } },
  step: { kind: "step", id: "a", step: { code: "x", verdict: "ok", text: { fr: "x", en: "x" } } },
  progress: { kind: "progress", id: "a", progress: 0.5 },
  file: { kind: "file", id: "a", bytes: 100 },
  done: { kind: "done", id: "a" },
  failed: { kind: "failed", id: "a", fault: diagnosticsFault("resolver_silent") },
};

const STATES: Readonly<Record<string, JobsState>> = {
  empty: jobsMachine.initial,
  running: after(start("a")),
  capturing: after(start("a", CAPTURE)),
  full: after(start("a"), start("b"), start("c"), start("d")),
  ended: after(start("a"), INPUTS.done),
  captured: after(start("a", CAPTURE), INPUTS.done),
};

test("every state meets every input", () => {
  const table = transitionTable({
    machine: jobsMachine,
    states: STATES,
    inputs: INPUTS,
    now: NOW,
    describeState: (state) =>
      `[${viewsOf(state)
        .map((job) => `${job.id}:${job.state}`)
        .join(" ")}]`,
    describeEffect: (effect) => `${effect.kind}(${effect.id})`,
  });
  expect(`\n${table}`).toBe(TABLE);
});

const TABLE = `
empty      timeout   (ignored)
empty      start     -> [new:running]  begin(new)
empty      cancel    (ignored)
empty      line      (ignored)
empty      step      (ignored)
empty      progress  (ignored)
empty      file      (ignored)
empty      done      (ignored)
empty      failed    (ignored)
running    timeout   (ignored)
running    start     -> [new:running a:running]  begin(new)
running    cancel    -> [a:cancelled]  end(a)
running    line      (stays)
running    step      (stays)
running    progress  (stays)
running    file      (stays)
running    done      -> [a:done]
running    failed    -> [a:failed]
capturing  timeout   (ignored)
capturing  start     -> [new:running a:running]  begin(new)
capturing  cancel    -> [a:cancelled]  end(a)
capturing  line      (stays)
capturing  step      (stays)
capturing  progress  (stays)
capturing  file      (stays)
capturing  done      -> [a:done]
capturing  failed    -> [a:failed]  delete_file(a)
full       timeout   (ignored)
full       start     (ignored)
full       cancel    -> [d:running c:running b:running a:cancelled]  end(a)
full       line      (stays)
full       step      (stays)
full       progress  (stays)
full       file      (stays)
full       done      -> [d:running c:running b:running a:done]
full       failed    -> [d:running c:running b:running a:failed]
ended      timeout   (ignored)
ended      start     -> [new:running a:done]  begin(new)
ended      cancel    (ignored)
ended      line      (ignored)
ended      step      (ignored)
ended      progress  (ignored)
ended      file      (ignored)
ended      done      (ignored)
ended      failed    (ignored)
captured   timeout   (ignored)
captured   start     -> [new:running a:done]  begin(new)
captured   cancel    (ignored)
captured   line      (ignored)
captured   step      (ignored)
captured   progress  (ignored)
captured   file      (stays)
captured   done      (ignored)
captured   failed    (ignored)
`;

describe("jobs", () => {
  const due = (state: JobsState): Instant => jobsMachine.deadline(state) ?? instant(-1);

  test("a fifth is refused, and a third capture that records", () => {
    expect(refusalOf(STATES.full as JobsState, PING)?.code).toBe("too_many_jobs");
    const two = after(start("a", CAPTURE), start("b", CAPTURE));
    expect(refusalOf(two, CAPTURE)?.code).toBe("too_many_captures");
    expect(refusalOf(two, PING)).toBeUndefined();
  });

  test("what takes too long is ended and says so, each at its own time", () => {
    const both = after(start("a"), [
      101_000,
      start("b", { kind: "wake", mac: "02:00:00:00:00:01" }),
    ]);
    // Three pings have 23 s, a wake 10 s.
    expect(due(both)).toBe(111_000);
    const first = step(both, { kind: "timeout" }, due(both));
    expect(first.effects).toEqual([{ kind: "end", id: "b" }]);
    expect(viewsOf(first.state).map((job) => [job.id, job.state, job.fault?.code])).toEqual([
      ["a", "running", undefined],
      ["b", "failed", "diagnosis_time_limit"],
    ]);
    expect(due(first.state)).toBe(123_000);
  });

  test("a capture is kept for an hour, and its file goes then", () => {
    const captured = STATES.captured as JobsState;
    expect(due(captured)).toBe(NOW + 3_600_000);
    const noted = step(captured, INPUTS.file, NOW).state;
    expect(viewsOf(noted)[0]?.fileBytes).toBe(100);
    const later = step(noted, { kind: "timeout" }, due(noted));
    expect(later.effects).toEqual([{ kind: "delete_file", id: "a" }]);
    expect(viewsOf(later.state)[0]).not.toHaveProperty("fileBytes");
    expect(jobsMachine.deadline(later.state)).toBeUndefined();
  });

  test("a stopped capture can be looked at; one that failed leaves nothing", () => {
    const stopped = step(STATES.capturing as JobsState, INPUTS.cancel, NOW);
    expect(stopped.effects).toEqual([{ kind: "end", id: "a" }]);
    // The program closes its file after it was stopped.
    const closed = step(stopped.state, INPUTS.file, NOW).state;
    expect(viewsOf(closed)[0]).toMatchObject({ state: "cancelled", fileBytes: 100 });
    const failed = step(STATES.capturing as JobsState, INPUTS.failed, NOW);
    expect(failed.effects).toEqual([{ kind: "delete_file", id: "a" }]);
  });

  test("a third capture takes the place of the oldest file", () => {
    const two = after(start("a", CAPTURE), { kind: "done", id: "a" }, start("b", CAPTURE), {
      kind: "done",
      id: "b",
    });
    const third = step(two, start("c", CAPTURE), NOW);
    expect(third.effects.map((effect) => [effect.kind, effect.id])).toEqual([
      ["delete_file", "a"],
      ["begin", "c"],
    ]);
    check(third.state);
  });

  test("twenty that ended are kept, and the file of one that is forgotten goes", () => {
    let state = after(start("old", CAPTURE), { kind: "done", id: "old" });
    const effects: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      ({ state } = step(state, start(`p${i}`), NOW));
      const ended = step(state, { kind: "done", id: `p${i}` }, NOW);
      effects.push(...ended.effects.map((effect) => `${effect.kind}(${effect.id})`));
      ({ state } = ended);
      check(state);
    }
    expect(viewsOf(state)).toHaveLength(20);
    expect(viewsOf(state)[0]?.id).toBe("p19");
    expect(effects).toEqual(["delete_file(old)"]);
  });

  test("a result is bounded in lines and in length, and has no control characters", () => {
    let state = STATES.running as JobsState;
    const line = { text: `\u0000\u202e${"x".repeat(600)}`, name: "n".repeat(300) };
    for (let i = 0; i < 500; i += 1) {
      ({ state } = step(state, { kind: "line", id: "a", line }, NOW));
      check(state);
    }
    const lines = viewsOf(state)[0]?.lines ?? [];
    expect(lines.length).toBeLessThanOrEqual(LINES_MAX);
    expect(lines[0]?.text).toBe(`??${"x".repeat(510)}`);
    expect(lines[0]?.name).toHaveLength(255);
    expect(JSON.stringify(lines).length).toBeLessThan(12_000);
  });

  test("progress never goes back and never over the end", () => {
    const at = (...shares: readonly number[]) =>
      viewsOf(
        after(
          start("a"),
          ...shares.map((s) => ({ kind: "progress", id: "a", progress: s }) as const),
        ),
      )[0]?.progress;
    expect([at(0.5, 0.2), at(7), at(Number.NaN), at(-1)]).toEqual([0.5, 1, 0, 0]);
  });

  test("nothing is heard of a job after its end", () => {
    const cancelled = after(start("a"), INPUTS.cancel);
    for (const input of [INPUTS.line, INPUTS.step, INPUTS.done, INPUTS.failed, INPUTS.file]) {
      expect(step(cancelled, input, NOW)).toEqual({ state: cancelled, effects: [] });
    }
  });
});
