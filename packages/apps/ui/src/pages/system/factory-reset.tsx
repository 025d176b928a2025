import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Field } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { Card } from "../../components/tile.tsx";
import { toast } from "../../components/toast.tsx";
import { say, t } from "../../words/index.ts";

const LOST = ["settings", "devices", "people", "apps", "history", "certificate"] as const;

/** Says what is lost, and wants a word typed: no slip of the finger erases a home. */
export function FactoryReset() {
  const [asking, setAsking] = useState(false);
  return (
    <Card title={t("reset.title")}>
      <div class="stack">
        <p>{t("reset.text")}</p>
        <div class="actions">
          <Button kind="danger" onClick={() => setAsking(true)}>
            {t("reset.go")}
          </Button>
        </div>
      </div>
      {asking && <Ask onClose={() => setAsking(false)} />}
    </Card>
  );
}

function Ask({ onClose }: { readonly onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const word = t("reset.word");
  const submit = async (): Promise<void> => {
    if (typed.trim().toUpperCase() !== word) {
      setErrors({ word: t("reset.type", { word }) });
      return;
    }
    onClose();
    const answer = await api.call("POST /system/factory-reset");
    if (answer.ok) toast(t("reset.started"), { status: "working" });
    else toast(say(answer.problem.text), { status: "fault" });
  };
  return (
    <Dialog title={t("reset.ask")} onClose={onClose}>
      <p>{t("reset.lost")}</p>
      <ul class="bullets">
        {LOST.map((what) => (
          <li key={what}>{t(`reset.lost.${what}`)}</li>
        ))}
      </ul>
      <p>{t("reset.backup")}</p>
      <Form onSubmit={() => void submit()} errors={errors}>
        <Field
          name="word"
          label={t("reset.type", { word })}
          value={typed}
          error={errors.word}
          maxLength={20}
          onInput={setTyped}
        />
        <div class="actions">
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" kind="danger">
            {t("reset.go")}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
