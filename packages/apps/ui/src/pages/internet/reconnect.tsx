import type { Problem } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { Button } from "../../components/button.tsx";
import { Confirm } from "../../components/dialog.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { toast } from "../../components/toast.tsx";
import { t } from "../../words/index.ts";

/** Starts the session with the operator again, once the person knows what stops meanwhile. */
export function Reconnect() {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const close = (): void => {
    setAsking(false);
    setProblem(undefined);
  };
  const go = async (): Promise<void> => {
    setBusy(true);
    const answer = await api.call("POST /wan/reconnect");
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    close();
    toast(t("reconnect.done"));
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t("reconnect.go")}</Button>
      {asking && (
        <Confirm
          title={t("reconnect.title")}
          go={t("reconnect.go")}
          busy={busy}
          onGo={() => void go()}
          onClose={close}
        >
          <p>{t("reconnect.text")}</p>
          {problem !== undefined && <ProblemNotice problem={problem} />}
        </Confirm>
      )}
    </>
  );
}
