import { useChannel } from "../../box/live.ts";
import { Button } from "../../components/button.tsx";
import { Notice } from "../../components/notice.tsx";
import { checkLine } from "../../core/line-check.ts";
import { say, t } from "../../words/index.ts";
import { OperatorForm } from "./operator-form.tsx";
import { StepHead } from "./step-head.tsx";

/** Looks at the line; asks for the operator only where the line does not come up without. */
export function LineStep({ onDone }: { readonly onDone: () => void }) {
  const line = useChannel("wan")?.line;
  const check = checkLine(line);
  return (
    <>
      <StepHead title={t("first.line")} />
      <div aria-live="polite">
        {check.kind === "checking" && <Notice status="working">{t("first.line.checking")}</Notice>}
        {check.kind === "works" && <Notice status="ok">{t("first.line.ok")}</Notice>}
        {check.kind === "broken" && (
          <Notice status="fault">
            <p>
              <strong>{say(check.cause.text)}</strong>
            </p>
            {check.cause.next !== undefined && <p>{say(check.cause.next)}</p>}
          </Notice>
        )}
      </div>
      {check.kind === "works" ? (
        <div class="actions">
          <Button kind="primary" onClick={onDone}>
            {t("first.go")}
          </Button>
        </div>
      ) : (
        <>
          {check.kind === "broken" && check.ask && <OperatorForm />}
          <div class="actions">
            <Button kind="quiet" onClick={onDone}>
              {t("first.line.skip")}
            </Button>
          </div>
        </>
      )}
    </>
  );
}
