import type { Problem } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api } from "../../../box/api.ts";
import { Button } from "../../../components/button.tsx";
import { Confirm } from "../../../components/dialog.tsx";
import { ProblemNotice } from "../../../components/notice.tsx";
import { toast } from "../../../components/toast.tsx";
import { t } from "../../../words/index.ts";

/** Has the modem train the line anew, once the person knows how long the Internet is away. */
export function Resync() {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const close = (): void => {
    setAsking(false);
    setProblem(undefined);
  };
  const go = async (): Promise<void> => {
    setBusy(true);
    const answer = await api.call("POST /wan/dsl/resync");
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    close();
    toast(t("resync.done"));
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t("resync.go")}</Button>
      {asking && (
        <Confirm
          title={t("resync.title")}
          go={t("resync.go")}
          busy={busy}
          onGo={() => void go()}
          onClose={close}
        >
          <p>{t("resync.text")}</p>
          {problem !== undefined && <ProblemNotice problem={problem} />}
        </Confirm>
      )}
    </>
  );
}
