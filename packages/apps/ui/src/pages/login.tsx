import { useEffect } from "preact/hooks";
import { welcome } from "../box/session.ts";
import { Icon } from "../components/icon.tsx";
import { Name } from "../components/name.tsx";
import { Notice } from "../components/notice.tsx";
import { LanguageChoice } from "../shell/language-choice.tsx";
import { t } from "../words/index.ts";
import { LoginForm } from "./login-form.tsx";

export default function Login() {
  const title = t("login.title");
  const box = welcome.value?.name ?? "";
  useEffect(() => {
    document.title = `${title} – ${box}`;
  }, [title, box]);
  return (
    <main class="alone" id="content">
      <div class="alone-head">
        <Icon name="gateway" class="alone-mark" />
        <p class="alone-box">
          <Name>{box}</Name>
        </p>
      </div>
      <h1>{title}</h1>
      {welcome.value?.secure === false && <Notice status="warning">{t("login.insecure")}</Notice>}
      <LoginForm go={t("login.go")} canRemember />
      <LanguageChoice />
    </main>
  );
}
