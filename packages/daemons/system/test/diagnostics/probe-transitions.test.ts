import { transitionTable } from "@passerelle/testkit";
import { instant, milliseconds, seconds } from "@passerelle/time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type PING_INPUT_KINDS,
  type PingEffect,
  type PingInput,
  type PingState,
  pingMachine,
} from "../../src/core/diagnostics/ping.ts";
import {
  HOPS_MAX,
  type HopAnswer,
  type TRACE_INPUT_KINDS,
  type TraceEffect,
  type TraceInput,
  type TraceState,
  traceMachine,
} from "../../src/core/diagnostics/trace.ts";

const NOW = instant(10_000);
const settings = { count: 2, interval: seconds(1), patience: milliseconds(2000) };
const ping = pingMachine(settings);

const reply = (sequence: number, rttMs = 5): PingInput => ({
  kind: "reply",
  sequence,
  from: "192.0.2.1",
  ttl: 60,
  rttMs,
});
const refused = (sequence: number): PingInput => ({
  kind: "refused",
  sequence,
  from: "192.0.2.9",
  why: "host unreachable",
});

function pinged(...story: readonly (readonly [number, PingInput])[]): PingState {
  let state = ping.initial;
  for (const [at, input] of story) {
    ({ state } = ping.step(state, input, instant(at)));
    ping.check(state);
  }
  return state;
}

const TICK = { kind: "timeout" } as const;
const PING_INPUTS: Readonly<Record<(typeof PING_INPUT_KINDS)[number], PingInput>> = {
  timeout: TICK,
  reply: reply(1),
  refused: refused(1),
};
const PING_STATES: Readonly<Record<string, PingState>> = {
  new: ping.initial,
  "one out": pinged([10_000, TICK]),
  "one out, next due": pinged([9000, TICK]),
  "one out, lost": pinged([8000, TICK], [9000, TICK]),
  "one known": pinged([9500, TICK], [9600, reply(1)]),
  finished: pinged([8000, TICK], [8100, reply(1)], [9000, TICK], [9100, reply(2)]),
};

test("ping: every state meets every input", () => {
  const table = transitionTable({
    machine: ping,
    states: PING_STATES,
    inputs: PING_INPUTS,
    now: NOW,
    describeState: (s) => `sent ${s.sent}, waiting ${s.waiting.length}, known ${s.known}`,
    describeEffect: describePing,
  });
  expect(`\n${table}`).toBe(PING_TABLE);
});

function describePing(effect: PingEffect): string {
  switch (effect.kind) {
    case "send":
      return `send(${effect.sequence})`;
    case "outcome":
      return `${effect.outcome.kind}(${effect.outcome.sequence})`;
    case "finished":
      return `finished(${effect.summary.received}/${effect.summary.sent})`;
  }
}

const PING_TABLE = `
new                timeout  -> sent 1, waiting 1, known 0  send(1)
new                reply    (ignored)
new                refused  (ignored)
one out            timeout  (ignored)
one out            reply    -> sent 1, waiting 0, known 1  reply(1)
one out            refused  -> sent 1, waiting 0, known 1  refused(1)
one out, next due  timeout  -> sent 2, waiting 2, known 0  send(2)
one out, next due  reply    -> sent 1, waiting 0, known 1  reply(1)
one out, next due  refused  -> sent 1, waiting 0, known 1  refused(1)
one out, lost      timeout  -> sent 2, waiting 1, known 1  lost(1)
one out, lost      reply    -> sent 2, waiting 1, known 1  reply(1)
one out, lost      refused  -> sent 2, waiting 1, known 1  refused(1)
one known          timeout  (ignored)
one known          reply    (ignored)
one known          refused  (ignored)
finished           timeout  (ignored)
finished           reply    (ignored)
finished           refused  (ignored)
`;

const router = (from = "192.0.2.1"): HopAnswer => ({ kind: "router", from, rttMs: 1 });
const target: HopAnswer = { kind: "target", from: "198.51.100.1", rttMs: 2 };
const answer = (hop: number, what: HopAnswer): TraceInput => ({
  kind: "answer",
  hop,
  answer: what,
});

function traced(...story: readonly (readonly [number, TraceInput])[]): TraceState {
  let state = traceMachine.initial;
  for (const [at, input] of story) {
    ({ state } = traceMachine.step(state, input, instant(at)));
    traceMachine.check(state);
  }
  return state;
}

