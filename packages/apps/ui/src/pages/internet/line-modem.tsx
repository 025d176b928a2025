import { Choice, Field, Select } from "../../components/field.tsx";
import type { FormErrors } from "../../components/form.tsx";
import {
  MODEM_DRIVERS,
  type ModemForm,
  type ModemSection,
  modemFields,
} from "../../core/modem-form.ts";
import { t } from "../../words/index.ts";

/** Which modem of a DSL line is watched, and how it is asked. */
export function LineModem(props: {
  readonly form: ModemForm;
  readonly section: ModemSection | undefined;
  readonly errors: FormErrors;
  readonly set: (change: Partial<ModemForm>) => void;
}) {
  const { form, section, errors, set } = props;
  const has = modemFields(form.driver);
  return (
    <>
      <Select
        name="modem"
        label={t("modem.driver")}
        hint={t("modem.driver.hint")}
        value={form.driver}
        onChange={(driver) => set({ driver })}
        options={[
          { value: "none", label: t("modem.driver.none") },
          ...MODEM_DRIVERS.map((value) => ({ value, label: t(`modem.driver.${value}`) })),
        ]}
      />
      {has.address && <Where form={form} errors={errors} set={set} />}
      {has.login && (
        <Login form={form} isKept={section?.hasPassword === true} errors={errors} set={set} />
      )}
      {has.community && (
        <Field
          name="modemCommunity"
          type="password"
          label={t("modem.community")}
          hint={t(section?.hasCommunity === true ? "modem.community.kept" : "modem.community.hint")}
          maxLength={128}
          value={form.community}
          error={errors.modemCommunity}
          onInput={(community) => set({ community })}
        />
      )}
      {has.recording && (
        <Choice
          label={t("modem.recording")}
          name="recording"
          value={form.recording}
          onChange={(recording) => set({ recording })}
          options={[
            { value: "adsl2plus", label: t("modem.recording.adsl2plus") },
            { value: "vdsl2", label: t("modem.recording.vdsl2") },
          ]}
        />
      )}
    </>
  );
}

interface Part {
  readonly form: ModemForm;
  readonly errors: FormErrors;
  readonly set: (change: Partial<ModemForm>) => void;
}

function Where({ form, errors, set }: Part) {
  return (
    <>
      <Field
        name="modemAddress"
        label={t("modem.address")}
        hint={t("modem.address.hint")}
        value={form.address}
        error={errors.modemAddress}
        maxLength={253}
        onInput={(address) => set({ address })}
      />
      <Field
        name="modemFrom"
        label={t("modem.from")}
        hint={t("modem.from.hint")}
        value={form.from}
        error={errors.modemFrom}
        maxLength={18}
        onInput={(from) => set({ from })}
      />
      <Field
        name="modemPort"
        label={t("modem.port")}
        hint={t("modem.port.hint")}
        value={form.port}
        error={errors.modemPort}
        maxLength={5}
        inputMode="numeric"
        onInput={(port) => set({ port })}
      />
    </>
  );
}

function Login({ form, errors, set, isKept }: Part & { readonly isKept: boolean }) {
  return (
    <>
      <Field
        name="modemUser"
        label={t("modem.user")}
        value={form.user}
        error={errors.modemUser}
        maxLength={128}
        onInput={(user) => set({ user })}
      />
      <Field
        name="modemPassword"
        type="password"
        label={t("modem.password")}
        hint={isKept ? t("line.password.kept") : undefined}
        maxLength={128}
        value={form.password}
        error={errors.modemPassword}
        onInput={(password) => set({ password })}
      />
    </>
  );
}
