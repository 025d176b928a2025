import type { Host, PortMapping } from "@passerelle/api";
import { useState } from "preact/hooks";
import { openPort } from "../../box/opening-change.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Choice, Field, Select } from "../../components/field.tsx";
import { Fold } from "../../components/fold.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { Notice } from "../../components/notice.tsx";
import {
  conflictOf,
  type OpeningForm,
  openingErrors,
  openingOf,
  type Protocol,
  portsText,
} from "../../core/openings.ts";
import { plainName } from "../../core/plain-name.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { t } from "../../words/index.ts";

const NEW: OpeningForm = {
  to: "",
  name: "",
  protocol: "tcp",
  port: "",
  portLast: "",
  toPort: "",
  source: "",
};

/** Begins with the device: an opening without one is nothing that a person wants. */
export function NewOpeningDialog(props: {
  readonly hosts: readonly Host[];
  readonly mappings: readonly PortMapping[];
  readonly nameOf: (mapping: PortMapping) => string;
  readonly onClose: () => void;
}) {
  const [form, setForm] = useState(NEW);
  const [errors, setErrors] = useState<FormErrors>({});
  const set = (change: Partial<OpeningForm>): void => setForm((now) => ({ ...now, ...change }));
  const devices = devicesOf(props.hosts);
  const opening = openingOf(form);
  const conflict = opening === undefined ? undefined : conflictOf(opening, props.mappings);
  const submit = (): void => {
    const wrong = openingErrors(form);
    setErrors(Object.fromEntries(wrong.map((field) => [field, t(`openings.bad.${field}`)])));
    if (opening === undefined || conflict !== undefined) return;
    const device = devices.find(({ value }) => value === opening.to)?.label ?? opening.to;
    props.onClose();
    startChange(
      openPort(opening, {
        title: t("openings.new.ask", { port: portsText(opening), device }),
        text: t("openings.new.text"),
        go: t("openings.new"),
        done: t("openings.new.done"),
      }),
    );
  };
  return (
    <Dialog title={t("openings.new.title")} onClose={props.onClose}>
      <Form onSubmit={submit} errors={errors}>
        <Main {...{ form, errors, set, devices }} />
        <More form={form} errors={errors} set={set} />
        {conflict !== undefined && <Conflict mapping={conflict} device={props.nameOf(conflict)} />}
        <Button type="submit" kind="primary">
          {t("openings.new.go")}
        </Button>
      </Form>
    </Dialog>
  );
}

interface FieldsProps {
  readonly form: OpeningForm;
  readonly errors: FormErrors;
  readonly set: (change: Partial<OpeningForm>) => void;
}

function Main(props: FieldsProps & { readonly devices: ReturnType<typeof devicesOf> }) {
  const { form, errors, set, devices } = props;
  return (
    <>
      <Select
        name="to"
        label={t("openings.new.device")}
        hint={t("openings.new.device.hint")}
        value={form.to}
        error={errors.to}
        onChange={(to) => set({ to })}
        options={[{ value: "", label: t("openings.new.device.choose") }, ...devices]}
      />
      <Field
        name="port"
        label={t("openings.new.port")}
        hint={t("openings.new.port.hint")}
        inputMode="numeric"
        maxLength={5}
        value={form.port}
        error={errors.port}
        onInput={(port) => set({ port })}
      />
      <Choice<Protocol>
        label={t("openings.new.protocol")}
        name="protocol"
        value={form.protocol}
        onChange={(protocol) => set({ protocol })}
        options={[
          { value: "tcp", label: "TCP" },
          { value: "udp", label: "UDP" },
          { value: "both", label: t("openings.new.both") },
        ]}
      />
      <Field
        name="name"
        label={t("openings.new.name")}
        hint={t("openings.new.name.hint")}
        maxLength={63}
        value={form.name}
        onInput={(name) => set({ name })}
      />
    </>
  );
}

function More(props: FieldsProps) {
  const { form, errors, set } = props;
  const isWrong = [errors.portLast, errors.toPort, errors.source].some((one) => one !== undefined);
  return (
    <Fold title={t("openings.new.more")} open={isWrong}>
      <Field
        name="portLast"
        label={t("openings.new.last")}
        hint={t("openings.new.last.hint")}
        inputMode="numeric"
        maxLength={5}
        value={form.portLast}
        error={errors.portLast}
        onInput={(portLast) => set({ portLast })}
      />
      <Field
        name="toPort"
        label={t("openings.new.to_port")}
        hint={t("openings.new.to_port.hint")}
        inputMode="numeric"
        maxLength={5}
        value={form.toPort}
        error={errors.toPort}
        onInput={(toPort) => set({ toPort })}
      />
      <Field
        name="source"
        label={t("openings.new.source")}
        hint={t("openings.new.source.hint")}
        maxLength={18}
        value={form.source}
        error={errors.source}
        onInput={(source) => set({ source })}
      />
    </Fold>
  );
}

function Conflict(props: { readonly mapping: PortMapping; readonly device: string }) {
  const { mapping } = props;
  return (
    <Notice status="warning" alert>
      <bdi>
        {t("openings.conflict", {
          port: portsText(mapping),
          device: plainName(props.device),
          name: mapping.name === undefined ? t("openings.what.none") : plainName(mapping.name),
        })}
      </bdi>
    </Notice>
  );
}

/** Devices with an address that an opening can lead to. */
function devicesOf(hosts: readonly Host[]): readonly { value: string; label: string }[] {
  return hosts
    .flatMap((host) => {
      const address =
        host.reservedAddress ?? host.addresses.find((one) => /^\d+\.\d+\.\d+\.\d+$/.test(one));
      if (address === undefined) return [];
      return [{ value: address, label: `${plainName(host.name)} (${address})` }];
    })
    .sort((a, b) => a.label.localeCompare(b.label));
}
