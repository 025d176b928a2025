import type { Problem } from "@passerelle/api";
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { bareApi } from "../box/api.ts";
import { session } from "../box/session.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Field } from "../components/field.tsx";
import { Form, type FormErrors } from "../components/form.tsx";
import { Notice, ProblemNotice } from "../components/notice.tsx";
import { say, t } from "../words/index.ts";

interface Asking {
  readonly answer: Promise<boolean>;
  readonly resolve: (proved: boolean) => void;
}

const asking = signal<Asking | undefined>(undefined);
/** The password of the first run, so that it is not asked twice within a minute. */
let justTyped: string | undefined;

export function rememberPassword(password: string | undefined): void {
  justTyped = password;
}

/** Asks the person to prove who they are. Calls that meet while it asks share one answer. */
export async function askStepUp(): Promise<boolean> {
  if (
    justTyped !== undefined &&
    (await prove({ kind: "password", password: justTyped })) === undefined
  )
    return true;
  if (asking.value !== undefined) return asking.value.answer;
  let resolve: (proved: boolean) => void = () => undefined;
  const answer = new Promise<boolean>((done) => {
    resolve = done;
  });
  asking.value = { answer, resolve };
  return answer;
}

async function prove(
  body: { readonly kind: "password"; readonly password: string } | { readonly kind: "button" },
): Promise<Problem | undefined> {
  const answer = await bareApi.call("POST /sessions/current/step-up", { body });
  if (!answer.ok) return answer.problem;
  session.value = answer.data.session;
  return undefined;
}

export function StepUpDialog() {
  const now = asking.value;
  if (now === undefined) return null;
  const end = (proved: boolean): void => {
    asking.value = undefined;
    now.resolve(proved);
  };
  return <StepUp onEnd={end} />;
}

const BUTTON_TRIES = 30;
const BUTTON_EVERY_MS = 2_000;

function StepUp({ onEnd }: { readonly onEnd: (proved: boolean) => void }) {
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const [waiting, setWaiting] = useState(false);
  useButton(waiting, (result) => {
    setWaiting(false);
    if (result === undefined) onEnd(true);
    else setProblem(result);
  });
  const submit = async (): Promise<void> => {
    if (password === "") return setErrors({ password: t("form.required") });
    setBusy(true);
    const refused = await prove({ kind: "password", password });
    setBusy(false);
    if (refused === undefined) onEnd(true);
    else setErrors({ password: say(refused.text) });
  };
  return (
    <Dialog title={t("stepup.title")} onClose={() => onEnd(false)}>
      <p>{t("stepup.text")}</p>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      {waiting ? (
        <>
          <Notice status="working">
            <p role="status">{t("stepup.waiting")}</p>
            <p>{t("stepup.button.text")}</p>
          </Notice>
          <Button onClick={() => setWaiting(false)}>{t("action.cancel")}</Button>
        </>
      ) : (
        <Form onSubmit={() => void submit()} errors={errors}>
          <input
            type="text"
            name="username"
            value="admin"
            autocomplete="username"
            hidden
            readOnly
          />
          <Field
            name="password"
            label={t("stepup.password")}
            hint={t("login.password.hint")}
            type="password"
            autocomplete="current-password"
            maxLength={128}
            value={password}
            error={errors.password}
            onInput={setPassword}
          />
          <div class="actions">
            <Button type="submit" kind="primary" busy={busy}>
              {t("stepup.go")}
            </Button>
            <Button kind="quiet" onClick={() => setWaiting(true)}>
              {t("stepup.button")}
            </Button>
          </div>
        </Form>
      )}
    </Dialog>
  );
}

/** Asks for a minute whether the button was pressed. */
function useButton(waiting: boolean, onEnd: (problem: Problem | undefined) => void): void {
  useEffect(() => {
    if (!waiting) return undefined;
    let tries = 0;
    let gone = false;
    const ask = async (): Promise<void> => {
      tries += 1;
      const problem = await prove({ kind: "button" });
      if (gone) return;
      const again = problem?.code === "button_not_pressed" && tries < BUTTON_TRIES;
      if (again) timer = setTimeout(() => void ask(), BUTTON_EVERY_MS);
      else onEnd(problem);
    };
    let timer = setTimeout(() => void ask(), BUTTON_EVERY_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [waiting]);
}
