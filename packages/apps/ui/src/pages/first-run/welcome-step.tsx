import { welcome } from "../../box/session.ts";
import { Notice } from "../../components/notice.tsx";
import { LanguageChoice } from "../../shell/language-choice.tsx";
import { rememberPassword } from "../../shell/step-up.tsx";
import { t } from "../../words/index.ts";
import { LoginForm } from "../login-form.tsx";
import { StepHead } from "./step-head.tsx";

export function WelcomeStep() {
  return (
    <>
      <StepHead title={t("first.welcome")} first />
      <p>{t("first.welcome.text")}</p>
      <LanguageChoice />
      {welcome.value?.secure === false && <Notice status="warning">{t("login.insecure")}</Notice>}
      <LoginForm
        go={t("first.go")}
        // The line may have to be set on the next screen: the person is the same, and is not asked again.
        onDone={rememberPassword}
      />
    </>
  );
}
