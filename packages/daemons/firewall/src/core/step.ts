import { ignored, type Machine, type Step } from "@passerelle/machine";
import { after, type Duration, type Instant, isDue, milliseconds, shorter } from "@passerelle/time";
import type { FirewallConfig } from "../config.ts";
import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { compileRuleset } from "./render.ts";
import {
  CALM,
  type Confirmed,
  check,
  deadline,
  type Goal,
  LOOK_SOON,
  RETRY_FIRST,
  RETRY_LAST,
  type State,
  VERIFY_EVERY,
} from "./state.ts";
import { isComplete, modelOf, type Wanted } from "./wanted.ts";

type Next = Step<State, Effect>;

/** The rules of the home: made from what is known, applied whole, confirmed, and looked after. */
export function firewallMachine(config: FirewallConfig): Machine<State, Input, Effect> {
  const wanted: Wanted = { config, addresses: new Map() };
  return { initial: { kind: "starting", wanted, adopted: false }, step, deadline, check };
}

export function step(state: State, input: Input, now: Instant): Next {
  const wanted = learn(state.wanted, input);
  if (wanted !== state.wanted) return reconsider({ ...state, wanted });
  switch (state.kind) {
    case "starting":
      return stepStarting(state, input, now);
    case "applying":
      return stepApplying(state, input, now);
    case "protecting":
      return stepProtecting(state, input, now);
    case "failed":
      return stepFailed(state, input, now);
  }
}

/** The news in an input; the same object where there is none. */
function learn(wanted: Wanted, input: Input): Wanted {
  switch (input.kind) {
    case "configured":
      return { ...wanted, config: input.config };
    case "lan_known":
      return { ...wanted, lan: input.lan };
    case "wan_known":
      return { ...wanted, wan: input.wan };
    case "addresses_known":
      return { ...wanted, addresses: input.addresses };
    default:
      return wanted;
  }
}

/** After news: the same rules again are not applied again. */
function reconsider(state: State): Next {
  switch (state.kind) {
    case "starting":
      // Before the look nobody knows what is in force; adopted rules stay until ours would be whole.
      return state.adopted && isComplete(state.wanted)
        ? apply(state.wanted, goalOf(state.wanted), 1, undefined)
        : { state, effects: [] };
    case "applying":
      return { state, effects: [] };
    case "protecting": {
      const goal = goalOf(state.wanted);
      return goal.ruleset.body === state.confirmed.ruleset.body
        ? { state: { ...state, confirmed: { ...state.confirmed, ...goal } }, effects: [] }
        : apply(state.wanted, goal, 1, state.confirmed);
    }
    case "failed": {
      const goal = goalOf(state.wanted);
      return goal.ruleset.body === state.goal.ruleset.body
        ? { state: { ...state, goal }, effects: [] }
        : apply(state.wanted, goal, 1, state.confirmed);
    }
  }
}

function stepStarting(
  state: Extract<State, { kind: "starting" }>,
  input: Input,
  now: Instant,
): Next {
  switch (input.kind) {
    case "start":
      return { state, effects: [{ kind: "look" }] };
    case "found": {
      const keep = input.table === "ours" && !isComplete(state.wanted);
      if (keep) {
        return {
          state: { ...state, adopted: true, look: nextLook(now) },
          effects: [],
        };
      }
      const goal = goalOf(state.wanted);
      const attempt = input.table === "other_layout" ? FIRST_DELETING_ATTEMPT : 1;
      return apply(state.wanted, goal, attempt, undefined);
    }
    case "timeout":
      return isDue(state.look?.at, now)
        ? { state: { ...state, look: nextLook(now) }, effects: [{ kind: "look" }] }
        : ignored(state);
    case "touched": {
      const { look } = state;
      // The first look is on its way.
      if (look === undefined) return ignored(state);
      const at = hastened(look.at, look.calmUntil, now);
      return at === look.at
        ? ignored(state)
        : { state: { ...state, look: { ...look, at } }, effects: [] };
    }
    default:
      return ignored(state);
  }
}

function stepApplying(
  state: Extract<State, { kind: "applying" }>,
  input: Input,
  now: Instant,
): Next {
  switch (input.kind) {
    case "applied": {
      const confirmed: Confirmed = { ...state.goal, digest: input.digest };
      const goal = goalOf(state.wanted);
      // Forwarding only behind rules that were seen in force (RFC 7084 G-3).
      const effects: Effect[] = confirmed.model.kind === "home" ? [{ kind: "settings" }] : [];
      if (goal.ruleset.body !== confirmed.ruleset.body) {
        const next = apply(state.wanted, goal, 1, confirmed);
        return { state: next.state, effects: [...effects, ...next.effects] };
      }
      return { state: protecting(state.wanted, { ...confirmed, ...goal }, now), effects };
    }
    case "apply_failed":
      return fail(state, input, now);
    case "touched":
      // Ours, or one that ours replaces or the read-back sees.
      return ignored(state);
    default:
      return ignored(state);
  }
}

