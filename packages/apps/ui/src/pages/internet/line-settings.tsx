import type { Problem } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { settingsChange } from "../../box/change.ts";
import { Button } from "../../components/button.tsx";
import { Choice, Field, Select } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { toast } from "../../components/toast.tsx";
import {
  followsModem,
  type LineForm,
  type LineSection,
  lineErrors,
  lineForm,
  linePatch,
  readLineSection,
} from "../../core/line-form.ts";
import { OPERATORS, OTHER_OPERATOR } from "../../core/operators.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { t } from "../../words/index.ts";
import { LineModem } from "./line-modem.tsx";

/** Hidden until wanted: few ever need it, and a wrong value cuts the Internet. */
export function LineSettings() {
  const [section, setSection] = useState<LineSection>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const load = async (): Promise<void> => {
    setBusy(true);
    const answer = await api.call("GET /config", { query: {} });
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    setProblem(undefined);
    setSection(readLineSection(answer.data.sections.wan));
  };
  return (
    <div class="stack">
      <p>{t("line.text")}</p>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      {section === undefined ? (
        <div class="actions">
          <Button busy={busy} onClick={() => void load()}>
            {t("line.show")}
          </Button>
        </div>
      ) : (
        <LineFields key={JSON.stringify(section)} section={section} onDone={() => void load()} />
      )}
    </div>
  );
}

function LineFields(props: { readonly section: LineSection; readonly onDone: () => void }) {
  const { section } = props;
  const [form, setForm] = useState(() => lineForm(section));
  const [errors, setErrors] = useState<FormErrors>({});
  const set = (change: Partial<LineForm>): void => setForm((now) => ({ ...now, ...change }));
  const submit = (): void => {
    const wrong = lineErrors(form, section);
    setErrors(Object.fromEntries(wrong.map((field) => [field, t(`line.bad.${field}`)])));
    if (wrong.length > 0) return;
    const patch = linePatch(form, section);
    if (Object.keys(patch).length === 0) {
      toast(t("line.same"), { status: "info" });
      return;
    }
    startChange(
      settingsChange({
        title: t("line.change"),
        changes: [{ section: "wan", patch }],
        done: t("line.changed"),
        onDone: props.onDone,
      }),
    );
  };
  return (
    <Form onSubmit={submit} errors={errors} takesFocus>
      <Select
        name="profile"
        label={t("line.profile")}
        hint={t("line.profile.hint")}
        value={form.profile}
        error={errors.profile}
        onChange={(profile) => set({ profile })}
        options={operatorOptions(section.profile)}
      />
      <Field
        name="login"
        label={t("line.login")}
        hint={t("line.login.hint")}
        value={form.login}
        error={errors.login}
        maxLength={128}
        onInput={(login) => set({ login })}
      />
      <Field
        name="password"
        type="password"
        label={t("line.password")}
        hint={section.login === undefined ? undefined : t("line.password.kept")}
        autocomplete="off"
        maxLength={128}
        value={form.password}
        error={errors.password}
        onInput={(password) => set({ password })}
      />
      <Identity form={form} errors={errors} set={set} />
      <LineModem
        form={form.modem}
        section={section.modem}
        errors={errors}
        set={(change) => setForm((now) => ({ ...now, modem: { ...now.modem, ...change } }))}
      />
      <Rates form={form} errors={errors} set={set} />
      <Button type="submit" kind="primary">
        {t("line.go")}
      </Button>
    </Form>
  );
}

/** What the line carries: bounded a little below it, a large transfer makes nobody wait. */
function Rates(props: {
  readonly form: LineForm;
  readonly errors: FormErrors;
  readonly set: (change: Partial<LineForm>) => void;
}) {
  const { form, errors, set } = props;
  return (
    <>
      {form.modem.driver !== "none" && (
        <Choice
          label={t("line.bounds")}
          name="bounds"
          value={form.followsModem ? "modem" : "typed"}
          onChange={(value) => set({ followsModem: value === "modem" })}
          options={[
            { value: "typed", label: t("line.bounds.typed") },
            { value: "modem", label: t("line.bounds.modem") },
          ]}
        />
      )}
      {!followsModem(form) && <TypedRates form={form} errors={errors} set={set} />}
    </>
  );
}

function TypedRates(props: Parameters<typeof Rates>[0]) {
  const { form, errors, set } = props;
  return (
    <>
      <Field
        name="download"
        label={t("line.download")}
        hint={t("line.rates.hint")}
        value={form.download}
        error={errors.download}
        maxLength={9}
        onInput={(download) => set({ download })}
      />
      <Field
        name="upload"
        label={t("line.upload")}
        value={form.upload}
        error={errors.upload}
        maxLength={9}
        onInput={(upload) => set({ upload })}
      />
    </>
  );
}

/** How the box presents itself to the operator. */
function Identity(props: {
  readonly form: LineForm;
  readonly errors: FormErrors;
  readonly set: (change: Partial<LineForm>) => void;
}) {
  const { form, errors, set } = props;
  return (
    <>
      <Choice
        label={t("line.link")}
        name="link"
        value={form.tagged ? "profile" : "untagged"}
        onChange={(value) => set({ tagged: value === "profile" })}
        options={[
          { value: "profile", label: t("line.link.profile") },
          { value: "untagged", label: t("line.link.untagged") },
        ]}
      />
      <Choice
        label={t("line.mac")}
        name="own-mac"
        value={form.ownMac ? "own" : "clone"}
        onChange={(value) => set({ ownMac: value === "own" })}
        options={[
          { value: "own", label: t("line.mac.own") },
          { value: "clone", label: t("line.mac.clone") },
        ]}
      />
      {!form.ownMac && (
        <Field
          name="mac"
          label={t("line.mac.value")}
          hint={t("line.mac.hint")}
          value={form.mac}
          error={errors.mac}
          maxLength={24}
          onInput={(mac) => set({ mac })}
        />
      )}
      <Field
        name="hostname"
        label={t("line.hostname")}
        hint={t("line.hostname.hint")}
        value={form.hostname}
        error={errors.hostname}
        maxLength={63}
        onInput={(hostname) => set({ hostname })}
      />
      <Field
        name="boxModel"
        label={t("line.box_model")}
        hint={t("line.box_model.hint")}
        value={form.boxModel}
        error={errors.boxModel}
        maxLength={64}
        onInput={(boxModel) => set({ boxModel })}
      />
    </>
  );
}

/** A profile of another release stays choosable while it is the one in force. */
function operatorOptions(current: string): readonly { value: string; label: string }[] {
  const known = [
    ...OPERATORS.map(({ id, title }) => ({ value: id, label: title })),
    { value: OTHER_OPERATOR, label: t("line.profile.other") },
  ];
  const isKnown = known.some(({ value }) => value === current);
  return isKnown ? known : [...known, { value: current, label: current }];
}
