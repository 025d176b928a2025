import type { Host } from "@passerelle/api";
import { useState } from "preact/hooks";
import type { Reply } from "../../box/api.ts";
import { type OpeningTexts, openPort } from "../../box/opening-change.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Field, Select } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { Notice } from "../../components/notice.tsx";
import { portOf } from "../../core/port.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { t } from "../../words/index.ts";

type Protocol = Reply<"POST /nat/port-mappings">["protocol"];

/** The same way for every page: from the device, not from a table of rules. */
export function OpenPort({ host, onClose }: { readonly host: Host; readonly onClose: () => void }) {
  const [name, setName] = useState("");
  const [port, setPort] = useState("");
  const [protocol, setProtocol] = useState<Protocol>("tcp");
  const [errors, setErrors] = useState<FormErrors>({});
  const to = host.reservedAddress ?? host.addresses.find((one) => /^[\d.]+$/.test(one));
  const submit = (): void => {
    const number = portOf(port);
    setErrors({
      name: name.trim() === "" ? t("form.required") : undefined,
      port: number === undefined ? t("device.open.port.bad") : undefined,
    });
    if (number === undefined || name.trim() === "" || to === undefined) return;
    onClose();
    startChange(openPort({ name: name.trim(), protocol, port: number, to }, textsOfOpening()));
  };
  return (
    <Dialog title={t("device.open.title")} onClose={onClose}>
      <Notice status="warning">{t("device.open.text")}</Notice>
      {to === undefined ? (
        <p>{t("device.open.no_address")}</p>
      ) : (
        <Form onSubmit={submit} errors={errors}>
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
          <Button type="submit" kind="primary">
            {t("first.go")}
          </Button>
        </Form>
      )}
    </Dialog>
  );
}

function textsOfOpening(): OpeningTexts {
  return {
    title: t("device.open.title"),
    text: t("device.open.text"),
    go: t("device.open"),
    done: t("device.opened"),
  };
}
