import type { Host } from "@passerelle/api";
import { useState } from "preact/hooks";
import { keepAddressChange } from "../../box/host-changes.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Field } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { startChange } from "../../shell/apply-flow.tsx";
import { t } from "../../words/index.ts";

const ADDRESS = /^(\d{1,3}\.){3}\d{1,3}$/;

export function KeepAddress(props: { readonly host: Host; readonly onClose: () => void }) {
  const { host, onClose } = props;
  const [address, setAddress] = useState(host.addresses.find((one) => ADDRESS.test(one)) ?? "");
  const [errors, setErrors] = useState<FormErrors>({});
  const submit = (): void => {
    const chosen = address.trim();
    if (!ADDRESS.test(chosen)) {
      setErrors({ address: t("device.keep.bad") });
      return;
    }
    onClose();
    startChange(keepAddressChange(host, chosen));
  };
  return (
    <Dialog title={t("device.keep.title")} onClose={onClose}>
      <p>{t("device.keep.next")}</p>
      <Form onSubmit={submit} errors={errors}>
        <Field
          name="address"
          label={t("device.keep.label")}
          hint={t("device.keep.hint")}
          value={address}
          maxLength={15}
          inputMode="text"
          error={errors.address}
          onInput={setAddress}
        />
        <Button type="submit" kind="primary">
          {t("first.go")}
        </Button>
      </Form>
    </Dialog>
  );
}
