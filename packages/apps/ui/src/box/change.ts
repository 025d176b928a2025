import type { Problem } from "@passerelle/api";
import type { ConfigChange, ConfigPlan } from "@passerelle/contract";
import type { Outcome } from "../core/apply-machine.ts";
import { type Answer, api } from "./api.ts";

/** A change that a person may make, as `startChange` wants it: plan, then apply, then perhaps undo. */
export interface Change {
  /** As a question or a deed: "Block this device?" */
  readonly title: string;
  /** What it is good for, in one sentence, above its impact. */
  readonly text?: string | undefined;
  readonly go?: string | undefined;
  readonly danger?: boolean | undefined;
  /** Answers undefined where there is nothing to tell. */
  plan(): Promise<Answer<ConfigPlan | undefined>>;
  apply(): Promise<Answer<Outcome>>;
  /** Takes it back after it was kept. */
  undo?(): Promise<Answer<Outcome>>;
  /** Said in a toast instead of the dialog's last screen. */
  readonly done?: string | undefined;
  readonly onDone?: (() => void) | undefined;
}

/** Merge patches of sections of the configuration, through plan, apply and probation. */
export function settingsChange(options: {
  readonly title: string;
  readonly text?: string;
  readonly go?: string;
  readonly changes: readonly ConfigChange[];
  readonly note?: string;
  readonly done?: string;
  readonly onDone?: () => void;
}): Change {
  const { changes, note, ...texts } = options;
  let lookedAt: number | undefined;
  return {
    ...texts,
    plan: async () => {
      const state = await api.call("GET /config/state");
      if (!state.ok) return state;
      lookedAt = state.data.revision;
      return planOf(changes);
    },
    apply: async () => {
      const answer = await api.call("POST /config/apply", {
        body: { changes: [...changes], ...(note === undefined ? {} : { note }) },
        ...(lookedAt === undefined ? {} : { ifMatch: lookedAt }),
      });
      return outcomeOf(answer, lookedAt !== undefined);
    },
    undo: async () =>
      outcomeOf(
        await api.call("POST /config/rollback", {
          body: lookedAt === undefined ? {} : { to: lookedAt },
        }),
        false,
      ),
  };
}

/** What a change of the configuration would do, without doing it. */
export function planOf(changes: readonly ConfigChange[]): Promise<Answer<ConfigPlan>> {
  return api.call("POST /config/plan", { body: { changes: [...changes] } });
}

/** Ends a probation at once: the change is gone. */
export async function endProbation(): Promise<Problem | undefined> {
  const answer = await api.call("POST /config/rollback", { body: {} });
  return answer.ok ? undefined : answer.problem;
}

function outcomeOf(
  answer: Answer<{
    readonly probation?: { readonly token: string; readonly seconds: number } | undefined;
  }>,
  canUndo: boolean,
): Answer<Outcome> {
  if (!answer.ok) return answer;
  return { ok: true, data: { probation: answer.data.probation, canUndo } };
}
