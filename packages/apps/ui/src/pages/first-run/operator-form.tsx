import { useState } from "preact/hooks";
import { settingsChange } from "../../box/change.ts";
import { Button } from "../../components/button.tsx";
import { Field, Select } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { OPERATORS, OTHER_OPERATOR } from "../../core/operators.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { t } from "../../words/index.ts";

export function OperatorForm() {
  const [profile, setProfile] = useState(OTHER_OPERATOR);
  const [login, setLogin] = useState("");
  const [secret, setSecret] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const needs = OPERATORS.find((one) => one.id === profile)?.credentials === true;
  const submit = (): void => {
    const missing = (text: string): string | undefined =>
      needs && text.trim() === "" ? t("form.required") : undefined;
    const wrong = { login: missing(login), secret: missing(secret) };
    setErrors(wrong);
    if (wrong.login !== undefined || wrong.secret !== undefined) return;
    const credentials = needs ? { login: login.trim(), password: secret } : null;
    startChange(
      settingsChange({
        title: t("first.line.set"),
        changes: [{ section: "wan", patch: { profile, credentials } }],
        done: t("first.line.done"),
      }),
    );
  };
  return (
    <Form onSubmit={submit} errors={errors}>
      <Select
        name="profile"
        label={t("first.operator")}
        hint={t("first.operator.hint")}
        value={profile}
        onChange={setProfile}
        options={[
          ...OPERATORS.map(({ id, title }) => ({ value: id, label: title })),
          { value: OTHER_OPERATOR, label: t("first.operator.other") },
        ]}
      />
      {needs && (
        <>
          <Field
            name="login"
            label={t("first.login")}
            hint={t("first.login.hint")}
            value={login}
            maxLength={128}
            error={errors.login}
            onInput={setLogin}
          />
          <Field
            name="secret"
            type="password"
            label={t("first.secret")}
            value={secret}
            maxLength={128}
            error={errors.secret}
            onInput={setSecret}
          />
        </>
      )}
      <Button type="submit" kind="primary">
        {t("first.line.set")}
      </Button>
    </Form>
  );
}
