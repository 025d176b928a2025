import type { Problem } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { Button } from "../../components/button.tsx";
import { Field, Switch } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { Card } from "../../components/tile.tsx";
import { fileName, saveFile } from "../../parts/save-file.ts";
import { t } from "../../words/index.ts";

const PASSPHRASE_MIN = 8;

/** Every setting in one file; secrets only where a passphrase encrypts them. */
export function Backup() {
  const [secrets, setSecrets] = useState(false);
  const [passphrase, setPassphrase] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    const isShort = secrets && passphrase.length < PASSPHRASE_MIN;
    setErrors(isShort ? { passphrase: t("backup.passphrase.bad") } : {});
    if (isShort) return;
    setBusy(true);
    const answer = await api.call("POST /config/export", { body: secrets ? { passphrase } : {} });
    setBusy(false);
    setProblem(answer.ok ? undefined : answer.problem);
    if (!answer.ok) return;
    saveFile(fileName("backup", Date.now(), "json"), answer.data.document);
    setPassphrase("");
  };
  return (
    <Card title={t("backup.title")}>
      <div class="stack">
        <p>{t("backup.text")}</p>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <Form onSubmit={() => void submit()} errors={errors}>
          <Switch
            label={t("backup.secrets")}
            hint={t("backup.secrets.hint")}
            checked={secrets}
            onChange={setSecrets}
          />
          {secrets && (
            <Field
              name="passphrase"
              type="password"
              label={t("backup.passphrase")}
              hint={t("backup.passphrase.hint")}
              autocomplete="new-password"
              maxLength={256}
              value={passphrase}
              error={errors.passphrase}
              onInput={setPassphrase}
            />
          )}
          <Button type="submit" icon="down" busy={busy}>
            {t("backup.go")}
          </Button>
        </Form>
      </div>
    </Card>
  );
}
