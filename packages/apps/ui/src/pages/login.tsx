import { useState } from "preact/hooks";
import { bareApi } from "../box/api.ts";
import { enter, welcome } from "../box/session.ts";
import { Button } from "../components/button.tsx";
import { Field, Switch } from "../components/field.tsx";
import { Form, type FormErrors } from "../components/form.tsx";
import { Icon } from "../components/icon.tsx";
import { Name } from "../components/name.tsx";
import { Notice } from "../components/notice.tsx";
import { LanguageChoice } from "../shell/language-choice.tsx";
import { say, t } from "../words/index.ts";

export default function Login() {
  const [password, setPassword] = useState("");
  const [remember, setRemember] = useState(false);
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    if (password === "") return setErrors({ password: t("form.required") });
    setBusy(true);
    const answer = await bareApi.call("POST /sessions", {
      body: { kind: "password", password, transport: "cookie", remember },
    });
    setBusy(false);
    if (answer.ok) return enter(answer.data.session);
    const { text, next } = answer.problem;
    setErrors({ password: next === undefined ? say(text) : `${say(text)} ${say(next)}` });
  };
  return (
    <main class="alone" id="content">
      <div class="alone-head">
        <Icon name="gateway" class="alone-mark" />
        <p class="alone-box">
          <Name>{welcome.value?.name ?? ""}</Name>
        </p>
      </div>
      <h1>{t("login.title")}</h1>
      {welcome.value?.secure === false && <Notice status="warning">{t("login.insecure")}</Notice>}
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
        <Switch
          label={t("login.remember")}
          hint={t("login.remember.hint")}
          checked={remember}
          onChange={setRemember}
        />
        <Button type="submit" kind="primary" busy={busy}>
          {t("login.go")}
        </Button>
      </Form>
      <LanguageChoice />
    </main>
  );
}