const TRACE_INPUTS: Readonly<Record<(typeof TRACE_INPUT_KINDS)[number], TraceInput>> = {
  timeout: TICK,
  answer: answer(1, router()),
};
const TRACE_STATES: Readonly<Record<string, TraceState>> = {
  new: traceMachine.initial,
  probing: traced([9900, TICK]),
  "first attempts over": traced([8500, TICK]),
  "second attempts over": traced([7000, TICK], [8500, TICK]),
  "end known": traced([9900, TICK], [9950, answer(3, target)]),
  finished: traced([9900, TICK], [9950, answer(1, target)]),
};

test("trace: every state meets every input", () => {
  const table = transitionTable({
    machine: traceMachine,
    states: TRACE_STATES,
    inputs: TRACE_INPUTS,
    now: NOW,
    describeState: (s) =>
      `${s.kind} asked ${s.asked}, waiting ${s.waiting.map((w) => w.hop).join("+") || "-"}, told ${s.told}`,
    describeEffect: describeTrace,
  });
  expect(`\n${table}`).toBe(TRACE_TABLE);
});

function describeTrace(effect: TraceEffect): string {
  switch (effect.kind) {
    case "send":
      return `send(${effect.hop}.${effect.attempt})`;
    case "hop":
      return `hop(${effect.hop} ${effect.answer.kind})`;
    case "finished":
      return `finished(${effect.end})`;
  }
}

const TRACE_TABLE = `
new                   timeout  -> probing asked 3, waiting 1+2+3, told 0  send(1.1) send(2.1) send(3.1)
new                   answer   (ignored)
probing               timeout  (ignored)
probing               answer   -> probing asked 4, waiting 2+3+4, told 1  hop(1 router) send(4.1)
first attempts over   timeout  (stays)  send(1.2) send(2.2) send(3.2)
first attempts over   answer   -> probing asked 4, waiting 2+3+4, told 1  hop(1 router) send(4.1)
second attempts over  timeout  -> probing asked 6, waiting 4+5+6, told 3  hop(1 silent) hop(2 silent) hop(3 silent) send(4.1) send(5.1) send(6.1)
second attempts over  answer   -> probing asked 4, waiting 2+3+4, told 1  hop(1 router) send(4.1)
end known             timeout  (ignored)
end known             answer   -> probing asked 3, waiting 2, told 1  hop(1 router)
finished              timeout  (ignored)
finished              answer   (ignored)
`;

describe("ping", () => {
  test("a late, a doubled and a foreign reply mean nothing", () => {
    const state = PING_STATES["one known"] as PingState;
    for (const input of [reply(1), reply(7), refused(1)]) {
      expect(ping.step(state, input, NOW)).toEqual({ state, effects: [] });
    }
  });

  test("sums up what came back", () => {
    const { state } = ping.step(pinged([0, TICK], [30, reply(1, 10)]), TICK, instant(1000));
    const { effects } = ping.step(state, reply(2, 30), instant(1030));
    expect(effects.at(-1)).toEqual({
      kind: "finished",
      summary: { sent: 2, received: 2, loss: 0, times: { min: 10, mean: 20, max: 30 } },
    });
  });

  test("whatever comes and goes: each question has one outcome, and it ends", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(
          fc.record({
            wait: fc.nat(3000),
            sequence: fc.nat(14),
            kind: fc.constantFrom("reply", "refused", "none"),
          }),
          { maxLength: 60 },
        ),
        (count, story) => {
          const machine = pingMachine({ ...settings, count });
          const told = new Map<number, number>();
          let finished = 0;
          let state = machine.initial;
          let now = 0;
          const feed = (input: PingInput): void => {
            const next = machine.step(state, input, instant(now));
            machine.check(next.state);
            ({ state } = next);
            for (const effect of next.effects) {
              if (effect.kind === "finished") finished += 1;
              if (effect.kind !== "outcome") continue;
              const { sequence } = effect.outcome;
              told.set(sequence, (told.get(sequence) ?? 0) + 1);
            }
          };
          const ring = (until: number): void => {
            for (
              let due = machine.deadline(state);
              due !== undefined && due <= until;
              due = machine.deadline(state)
            ) {
              now = Math.max(now, due);
              feed(TICK);
            }
            now = Math.max(now, until);
          };
          for (const { wait, sequence, kind } of story) {
            ring(now + wait);
            if (kind !== "none") feed(kind === "reply" ? reply(sequence) : refused(sequence));
          }
          ring(1_000_000);
          expect(finished).toBe(1);
          expect([...told.values()]).toEqual(Array.from({ length: count }, () => 1));
        },
      ),
    );
  });
});

