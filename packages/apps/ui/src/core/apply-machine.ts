import type { Problem } from "@passerelle/api";
import type { ConfigPlan } from "@passerelle/contract";

/**
 * How a change of the settings goes: what it will do to people is shown before, how it goes during,
 * and it can be undone after. Pure: times are milliseconds of one clock that only goes forward.
 */
export type ApplyState =
  | { readonly kind: "planning" }
  | { readonly kind: "planned"; readonly plan: ConfigPlan | undefined }
  | { readonly kind: "applying" }
  | {
      readonly kind: "probation";
      readonly token: string;
      readonly startedAt: number;
      readonly endsAt: number;
      /** The address that answers; undefined while none does. */
      readonly answeredBy: string | undefined;
      readonly answeredAt: number;
      readonly keeping: boolean;
      /** Why the last try to keep it did not work. */
      readonly problem: Problem | undefined;
    }
  | { readonly kind: "done"; readonly canUndo: boolean }
  | { readonly kind: "undoing" }
  | { readonly kind: "undone" }
  /** The box took the change back by itself: nobody kept it in time. */
  | { readonly kind: "taken_back" }
  | {
      readonly kind: "failed";
      readonly problem: Problem;
      readonly during: "plan" | "apply" | "undo";
    }
  | { readonly kind: "closed" };

export type ApplyInput =
  | { readonly kind: "plan_made"; readonly plan: ConfigPlan | undefined }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "go" }
  | { readonly kind: "applied"; readonly outcome: Outcome }
  | { readonly kind: "answered"; readonly address: string }
  | { readonly kind: "keep" }
  | { readonly kind: "kept" }
  | { readonly kind: "undo" }
  | { readonly kind: "undo_done" }
  | { readonly kind: "tick" }
  | { readonly kind: "close" };

export interface Outcome {
  readonly probation: { readonly token: string; readonly seconds: number } | undefined;
  readonly canUndo: boolean;
}

export type ApplyEffect =
  | { readonly kind: "plan" }
  | { readonly kind: "apply" }
  | { readonly kind: "confirm"; readonly token: string }
  | { readonly kind: "undo"; readonly probation: boolean };

export interface ApplyStep {
  readonly state: ApplyState;
  readonly effects: readonly ApplyEffect[];
}

export const startApply: ApplyStep = { state: { kind: "planning" }, effects: [{ kind: "plan" }] };

export function stepApply(state: ApplyState, input: ApplyInput, now: number): ApplyStep {
  if (input.kind === "close") return only(canClose(state) ? { kind: "closed" } : state);
  switch (state.kind) {
    case "planning":
      if (input.kind === "plan_made") return only({ kind: "planned", plan: input.plan });
      if (input.kind === "refused") return fail(input.problem, "plan");
      return only(state);
    case "planned":
      if (input.kind !== "go" || !canGo(state.plan)) return only(state);
      return { state: { kind: "applying" }, effects: [{ kind: "apply" }] };
    case "applying":
      if (input.kind === "applied") return applied(input.outcome, now);
      if (input.kind === "refused") return fail(input.problem, "apply");
      return only(state);
    case "probation":
      return probation(state, input, now);
    case "done":
      if (input.kind !== "undo" || !state.canUndo) return only(state);
      return { state: { kind: "undoing" }, effects: [{ kind: "undo", probation: false }] };
    case "undoing":
      if (input.kind === "undo_done") return only({ kind: "undone" });
      if (input.kind === "refused") return fail(input.problem, "undo");
      // To go back may cut off, too: then it has to be kept like any change.
      if (input.kind === "applied") return applied({ ...input.outcome, canUndo: false }, now);
      return only(state);
    case "undone":
    case "taken_back":
    case "failed":
    case "closed":
      return only(state);
  }
}

/** A plan with problems, or one that changes nothing, has no button to go on. */
export function canGo(plan: ConfigPlan | undefined): boolean {
  return plan === undefined || (plan.problems.length === 0 && plan.differences.length > 0);
}

/** Nothing is left half done behind the back of a person. */
export function canClose(state: ApplyState): boolean {
  return state.kind !== "applying" && state.kind !== "probation" && state.kind !== "undoing";
}

function probation(
  state: Extract<ApplyState, { kind: "probation" }>,
  input: ApplyInput,
  now: number,
): ApplyStep {
  switch (input.kind) {
    case "answered":
      return only({ ...state, answeredBy: input.address, answeredAt: now });
    case "keep":
      if (state.keeping) return only(state);
      return {
        state: { ...state, keeping: true, problem: undefined },
        effects: [{ kind: "confirm", token: state.token }],
      };
    case "kept":
      return only({ kind: "done", canUndo: true });
    case "refused":
      // Not the end: the other address may answer, and the time is not over.
      return only({ ...state, keeping: false, problem: input.problem });
    case "undo":
      return { state: { kind: "undoing" }, effects: [{ kind: "undo", probation: true }] };
    case "tick":
      return only(later(state, now));
    case "plan_made":
    case "go":
    case "applied":
    case "undo_done":
    case "close":
      return only(state);
  }
}

/** The box that answered some seconds ago may have moved since. */
function later(state: Extract<ApplyState, { kind: "probation" }>, now: number): ApplyState {
  if (now >= state.endsAt && !state.keeping) return { kind: "taken_back" };
  const isSilent = state.answeredBy !== undefined && now - state.answeredAt >= SILENT_MS;
  return isSilent ? { ...state, answeredBy: undefined } : state;
}

const SILENT_MS = 6_000;

function applied(outcome: Outcome, now: number): ApplyStep {
  if (outcome.probation === undefined) return only({ kind: "done", canUndo: outcome.canUndo });
  const { token, seconds } = outcome.probation;
  return only({
    kind: "probation",
    token,
    startedAt: now,
    endsAt: now + seconds * 1000,
    answeredBy: undefined,
    answeredAt: now,
    keeping: false,
    problem: undefined,
  });
}

function fail(problem: Problem, during: "plan" | "apply" | "undo"): ApplyStep {
  return only({ kind: "failed", problem, during });
}

function only(state: ApplyState): ApplyStep {
  return { state, effects: [] };
}
