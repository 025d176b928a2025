import type { Problem } from "@passerelle/api";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { useChannel } from "../../box/live.ts";
import { welcome } from "../../box/session.ts";
import { Button, ButtonLink } from "../../components/button.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { checkLine } from "../../core/line-check.ts";
import { navigate } from "../../shell/route.ts";
import { rememberPassword } from "../../shell/step-up.tsx";
import { language, t } from "../../words/index.ts";
import { StepHead } from "./step-head.tsx";

export function DoneStep() {
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const finish = async (): Promise<void> => {
    setBusy(true);
    const answer = await api.call("PUT /first-run", { body: { language: language() } });
    setBusy(false);
    setProblem(answer.ok ? undefined : answer.problem);
    if (!answer.ok) return;
    rememberPassword(undefined);
    if (welcome.value !== undefined) welcome.value = { ...welcome.value, firstRunDone: true };
    navigate("/", { replace: true });
  };
  const works = checkLine(useChannel("wan")?.line).kind === "works";
  const fingerprint = welcome.value?.fingerprint;
  return (
    <>
      <StepHead title={t("first.done")} />
      <ul class="promises">
        {works ? (
          <Promised icon="ok" title={t("first.done.works")}>
            <p>{t("first.done.works.text")}</p>
          </Promised>
        ) : (
          <Promised icon="warning" title={t("first.done.line")}>
            <p>{t("first.done.line.text")}</p>
          </Promised>
        )}
        <Promised icon="security" title={t("first.done.updates")}>
          <p>{t("first.done.updates.text")}</p>
        </Promised>
        <Promised icon="system" title={t("first.done.certificate")}>
          <p>{t("first.done.certificate.text")}</p>
          <ButtonLink href="/api/v1/certificate" download="passerelle.crt" icon="down">
            {t("first.done.certificate.get")}
          </ButtonLink>
          {fingerprint !== undefined && (
            <p class="small muted">
              {t("first.done.fingerprint")}
              <br />
              <bdi class="fingerprint">{fingerprint}</bdi>
            </p>
          )}
        </Promised>
      </ul>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <div class="actions">
        <Button kind="primary" busy={busy} onClick={() => void finish()}>
          {t("first.done.go")}
        </Button>
      </div>
    </>
  );
}

function Promised(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <li>
      <Icon name={props.icon} />
      <div>
        <h2>{props.title}</h2>
        {props.children}
      </div>
    </li>
  );
}
