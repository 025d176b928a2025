import { useState } from "preact/hooks";
import { bareApi } from "../box/api.ts";
import { enter } from "../box/session.ts";
import { Button } from "../components/button.tsx";
import { Field, Switch } from "../components/field.tsx";
import { Form, type FormErrors } from "../components/form.tsx";
import { say, t } from "../words/index.ts";

/** The password of the box, at the door and on the first screen. */
export function LoginForm(props: {
  readonly go: string;
  /** Offered where one comes back every day, not at the first run. */
  readonly canRemember?: boolean;
  readonly onDone?: (password: string) => void;
}) {
  const [password, setPassword] = useState("");
  const [remember, setRemember] = useState(false);
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    if (password === "") {
      setErrors({ password: t("form.required") });
      return;
    }
    setBusy(true);
    const answer = await bareApi.call("POST /sessions", {
      body: { kind: "password", password, transport: "cookie", remember },
    });
    setBusy(false);
    if (answer.ok) {
      props.onDone?.(password);
      enter(answer.data.session);
      return;
    }
    const { text, next } = answer.problem;
    setErrors({ password: next === undefined ? say(text) : `${say(text)} ${say(next)}` });
  };
  return (
    <Form onSubmit={() => void submit()} errors={errors}>
      {/* Password managers want a name to keep it under. */}
      <input type="text" name="username" value="admin" autocomplete="username" hidden readOnly />
      <Field
        name="password"
        label={t("login.password")}
        hint={t("login.password.hint")}
        type="password"
        autocomplete="current-password"
        maxLength={128}
        value={password}
        error={errors.password}
        onInput={setPassword}
      />
      {props.canRemember === true && (
        <Switch
          label={t("login.remember")}
          hint={t("login.remember.hint")}
          checked={remember}
          onChange={setRemember}
        />
      )}
      <Button type="submit" kind="primary" busy={busy}>
        {props.go}
      </Button>
    </Form>
  );
}
