import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { type Change, planOf } from "../../box/change.ts";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { FileChoice } from "../../components/file-choice.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { Card } from "../../components/tile.tsx";
import { type BackupFile, changesBetween, readBackupFile } from "../../core/sections.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { t } from "../../words/index.ts";

/** As much as the box takes. */
const BYTES_MAX = 1_000_000;

interface Chosen {
  readonly text: string;
  readonly backup: BackupFile | undefined;
}

/** Puts every setting as it was, on probation, after saying what changes. */
export function Restore() {
  const [chosen, setChosen] = useState<Chosen>();
  const [passphrase, setPassphrase] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const choose = async (file: File): Promise<void> => {
    setErrors({});
    setChosen(undefined);
    if (file.size > BYTES_MAX) return setErrors({ file: t("restore.file.big") });
    const text = await file.text();
    const backup = readBackupFile(text);
    setChosen({ text, backup });
    if (backup === undefined) setErrors({ file: t("restore.file.bad") });
  };
  const submit = (): void => {
    const backup = chosen?.backup;
    if (chosen === undefined || backup === undefined) {
      const isBad = chosen !== undefined;
      setErrors({ file: t(isBad ? "restore.file.bad" : "restore.file.missing") });
      return;
    }
    if (backup.hasSecrets && passphrase === "") {
      setErrors({ passphrase: t("form.required") });
      return;
    }
    setErrors({});
    startChange(restoreChange(chosen.text, backup, passphrase));
  };
  return (
    <Card title={t("restore.title")}>
      <div class="stack">
        <p>{t("restore.text")}</p>
        <Form onSubmit={submit} errors={errors}>
          <FileChoice
            name="file"
            label={t("restore.file")}
            accept=".json,application/json"
            error={errors.file}
            onChoose={(file) => void choose(file)}
          />
          {chosen?.backup?.hasSecrets === true && (
            <Field
              name="passphrase"
              type="password"
              label={t("backup.passphrase")}
              hint={t("restore.passphrase.hint")}
              maxLength={256}
              value={passphrase}
              error={errors.passphrase}
              onInput={setPassphrase}
            />
          )}
          <Button type="submit">{t("restore.go")}</Button>
        </Form>
      </div>
    </Card>
  );
}

function restoreChange(document: string, backup: BackupFile, passphrase: string): Change {
  let lookedAt: number | undefined;
  return {
    title: t("restore.ask"),
    text: t("restore.ask.text"),
    go: t("restore.do"),
    danger: true,
    plan: async () => {
      const now = await api.call("GET /config", { query: {} });
      if (!now.ok) return now;
      lookedAt = now.data.revision;
      const changes = changesBetween(now.data.sections, backup.sections);
      // The box decides about a file of an older version when it is restored; here it can't be compared.
      const plan = changes.length === 0 ? undefined : await planOf(changes);
      const isClear = plan?.ok === true && plan.data.problems.length === 0;
      return { ok: true, data: isClear ? plan.data : undefined };
    },
    apply: async () => {
      const secret = passphrase === "" ? {} : { passphrase };
      const answer = await api.call("POST /config/import", { body: { document, ...secret } });
      if (!answer.ok) return answer;
      return { ok: true, data: { probation: answer.data.probation, canUndo: true } };
    },
    undo: async () => {
      const answer = await api.call("POST /config/rollback", {
        body: lookedAt === undefined ? {} : { to: lookedAt },
      });
      if (!answer.ok) return answer;
      return { ok: true, data: { probation: answer.data.probation, canUndo: false } };
    },
  };
}
