import { useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { Card } from "../../components/tile.tsx";
import { t } from "../../words/index.ts";
import { JobSteps } from "./job-steps.tsx";
import { useDiagnosis } from "./use-diagnosis.ts";

const ASSISTANTS = [
  { kind: "no_internet", icon: "internet" },
  { kind: "slow", icon: "diagnostics" },
] as const;
type Kind = (typeof ASSISTANTS)[number]["kind"];

/** One question in the words of a person; the gateway looks at everything that could be the reason. */
export function Assistants() {
  const { job, problem, busy, start, cancel } = useDiagnosis();
  const [asked, setAsked] = useState<Kind>();
  const ask = (kind: Kind): void => {
    setAsked(kind);
    void start({ kind });
  };
  return (
    <Card title={t("diag.assistants")}>
      <div class="stack">
        <ul class="assistants">
          {ASSISTANTS.map(({ kind, icon }) => (
            <li key={kind}>
              <Icon name={icon} class="assistant-icon" />
              <div class="assistant-text">
                <h3>{t(`diag.${kind}`)}</h3>
                <p class="muted">{t(`diag.${kind}.text`)}</p>
              </div>
              <Button
                kind="primary"
                busy={busy && asked === kind}
                disabled={busy && asked !== kind}
                label={t("row.action", {
                  action: t(job !== undefined && asked === kind ? "diag.again" : "diag.go"),
                  name: t(`diag.${kind}`),
                })}
                onClick={() => ask(kind)}
              >
                {t(job !== undefined && asked === kind ? "diag.again" : "diag.go")}
              </Button>
            </li>
          ))}
        </ul>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        {job !== undefined && <JobSteps job={job} onCancel={cancel} />}
      </div>
    </Card>
  );
}
