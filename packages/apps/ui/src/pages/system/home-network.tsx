import { useState } from "preact/hooks";
import { settingsChange } from "../../box/change.ts";
import { Button } from "../../components/button.tsx";
import { Field, Select, Switch } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card } from "../../components/tile.tsx";
import {
  type NetworkForm,
  networkErrors,
  networkForms,
  networkPatch,
  withAddress,
} from "../../core/home-network.ts";
import { useConfig } from "../../parts/use-config.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { formatDuration } from "../../words/format.ts";
import { t } from "../../words/index.ts";

/** The box's own address and what it gives to devices: the change that could cut its author off. */
export function HomeNetwork() {
  const { sections, problem } = useConfig();
  const lan = sections?.lan;
  const networks = networkForms(lan);
  const [name, setName] = useState<string>();
  const stored = networks.find((one) => one.name === name) ?? networks[0];
  return (
    <Card title={t("network.title")}>
      <div class="stack">
        <p>{t("network.text")}</p>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        {sections === undefined && problem === undefined && (
          <StatusWord status="working">{t("app.loading")}</StatusWord>
        )}
        {networks.length > 1 && stored !== undefined && (
          <Select
            name="network"
            label={t("network.which")}
            value={stored.name}
            onChange={setName}
            options={networks.map((one) => ({ value: one.name, label: one.name }))}
          />
        )}
        {stored !== undefined && <Fields key={JSON.stringify(stored)} stored={stored} lan={lan} />}
      </div>
    </Card>
  );
}

function Fields({ stored, lan }: { readonly stored: NetworkForm; readonly lan: unknown }) {
  const [form, setForm] = useState(stored);
  const [errors, setErrors] = useState<FormErrors>({});
  const set = (change: Partial<NetworkForm>): void => setForm((now) => ({ ...now, ...change }));
  const move = (change: Partial<Pick<NetworkForm, "address" | "prefixLength">>): void =>
    setForm((now) => withAddress(now, change, stored));
  const submit = (): void => {
    const wrong = networkErrors(form);
    setErrors(Object.fromEntries(wrong.map((field) => [field, t(`network.bad.${field}`)])));
    if (wrong.length > 0) return;
    const address = form.address.trim();
    const hasMoved = address !== stored.address;
    startChange(
      settingsChange({
        title: t("network.ask"),
        ...(hasMoved ? { text: t("network.ask.moves", { address }) } : {}),
        changes: [{ section: "lan", patch: { ...networkPatch(form, lan) } }],
      }),
    );
  };
  return (
    <Form onSubmit={submit} errors={errors}>
      <Field
        name="address"
        label={t("network.address")}
        hint={t("network.address.hint")}
        maxLength={15}
        value={form.address}
        error={errors.address}
        onInput={(address) => move({ address })}
      />
      <Select
        name="size"
        label={t("network.size")}
        value={form.prefixLength}
        onChange={(prefixLength) => move({ prefixLength })}
        options={sizesWith(stored.prefixLength)}
      />
      <Switch
        label={t("network.dhcp")}
        hint={t("network.dhcp.hint")}
        checked={form.dhcp}
        onChange={(dhcp) => set({ dhcp })}
      />
      {form.dhcp && <Pool form={form} stored={stored} errors={errors} set={set} />}
      <Button type="submit" kind="primary">
        {t("network.go")}
      </Button>
    </Form>
  );
}

function Pool(props: {
  readonly form: NetworkForm;
  readonly stored: NetworkForm;
  readonly errors: FormErrors;
  readonly set: (change: Partial<NetworkForm>) => void;
}) {
  const { form, stored, errors, set } = props;
  return (
    <>
      <Field
        name="first"
        label={t("network.first")}
        maxLength={15}
        value={form.first}
        error={errors.first}
        onInput={(first) => set({ first })}
      />
      <Field
        name="last"
        label={t("network.last")}
        maxLength={15}
        value={form.last}
        error={errors.last}
        onInput={(last) => set({ last })}
      />
      <Select
        name="lease"
        label={t("network.lease")}
        value={form.leaseSeconds}
        onChange={(leaseSeconds) => set({ leaseSeconds })}
        options={withCurrent(LEASES, stored.leaseSeconds).map((value) => ({
          value,
          label: formatDuration(Number(value) * 1000),
        }))}
      />
    </>
  );
}

const LEASES = ["1800", "3600", "14400", "43200", "86400", "604800"];
const SIZES = ["16", "20", "22", "23", "24", "25", "26", "27", "28"];

function sizesWith(current: string): readonly { value: string; label: string }[] {
  return withCurrent(SIZES, current).map((value) => ({
    value,
    label: t("network.size.option", { n: 2 ** (32 - Number(value)) - 2, length: value }),
  }));
}

function withCurrent(choices: readonly string[], current: string): readonly string[] {
  const all = choices.includes(current) ? choices : [...choices, current];
  return [...all].sort((a, b) => Number(a) - Number(b));
}
