import type { Host, Problem } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api, type Reply } from "../../box/api.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Field, Select } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { Notice, ProblemNotice } from "../../components/notice.tsx";
import { toast } from "../../components/toast.tsx";
import { portOf } from "../../core/port.ts";
import { say, t } from "../../words/index.ts";

type Protocol = Reply<"POST /nat/port-mappings">["protocol"];

/** The same way for every page: from the device, not from a table of rules. */
export function OpenPort({ host, onClose }: { readonly host: Host; readonly onClose: () => void }) {
  const [name, setName] = useState("");
  const [port, setPort] = useState("");
  const [protocol, setProtocol] = useState<Protocol>("tcp");
  const [errors, setErrors] = useState<FormErrors>({});
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const to = host.reservedAddress ?? host.addresses.find((one) => /^[\d.]+$/.test(one));
  const submit = async (): Promise<void> => {
    const number = portOf(port);
    setErrors({
      name: name.trim() === "" ? t("form.required") : undefined,
      port: number === undefined ? t("device.open.port.bad") : undefined,
    });
    if (number === undefined || name.trim() === "" || to === undefined) return;
    setBusy(true);
    const answer = await api.call("POST /nat/port-mappings", {
      body: { name: name.trim(), protocol, port: number, to },
    });
    setBusy(false);
    setProblem(answer.ok ? undefined : answer.problem);
    if (!answer.ok) return;
    onClose();
    toast(t("device.opened"), { undo: () => void closePort(answer.data.id) });
  };
  return (
    <Dialog title={t("device.open.title")} onClose={onClose}>
      <Notice status="warning">{t("device.open.text")}</Notice>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      {to === undefined ? (
        <p>{t("device.open.no_address")}</p>
      ) : (
        <Form onSubmit={() => void submit()} errors={errors}>
          <Field
            name="name"
            label={t("device.open.name")}
            hint={t("device.open.name.hint")}
            value={name}
            maxLength={63}
            error={errors.name}
            onInput={setName}
          />
          <Field
            name="port"
            label={t("device.open.port")}
            hint={t("device.open.port.hint")}
            value={port}
            maxLength={5}
            inputMode="numeric"
            error={errors.port}
            onInput={setPort}
          />
          <Select<Protocol>
            name="protocol"
            label={t("device.open.protocol")}
            value={protocol}
            onChange={setProtocol}
            options={[
              { value: "tcp", label: "TCP" },
              { value: "udp", label: "UDP" },
              { value: "both", label: t("device.open.both") },
            ]}
          />
          <Button type="submit" kind="danger" busy={busy}>
            {t("device.open")}
          </Button>
        </Form>
      )}
    </Dialog>
  );
}

export async function closePort(id: string): Promise<void> {
  const answer = await api.call("DELETE /nat/port-mappings/{id}", { params: { id } });
  if (answer.ok) toast(t("device.closed"));
  else toast(say(answer.problem.text), { status: "fault" });
}
