import type { Problem } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { Button } from "../../components/button.tsx";
import { Confirm } from "../../components/dialog.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { toast } from "../../components/toast.tsx";
import { t } from "../../words/index.ts";

/** Starts the session with the operator again. */
export function Reconnect() {
  return <Interrupting what="reconnect" go={() => api.call("POST /wan/reconnect")} />;
}

/** Has the modem train the line anew. */
export function Resync() {
  return <Interrupting what="resync" go={() => api.call("POST /wan/dsl/resync")} />;
}

/** An order that takes the Internet away for a while, given once the person knows what stops meanwhile. */
function Interrupting(props: {
  readonly what: "reconnect" | "resync";
  readonly go: () => ReturnType<typeof api.call<"POST /wan/reconnect" | "POST /wan/dsl/resync">>;
}) {
  const { what } = props;
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const close = (): void => {
    setAsking(false);
    setProblem(undefined);
  };
  const go = async (): Promise<void> => {
    setBusy(true);
    const answer = await props.go();
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    close();
    toast(t(`${what}.done`));
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t(`${what}.go`)}</Button>
      {asking && (
        <Confirm
          title={t(`${what}.title`)}
          go={t(`${what}.go`)}
          busy={busy}
          onGo={() => void go()}
          onClose={close}
        >
          <p>{t(`${what}.text`)}</p>
          {problem !== undefined && <ProblemNotice problem={problem} />}
        </Confirm>
      )}
    </>
  );
}
