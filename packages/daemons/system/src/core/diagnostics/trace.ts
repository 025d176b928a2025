import { ignored, type Machine, type Step } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import { after, earliest, type Instant, instant, isDue, milliseconds } from "@passerelle/time";

/** The way to an address: echo requests that may make 1, 2, 3 … hops, and who says that they may not go on. */
export interface TraceState {
  readonly kind: "probing" | "finished";
  /** Hops asked for so far. */
  readonly asked: number;
  readonly waiting: readonly {
    readonly hop: number;
    readonly attempt: number;
    readonly due: Instant;
  }[];
  /** What is known and could not be told yet: an earlier hop is still open. */
  readonly answers: ReadonlyMap<number, HopAnswer>;
  /** Hops told so far, in order. */
  readonly told: number;
  /** Hops in a row that said nothing. */
  readonly silent: number;
  /** The hop at which the way ends, as far as is known. */
  readonly end?: number;
  /** False only before the first timeout: there is no clock before it. */
  readonly begun: boolean;
}

export type HopAnswer =
  | { readonly kind: "silent" }
  | {
      /** "router": it may not go on from here. "target": here it is. "refused": it goes no further, and why. */
      readonly kind: "router" | "target" | "refused";
      readonly from?: string;
      readonly rttMs?: number;
      readonly why?: string;
    };

export type TraceInput =
  | { readonly kind: "timeout" }
  | { readonly kind: "answer"; readonly hop: number; readonly answer: HopAnswer };

export const TRACE_INPUT_KINDS = [
  "timeout",
  "answer",
] as const satisfies readonly TraceInput["kind"][];

export type TraceEffect =
  | { readonly kind: "send"; readonly hop: number; readonly attempt: number }
  | { readonly kind: "hop"; readonly hop: number; readonly answer: HopAnswer }
  | { readonly kind: "finished"; readonly end: TraceEnd };

export type TraceEnd = "reached" | "refused" | "silent" | "too_far";

export const HOPS_MAX = 30;
export const FLIGHT_MAX = 3;
export const SILENT_MAX = 5;
/** Routers answer a few a second only, and some drop the first: a second probe, and then it is silence. */
export const ATTEMPTS = 2;
export const HOP_PATIENCE = milliseconds(1500);

export const traceMachine: Machine<TraceState, TraceInput, TraceEffect> = {
  initial: {
    kind: "probing",
    asked: 0,
    waiting: [],
    answers: new Map(),
    told: 0,
    silent: 0,
    begun: false,
  },
  step,
  deadline: (state) => {
    if (state.kind === "finished") return undefined;
    return state.begun ? earliest(...state.waiting.map((one) => one.due)) : instant(0);
  },
  check(state) {
    invariant(state.waiting.length <= FLIGHT_MAX, "few probes are in flight");
    invariant(state.asked <= HOPS_MAX && state.told <= state.asked, "hops are counted up");
    invariant(state.silent <= SILENT_MAX, "silence ends it");
    invariant(
      state.kind === "finished" || !state.begun || state.waiting.length > 0,
      "what is not finished waits for something",
    );
  },
};

function step(state: TraceState, input: TraceInput, now: Instant): Step<TraceState, TraceEffect> {
  if (state.kind === "finished") return ignored(state);
  if (input.kind === "answer") {
    if (!state.waiting.some((one) => one.hop === input.hop)) return ignored(state);
    return goOn(learn(state, input.hop, input.answer), now);
  }
  if (!state.begun) return goOn({ ...state, begun: true }, now);
  const due = state.waiting.filter((one) => isDue(one.due, now));
  if (due.length === 0) return ignored(state);
  let next = state;
  const effects: TraceEffect[] = [];
  for (const { hop, attempt } of due) {
    if (attempt >= ATTEMPTS) {
      next = learn(next, hop, { kind: "silent" });
      continue;
    }
    const again = { hop, attempt: attempt + 1, due: after(now, HOP_PATIENCE) };
    next = {
      ...next,
      waiting: next.waiting.map((one) => (one.hop === hop ? again : one)),
    };
    effects.push({ kind: "send", hop, attempt: attempt + 1 });
  }
  const gone = goOn(next, now);
  return { state: gone.state, effects: [...effects, ...gone.effects] };
}

function learn(state: TraceState, hop: number, answer: HopAnswer): TraceState {
  const isEnd = answer.kind === "target" || answer.kind === "refused";
  const end = isEnd ? Math.min(hop, state.end ?? hop) : state.end;
  return {
    ...state,
    answers: new Map(state.answers).set(hop, answer),
    // What was sent beyond the end is of no interest any more.
    waiting: state.waiting.filter((one) => one.hop !== hop && one.hop < (end ?? HOPS_MAX + 1)),
    ...(end === undefined ? {} : { end }),
  };
}

/** Tells the hops that are next in order, then asks for more, or ends. */
function goOn(state: TraceState, now: Instant): Step<TraceState, TraceEffect> {
  let next = state;
  const effects: TraceEffect[] = [];
  for (;;) {
    const hop = next.told + 1;
    const answer = next.answers.get(hop);
    if (answer === undefined) break;
    effects.push({ kind: "hop", hop, answer });
    next = { ...next, told: hop, silent: answer.kind === "silent" ? next.silent + 1 : 0 };
    const end = endOf(next, answer);
    if (end === undefined) continue;
    effects.push({ kind: "finished", end });
    return { state: { ...next, kind: "finished", waiting: [], answers: new Map() }, effects };
  }
  const last = Math.min(HOPS_MAX, (next.end ?? HOPS_MAX + 1) - 1);
  while (next.waiting.length < FLIGHT_MAX && next.asked < last) {
    const hop = next.asked + 1;
    const probe = { hop, attempt: 1, due: after(now, HOP_PATIENCE) };
    next = { ...next, asked: hop, waiting: [...next.waiting, probe] };
    effects.push({ kind: "send", hop, attempt: 1 });
  }
  return { state: next, effects };
}

function endOf(state: TraceState, answer: HopAnswer): TraceEnd | undefined {
  if (answer.kind === "target") return "reached";
  if (answer.kind === "refused") return "refused";
  if (state.silent >= SILENT_MAX) return "silent";
  return state.told >= HOPS_MAX ? "too_far" : undefined;
}
