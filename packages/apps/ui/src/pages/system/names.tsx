import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { settingsChange } from "../../box/change.ts";
import { Button } from "../../components/button.tsx";
import { Choice, Field, Switch } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { TextArea } from "../../components/text-area.tsx";
import { Card } from "../../components/tile.tsx";
import { toast } from "../../components/toast.tsx";
import { type NamesForm, namesErrors, namesForm, namesPatch } from "../../core/names-form.ts";
import { useConfig } from "../../parts/use-config.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { say, t } from "../../words/index.ts";

/** Whom the box asks for names, and what is not found on purpose. */
export function Names() {
  const { sections } = useConfig();
  const flush = async (): Promise<void> => {
    const answer = await api.call("POST /dns/flush");
    if (answer.ok) toast(t("names.flushed", { n: answer.data.entries }));
    else toast(say(answer.problem.text), { status: "fault" });
  };
  return (
    <Card
      title={t("names.title")}
      aside={
        <Button kind="quiet" onClick={() => void flush()}>
          {t("names.flush")}
        </Button>
      }
    >
      <div class="stack">
        <p>{t("names.text")}</p>
        {sections !== undefined && (
          <Fields key={JSON.stringify(sections.lan)} stored={namesForm(sections.lan)} />
        )}
      </div>
    </Card>
  );
}

function Fields({ stored }: { readonly stored: NamesForm }) {
  const [form, setForm] = useState(stored);
  const [errors, setErrors] = useState<FormErrors>({});
  const set = (change: Partial<NamesForm>): void => setForm((now) => ({ ...now, ...change }));
  const submit = (): void => {
    const wrong = namesErrors(form);
    setErrors(Object.fromEntries(wrong.map((field) => [field, t(`names.bad.${field}`)])));
    if (wrong.length > 0) return;
    startChange(
      settingsChange({
        title: t("names.ask"),
        changes: [{ section: "lan", patch: { ...namesPatch(form) } }],
        done: t("names.done"),
      }),
    );
  };
  return (
    <Form onSubmit={submit} errors={errors}>
      <Choice
        label={t("names.who")}
        name="upstream-choice"
        value={form.own ? "own" : "line"}
        onChange={(value) => set({ own: value === "own" })}
        options={[
          { value: "line", label: t("names.who.line") },
          { value: "own", label: t("names.who.own") },
        ]}
      />
      {form.own && (
        <TextArea
          name="upstreams"
          label={t("names.upstreams")}
          hint={t("names.upstreams.hint")}
          rows={3}
          value={form.upstreams}
          error={errors.upstreams}
          onInput={(upstreams) => set({ upstreams })}
        />
      )}
      <Field
        name="domain"
        label={t("names.domain")}
        hint={t("names.domain.hint", { domain: form.domain })}
        maxLength={253}
        value={form.domain}
        error={errors.domain}
        onInput={(domain) => set({ domain })}
      />
      <Lists form={form} errors={errors} set={set} />
      <Button type="submit" kind="primary">
        {t("names.go")}
      </Button>
    </Form>
  );
}

function Lists(props: {
  readonly form: NamesForm;
  readonly errors: FormErrors;
  readonly set: (change: Partial<NamesForm>) => void;
}) {
  const { form, errors, set } = props;
  return (
    <>
      <Switch
        label={t("names.blocking")}
        hint={t("names.blocking.hint")}
        checked={form.blocking}
        onChange={(blocking) => set({ blocking })}
      />
      {form.blocking && (
        <>
          <TextArea
            name="blocked"
            label={t("names.blocked")}
            hint={t("names.blocked.hint")}
            value={form.blocked}
            error={errors.blocked}
            onInput={(blocked) => set({ blocked })}
          />
          <TextArea
            name="allowed"
            label={t("names.allowed")}
            hint={t("names.allowed.hint")}
            value={form.allowed}
            error={errors.allowed}
            onInput={(allowed) => set({ allowed })}
          />
        </>
      )}
      <TextArea
        name="inside"
        label={t("names.inside")}
        hint={t("names.inside.hint")}
        rows={3}
        value={form.inside}
        error={errors.inside}
        onInput={(inside) => set({ inside })}
      />
    </>
  );
}
