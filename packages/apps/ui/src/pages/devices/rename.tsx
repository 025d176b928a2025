import type { Host, Problem } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Field } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { toast } from "../../components/toast.tsx";
import { plainName } from "../../core/plain-name.ts";
import { say, t } from "../../words/index.ts";

const NAME_MAX = 63;

export function Rename({ host, onClose }: { readonly host: Host; readonly onClose: () => void }) {
  const [name, setName] = useState(plainName(host.name).slice(0, NAME_MAX));
  const [errors, setErrors] = useState<FormErrors>({});
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    const chosen = name.trim();
    setErrors({ name: chosen === "" ? t("form.required") : undefined });
    if (chosen === "") return;
    setBusy(true);
    const refused = await rename(host, chosen);
    setBusy(false);
    setProblem(refused);
    if (refused !== undefined) return;
    onClose();
    // A name that a person had given can be given back; one the device chose comes back by forgetting only.
    const before = host.nameSource === "person" ? host.name : undefined;
    toast(
      t("device.renamed"),
      before === undefined ? {} : { undo: () => void goBack(host, before) },
    );
  };
  return (
    <Dialog title={t("device.rename")} onClose={onClose}>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <Form onSubmit={() => void submit()} errors={errors}>
        <Field
          name="name"
          label={t("device.rename.label")}
          hint={t("device.rename.hint")}
          value={name}
          maxLength={NAME_MAX}
          error={errors.name}
          onInput={setName}
        />
        <Button type="submit" kind="primary" busy={busy}>
          {t("action.save")}
        </Button>
      </Form>
    </Dialog>
  );
}

async function rename(host: Host, name: string): Promise<Problem | undefined> {
  const answer = await api.call("PATCH /hosts/{id}", { params: { id: host.id }, body: { name } });
  return answer.ok ? undefined : answer.problem;
}

async function goBack(host: Host, name: string): Promise<void> {
  const refused = await rename(host, name);
  if (refused === undefined) toast(t("apply.undone"));
  else toast(say(refused.text), { status: "fault" });
}
