import type { WallTime } from "@passerelle/time";
import { told } from "./board.ts";
import type { Input, Revision } from "./input.ts";
import type { State } from "./state.ts";
import type { Draft } from "./step.ts";
import type { Note } from "./write.ts";

const WAITING = "change_waiting";

/** `config` announces a revision: who made it is asked for, what its trial came to is known from here. */
export function heardRevision(state: State, input: Extract<Input, { kind: "revision" }>): Draft {
  const { at, revision, trial, undone } = input;
  const { memory } = state;
  // The factory's own revision, or that of a file older than our memory: nothing changed that we saw.
  const isFirst = memory.revision === undefined;
  const isNew = !isFirst && revision !== memory.revision && revision !== state.asked;
  const isUndone = !isFirst && undone !== undefined && undone.at !== memory.undoneAt;
  const notes: Note[] = [];
  let next: State = {
    ...state,
    onTrial: trial !== undefined,
    memory: { ...memory, undoneAt: undone?.at },
  };
  if (undone !== undefined && isUndone) {
    notes.push({ code: "revision_undone", at: undone.at, what: undone.fault.text });
    next = toldOfUndone(next, undone.at, undone.fault.text);
  } else if (memory.trial !== undefined && trial === undefined && revision === memory.revision) {
    notes.push({ code: "revision_confirmed", at, what: memory.trial });
  }
  if (trial === undefined) next = withoutTrial(next);
  if (isFirst) next = { ...next, memory: { ...next.memory, revision } };
  next = sameMemory(state, next);
  if (!isNew) return { state: next, notes };
  return {
    state: { ...next, asked: revision },
    notes,
    effects: [{ kind: "ask_revisions", after: memory.revision ?? 0 }],
  };
}

/** Who made what, oldest first; one that is known already is passed over. */
export function heardRevisions(state: State, revisions: readonly Revision[], at: WallTime): Draft {
  const known = state.memory.revision ?? 0;
  const fresh = revisions.filter(({ revision }) => revision > known);
  const last = fresh.at(-1);
  if (last === undefined) return { state };
  const notes = fresh.map(({ phase, at: made, author, origin, sections }): Note => {
    const code = phase === "probation" ? "revision_on_trial" : "revision_applied";
    return { code, at: made, actor: author, source: origin, what: sections.join(", ") };
  });
  const next = { ...state, memory: { ...state.memory, revision: last.revision } };
  // It may be over by the time the answer comes.
  if (last.phase !== "probation" || !state.onTrial) return { state: next, notes };
  const what = last.sections.join(", ");
  const waiting = { ...next, memory: { ...next.memory, trial: what } };
  return {
    state: state.config.notifications.configuration
      ? told(waiting, { id: WAITING, at, severity: "warning", code: WAITING, subject: what })
      : waiting,
    notes,
  };
}

function toldOfUndone(state: State, at: WallTime, text: { fr: string; en: string }): State {
  if (!state.config.notifications.configuration) return state;
  return told(state, {
    id: `change_undone:${at}`,
    at,
    severity: "warning",
    code: "change_undone",
    what: text,
  });
}

function withoutTrial(state: State): State {
  const { memory } = state;
  if (memory.trial === undefined) return state;
  const notifications = memory.notifications.filter(({ id }) => id !== WAITING);
  return { ...state, memory: { ...memory, trial: undefined, notifications } };
}

/** Nothing that must be written changed: the old object says so. */
function sameMemory(before: State, after: State): State {
  const [a, b] = [before.memory, after.memory];
  const isSame =
    a.notifications === b.notifications &&
    a.revision === b.revision &&
    a.trial === b.trial &&
    a.undoneAt === b.undoneAt;
  return isSame ? { ...after, memory: a } : after;
}
