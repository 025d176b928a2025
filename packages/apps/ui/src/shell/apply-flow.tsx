import type { ConfigPlan } from "@passerelle/contract";
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { bareApi } from "../box/api.ts";
import { type Change, endProbation } from "../box/change.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Notice, ProblemNotice } from "../components/notice.tsx";
import { StatusWord } from "../components/status-word.tsx";
import { toast } from "../components/toast.tsx";
import {
  type ApplyEffect,
  type ApplyInput,
  type ApplyState,
  canClose,
  canGo,
  startApply,
  stepApply,
} from "../core/apply-machine.ts";
import { say, t } from "../words/index.ts";
import { Impacts } from "./impacts.tsx";
import { Probation } from "./probation.tsx";

interface Running {
  readonly change: Change;
  readonly state: ApplyState;
  /** The plan that was shown, kept to know where the box may be found after. */
  readonly plan: ConfigPlan | undefined;
}

const running = signal<Running | undefined>(undefined);

/** Leads a person through a change of the settings. One at a time. */
export function startChange(change: Change): void {
  if (running.value !== undefined) return;
  running.value = { change, state: startApply.state, plan: undefined };
  for (const effect of startApply.effects) void run(change, effect);
}

function feed(change: Change, input: ApplyInput): void {
  const now = running.value;
  if (now === undefined || now.change !== change) return;
  const step = stepApply(now.state, input, performance.now());
  const plan = input.kind === "plan_made" ? input.plan : now.plan;
  running.value = step.state.kind === "closed" ? undefined : { change, state: step.state, plan };
  if (step.state.kind === "done" && now.state.kind !== "done") finished(change, step.state.canUndo);
  for (const effect of step.effects) void run(change, effect);
}

/** A change with its own word ends in a toast that still offers the way back. */
function finished(change: Change, canUndo: boolean): void {
  change.onDone?.();
  if (change.done === undefined) return;
  running.value = undefined;
  const { undo } = change;
  if (!canUndo || undo === undefined) {
    toast(change.done);
    return;
  }
  const goBack = async (): Promise<void> => {
    const answer = await undo();
    if (answer.ok) toast(t("apply.undone"));
    else toast(say(answer.problem.text), { status: "fault" });
  };
  toast(change.done, { undo: () => void goBack() });
}

async function run(change: Change, effect: ApplyEffect): Promise<void> {
  switch (effect.kind) {
    case "plan": {
      const answer = await change.plan();
      feed(
        change,
        answer.ok
          ? { kind: "plan_made", plan: answer.data }
          : { kind: "refused", problem: answer.problem },
      );
      return;
    }
    case "apply":
    case "undo": {
      if (effect.kind === "undo" && effect.probation) {
        const problem = await endProbation();
        feed(change, problem === undefined ? { kind: "undo_done" } : { kind: "refused", problem });
        return;
      }
      const answer = await (effect.kind === "apply" ? change.apply() : change.undo?.());
      if (answer === undefined) return feed(change, { kind: "undo_done" });
      if (!answer.ok) return feed(change, { kind: "refused", problem: answer.problem });
      const isOver = effect.kind === "undo" && answer.data.probation === undefined;
      feed(change, isOver ? { kind: "undo_done" } : { kind: "applied", outcome: answer.data });
      return;
    }
    case "confirm": {
      const answer = await bareApi.call("POST /config/confirm", { body: { token: effect.token } });
      feed(change, answer.ok ? { kind: "kept" } : { kind: "refused", problem: answer.problem });
      return;
    }
  }
}

const TICK_MS = 500;

export function ApplyFlow() {
  const now = running.value;
  const change = now?.change;
  useEffect(() => {
    if (change === undefined) return undefined;
    const timer = setInterval(() => feed(change, { kind: "tick" }), TICK_MS);
    return () => clearInterval(timer);
  }, [change]);
  if (now === undefined) return null;
  const say = (input: ApplyInput) => (): void => feed(now.change, input);
  return (
    <Dialog
      title={now.state.kind === "probation" ? t("apply.probation") : now.change.title}
      onClose={canClose(now.state) ? say({ kind: "close" }) : undefined}
      footer={<Foot change={now.change} state={now.state} say={say} />}
    >
      <div aria-live="polite">{bodyOf(now, say)}</div>
    </Dialog>
  );
}

function bodyOf(
  { change, state, plan }: Running,
  send: (input: ApplyInput) => () => void,
): ComponentChildren {
  switch (state.kind) {
    case "planning":
      return <StatusWord status="working">{t("apply.planning")}</StatusWord>;
    case "planned":
      return <Impacts text={change.text} plan={state.plan} />;
    case "applying":
      return <StatusWord status="working">{t("apply.applying")}</StatusWord>;
    case "probation":
      return (
        <Probation
          state={state}
          plan={plan}
          onAnswer={(address) => send({ kind: "answered", address })()}
        />
      );
    case "done":
      return <Notice status="ok">{t("apply.done")}</Notice>;
    case "undoing":
      return <StatusWord status="working">{t("apply.undoing")}</StatusWord>;
    case "undone":
      return <Notice status="ok">{t("apply.undone")}</Notice>;
    case "taken_back":
      return <Notice status="warning">{t("apply.taken_back")}</Notice>;
    case "failed":
      return <ProblemNotice problem={state.problem} />;
    case "closed":
      return null;
  }
}

function Foot({
  change,
  state,
  say,
}: {
  readonly change: Change;
  readonly state: ApplyState;
  readonly say: (input: ApplyInput) => () => void;
}) {
  if (state.kind === "planned") {
    return (
      <>
        <Button onClick={say({ kind: "close" })}>{t("action.cancel")}</Button>
        {canGo(state.plan) && (
          <Button
            kind={change.danger === true ? "danger" : "primary"}
            onClick={say({ kind: "go" })}
          >
            {change.go ?? t("apply.go")}
          </Button>
        )}
      </>
    );
  }
  if (state.kind === "probation") {
    return (
      <>
        <Button onClick={say({ kind: "undo" })}>{t("apply.take_back")}</Button>
        <Button kind="primary" busy={state.keeping} onClick={say({ kind: "keep" })}>
          {state.keeping ? t("apply.keeping") : t("apply.keep")}
        </Button>
      </>
    );
  }
  if (!canClose(state)) return null;
  return (
    <>
      {state.kind === "done" && state.canUndo && (
        <Button onClick={say({ kind: "undo" })}>{t("apply.undo")}</Button>
      )}
      <Button kind="primary" onClick={say({ kind: "close" })}>
        {t("action.close")}
      </Button>
    </>
  );
}
