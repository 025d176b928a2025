import { useState } from "preact/hooks";
import { settingsChange } from "../../box/change.ts";
import { welcome } from "../../box/session.ts";
import { Button } from "../../components/button.tsx";
import { Checks } from "../../components/checks.tsx";
import { Field, Select, Switch } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { TextArea } from "../../components/text-area.tsx";
import { Card } from "../../components/tile.tsx";
import { toast } from "../../components/toast.tsx";
import { type BoxForm, boxChanges, boxErrors, boxForm, NOTICES } from "../../core/box-form.ts";
import type { JsonRecord } from "../../core/json-value.ts";
import { useConfig } from "../../parts/use-config.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { LanguageChoice } from "../../shell/language-choice.tsx";
import { t } from "../../words/index.ts";

/** Name, language, time, and what a person is told of. */
export function BoxSettings() {
  const { sections, problem } = useConfig();
  return (
    <div class="stack">
      <Card title={t("box.here")}>
        <LanguageChoice />
      </Card>
      <Card title={t("box.title")}>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        {sections === undefined ? (
          <StatusWord status="working">{t("app.loading")}</StatusWord>
        ) : (
          <Fields key={JSON.stringify(boxForm(sections))} sections={sections} />
        )}
      </Card>
    </div>
  );
}

/** The name stands at the top of the page, too. The box answers to it a moment after the change is there. */
function renameHere({ name }: BoxForm): void {
  if (welcome.value !== undefined) welcome.value = { ...welcome.value, name: name.trim() };
}

interface FieldsProps {
  readonly form: BoxForm;
  readonly errors: FormErrors;
  readonly set: (change: Partial<BoxForm>) => void;
}

function Fields({ sections }: { readonly sections: JsonRecord }) {
  const [form, setForm] = useState(() => boxForm(sections));
  const [errors, setErrors] = useState<FormErrors>({});
  const set = (change: Partial<BoxForm>): void => setForm((now) => ({ ...now, ...change }));
  const submit = (): void => {
    const wrong = boxErrors(form);
    setErrors({
      name: wrong.includes("name") ? t("box.name.bad") : undefined,
      timeServers: wrong.includes("timeServers") ? t("box.time_servers.bad") : undefined,
    });
    if (wrong.length > 0) return;
    const changes = boxChanges(form, sections);
    if (changes.length === 0) {
      toast(t("line.same"), { status: "info" });
      return;
    }
    startChange(
      settingsChange({
        title: t("box.ask"),
        changes,
        done: t("box.done"),
        onDone: () => renameHere(form),
      }),
    );
  };
  const parts = { form, errors, set };
  return (
    <Form onSubmit={submit} errors={errors}>
      <NameAndLanguage {...parts} />
      <Time {...parts} />
      <Checks
        label={t("box.notices")}
        chosen={form.notices}
        onChange={(notices) => set({ notices })}
        options={NOTICES.map((value) => ({
          value,
          label: t(`box.notice.${value}`),
          hint: t(`box.notice.${value}.hint`),
        }))}
      />
      <Button type="submit" kind="primary">
        {t("box.go")}
      </Button>
    </Form>
  );
}

function NameAndLanguage({ form, errors, set }: FieldsProps) {
  return (
    <>
      <Field
        name="name"
        label={t("box.name")}
        hint={t("box.name.hint")}
        maxLength={63}
        value={form.name}
        error={errors.name}
        onInput={(name) => set({ name })}
      />
      <Select<BoxForm["language"]>
        name="language"
        label={t("box.language")}
        value={form.language}
        onChange={(language) => set({ language })}
        options={[
          { value: "", label: t("box.language.auto") },
          { value: "fr", label: "Français" },
          { value: "en", label: "English" },
        ]}
      />
    </>
  );
}

function Time({ form, errors, set }: FieldsProps) {
  const zones = Intl.supportedValuesOf("timeZone");
  const all = zones.includes(form.timezone) ? zones : [form.timezone, ...zones];
  return (
    <>
      <Select
        name="timezone"
        label={t("box.timezone")}
        value={form.timezone}
        onChange={(timezone) => set({ timezone })}
        options={all.map((value) => ({ value, label: value.replaceAll("_", " ") }))}
      />
      <Switch
        label={t("box.ask_time")}
        checked={form.askTime}
        onChange={(askTime) => set({ askTime })}
      />
      {form.askTime && (
        <TextArea
          name="timeServers"
          label={t("box.time_servers")}
          hint={t("box.time_servers.hint")}
          rows={2}
          value={form.timeServers}
          error={errors.timeServers}
          onInput={(timeServers) => set({ timeServers })}
        />
      )}
      <Switch
        label={t("box.serve_time")}
        checked={form.serveTime}
        onChange={(serveTime) => set({ serveTime })}
      />
    </>
  );
}