function stepProtecting(
  state: Extract<State, { kind: "protecting" }>,
  input: Input,
  now: Instant,
): Next {
  switch (input.kind) {
    case "timeout": {
      if (!isDue(state.verifyAt, now)) return ignored(state);
      const { ruleset, digest } = state.confirmed;
      return {
        state: { ...state, ...nextVerify(now) },
        effects: [{ kind: "verify", ruleset, digest }],
      };
    }
    case "touched": {
      const verifyAt = hastened(state.verifyAt, state.calmUntil, now);
      return verifyAt === state.verifyAt
        ? ignored(state)
        : { state: { ...state, verifyAt }, effects: [] };
    }
    case "differs": {
      const next = apply(state.wanted, goalOf(state.wanted), 1, undefined);
      return {
        state: next.state,
        effects: [{ kind: "report_foreign_change", what: input.what }, ...next.effects],
      };
    }
    case "verify_failed":
    case "settings_failed":
      return fail({ ...state, goal: state.confirmed, attempt: 1 }, input, now);
    default:
      return ignored(state);
  }
}

function stepFailed(state: Extract<State, { kind: "failed" }>, input: Input, now: Instant): Next {
  switch (input.kind) {
    case "timeout":
      return isDue(state.retryAt, now)
        ? apply(state.wanted, goalOf(state.wanted), state.attempt + 1, state.confirmed)
        : ignored(state);
    case "touched": {
      // What was in force may be gone, and so may what stood in our way.
      const retryAt = hastened(state.retryAt, state.calmUntil, now);
      return retryAt === state.retryAt
        ? ignored(state)
        : { state: { ...state, retryAt }, effects: [] };
    }
    default:
      return ignored(state);
  }
}

/** From here on an attempt deletes the table first: what refused us may be a chain or set of another shape. */
const FIRST_DELETING_ATTEMPT = 3;

function apply(
  wanted: Wanted,
  goal: Goal,
  attempt: number,
  confirmed: Confirmed | undefined,
): Next {
  const replace = attempt >= FIRST_DELETING_ATTEMPT ? "delete" : "flush";
  return {
    state: {
      kind: "applying",
      wanted,
      goal,
      attempt,
      ...(confirmed === undefined ? {} : { confirmed }),
    },
    effects: [{ kind: "apply", ruleset: goal.ruleset, replace }],
  };
}

function fail(
  state: {
    readonly wanted: Wanted;
    readonly goal: Goal;
    readonly attempt: number;
    readonly confirmed?: Confirmed;
  },
  input: Extract<Input, { kind: "apply_failed" | "verify_failed" | "settings_failed" }>,
  now: Instant,
): Next {
  const { wanted, goal, attempt, confirmed } = state;
  return {
    state: {
      kind: "failed",
      wanted,
      goal: { model: goal.model, ruleset: goal.ruleset },
      fault: input.fault,
      attempt,
      retryAt: after(now, retryWait(attempt)),
      calmUntil: after(now, CALM),
      ...(confirmed === undefined ? {} : { confirmed }),
    },
    effects: [],
  };
}

/** Doubles with each attempt, to a minute. */
function retryWait(attempt: number): Duration {
  return shorter(RETRY_LAST, milliseconds(RETRY_FIRST * 2 ** Math.min(attempt - 1, 10)));
}

function protecting(wanted: Wanted, confirmed: Confirmed, now: Instant): State {
  return { kind: "protecting", wanted, confirmed, ...nextVerify(now) };
}

function nextVerify(now: Instant): { verifyAt: Instant; calmUntil: Instant } {
  return { verifyAt: after(now, VERIFY_EVERY), calmUntil: after(now, CALM) };
}

function nextLook(now: Instant): { at: Instant; calmUntil: Instant } {
  return { at: after(now, VERIFY_EVERY), calmUntil: after(now, CALM) };
}

/** More of the same moves it no further: what another program does all the time puts nothing off. */
function hastened(due: Instant, calmUntil: Instant, now: Instant): Instant {
  const soon = after(now, LOOK_SOON);
  const early = soon > calmUntil ? soon : calmUntil;
  return early < due ? early : due;
}

function goalOf(wanted: Wanted): Goal {
  const model = modelOf(wanted);
  return { model, ruleset: compileRuleset(model) };
}