/** Plays a way: what each hop says, silence where it says nothing. The effects in order. */
function play(
  way: (hop: number, attempt: number) => HopAnswer | undefined,
): readonly TraceEffect[] {
  const told: TraceEffect[] = [];
  let state = traceMachine.initial;
  const waiting: TraceInput[] = [];
  for (
    let due = traceMachine.deadline(state);
    due !== undefined;
    due = traceMachine.deadline(state)
  ) {
    let inputs: readonly TraceInput[] = [TICK];
    while (inputs.length > 0) {
      for (const input of inputs) {
        const next = traceMachine.step(state, input, due);
        traceMachine.check(next.state);
        ({ state } = next);
        told.push(...next.effects);
        for (const effect of next.effects) {
          const said = effect.kind === "send" ? way(effect.hop, effect.attempt) : undefined;
          if (effect.kind === "send" && said !== undefined) waiting.push(answer(effect.hop, said));
        }
      }
      inputs = waiting.splice(0);
    }
  }
  return told;
}

const hopsOf = (effects: readonly TraceEffect[]): readonly string[] =>
  effects.filter((effect) => effect.kind !== "send").map(describeTrace);

describe("trace", () => {
  test("ends at the target", () => {
    expect(hopsOf(play((hop) => (hop < 3 ? router() : target)))).toEqual([
      "hop(1 router)",
      "hop(2 router)",
      "hop(3 target)",
      "finished(reached)",
    ]);
  });
  test("a router that answers the second time only is a hop", () => {
    const effects = play((hop, attempt) =>
      hop === 1 && attempt === 1 ? undefined : hop < 3 ? router() : target,
    );
    expect(hopsOf(effects)).toEqual([
      "hop(1 router)",
      "hop(2 router)",
      "hop(3 target)",
      "finished(reached)",
    ]);
  });
  test("ends after five silent hops", () => {
    const effects = hopsOf(play((hop) => (hop === 1 ? router() : undefined)));
    expect(effects.slice(-2)).toEqual(["hop(6 silent)", "finished(silent)"]);
  });
  test("four silent hops in a row do not end it", () => {
    const effects = hopsOf(play((hop) => (hop < 5 ? undefined : target)));
    expect(effects.at(-1)).toBe("finished(reached)");
  });
  test("every other hop silent is not silence", () => {
    const effects = hopsOf(
      play((hop) => (hop > 14 ? target : hop % 2 === 0 ? router() : undefined)),
    );
    expect(effects.at(-1)).toBe("finished(reached)");
  });
  test("ends after thirty hops", () => {
    const effects = hopsOf(play(() => router()));
    expect(effects.slice(-2)).toEqual([`hop(${HOPS_MAX} router)`, "finished(too_far)"]);
  });
  test("where it is refused, it ends and says where", () => {
    const no: HopAnswer = { kind: "refused", from: "192.0.2.5", why: "prohibited" };
    expect(hopsOf(play((hop) => (hop < 2 ? router() : no)))).toEqual([
      "hop(1 router)",
      "hop(2 refused)",
      "finished(refused)",
    ]);
  });
  test("whatever a way says: hops are told once each, in order, and it ends", () => {
    const said = fc.constantFrom<HopAnswer | undefined>(router(), target, undefined, {
      kind: "refused",
      why: "x",
    });
    fc.assert(
      fc.property(fc.array(said, { minLength: 60, maxLength: 60 }), (answers) => {
        const effects = play((hop, attempt) => answers[(hop - 1) * 2 + attempt - 1]);
        const hops = effects.flatMap((effect) => (effect.kind === "hop" ? [effect.hop] : []));
        expect(hops).toEqual(hops.map((_, i) => i + 1));
        expect(hops.length).toBeLessThanOrEqual(HOPS_MAX);
        expect(effects.filter((effect) => effect.kind === "finished")).toHaveLength(1);
        expect(effects.at(-1)?.kind).toBe("finished");
      }),
    );
  });
});
