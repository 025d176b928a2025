import { useState } from "preact/hooks";
import { useChannel } from "../../box/live.ts";
import { Button } from "../../components/button.tsx";
import { Choice, Field, Select } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { Card } from "../../components/tile.tsx";
import {
  diagnosisOf,
  NEW_TOOL,
  RECORD_TYPES,
  type RecordType,
  TOOLS,
  type Tool,
  type ToolForm,
  toolErrors,
} from "../../core/diagnosis-form.ts";
import { plainName } from "../../core/plain-name.ts";
import { t } from "../../words/index.ts";
import { ToolResult } from "./tool-result.tsx";
import { useDiagnosis } from "./use-diagnosis.ts";

/** Ping, trace, look-up, capture: from the gateway itself, each with its results as they come. */
export function Tools() {
  const [form, setForm] = useState(NEW_TOOL);
  const [errors, setErrors] = useState<FormErrors>({});
  const { job, problem, busy, start, cancel } = useDiagnosis();
  const set = (change: Partial<ToolForm>): void => {
    setForm((now) => ({ ...now, ...change }));
    if (change.tool !== undefined) setErrors({});
  };
  const submit = (): void => {
    const wrong = toolErrors(form);
    setErrors(Object.fromEntries(wrong.map((field) => [field, t(`tools.bad.${field}`)])));
    const request = diagnosisOf(form);
    if (request !== undefined && !busy) void start(request);
  };
  return (
    <Card title={t("tools.title")}>
      <div class="stack">
        <p>{t("tools.text")}</p>
        <Form onSubmit={submit} errors={errors}>
          <Choice<Tool>
            label={t("tools.which")}
            name="tool"
            value={form.tool}
            onChange={(tool) => set({ tool })}
            options={TOOLS.map((value) => ({ value, label: t(`tools.${value}`) }))}
          />
          <p class="muted">{t(`tools.${form.tool}.text`)}</p>
          {form.tool === "capture" ? (
            <CaptureFields form={form} errors={errors} set={set} />
          ) : (
            <TargetFields form={form} errors={errors} set={set} />
          )}
          <Button type="submit" kind="primary" busy={busy}>
            {t("tools.go")}
          </Button>
        </Form>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        {job !== undefined && <ToolResult job={job} onCancel={cancel} />}
      </div>
    </Card>
  );
}

interface FieldsProps {
  readonly form: ToolForm;
  readonly errors: FormErrors;
  readonly set: (change: Partial<ToolForm>) => void;
}

function TargetFields({ form, errors, set }: FieldsProps) {
  return (
    <>
      <Field
        name="target"
        label={t(form.tool === "dns_lookup" ? "tools.target.name" : "tools.target")}
        hint={t("tools.target.hint")}
        maxLength={253}
        value={form.target}
        error={errors.target}
        onInput={(target) => set({ target })}
      />
      {form.tool === "ping" && (
        <Field
          name="count"
          label={t("tools.count")}
          inputMode="numeric"
          maxLength={3}
          value={form.count}
          error={errors.count}
          onInput={(count) => set({ count })}
        />
      )}
      {form.tool === "dns_lookup" && (
        <>
          <Select<RecordType>
            name="type"
            label={t("tools.type")}
            value={form.type}
            onChange={(type) => set({ type })}
            options={RECORD_TYPES.map((value) => ({ value, label: value }))}
          />
          <Field
            name="resolver"
            label={t("tools.resolver")}
            hint={t("tools.resolver.hint")}
            maxLength={45}
            value={form.resolver}
            error={errors.resolver}
            onInput={(resolver) => set({ resolver })}
          />
        </>
      )}
    </>
  );
}

function CaptureFields({ form, errors, set }: FieldsProps) {
  const networks = useChannel("lan")?.networks ?? [];
  const hosts = useChannel("hosts")?.hosts ?? [];
  const devices = hosts.flatMap((host) => {
    const mac = host.macs[0];
    return mac === undefined ? [] : [{ value: mac, label: `${plainName(host.name)} (${mac})` }];
  });
  return (
    <>
      <Select
        name="network"
        label={t("tools.network")}
        value={form.network}
        onChange={(network) => set({ network })}
        options={[
          { value: "wan", label: t("tools.network.wan") },
          ...networks.map(({ name }) => ({ value: name, label: name })),
        ]}
      />
      <Select
        name="mac"
        label={t("tools.device")}
        value={form.mac}
        onChange={(mac) => set({ mac })}
        options={[
          { value: "", label: t("tools.device.all") },
          ...devices.sort((a, b) => a.label.localeCompare(b.label)),
        ]}
      />
      <Field
        name="seconds"
        label={t("tools.seconds")}
        hint={t("tools.seconds.hint")}
        inputMode="numeric"
        maxLength={3}
        value={form.seconds}
        error={errors.seconds}
        onInput={(seconds) => set({ seconds })}
      />
    </>
  );
}
