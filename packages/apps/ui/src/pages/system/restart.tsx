import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { Button } from "../../components/button.tsx";
import { Confirm } from "../../components/dialog.tsx";
import { Card } from "../../components/tile.tsx";
import { toast } from "../../components/toast.tsx";
import { say, t } from "../../words/index.ts";

export function Restart() {
  const [asking, setAsking] = useState(false);
  const go = async (): Promise<void> => {
    setAsking(false);
    const answer = await api.call("POST /system/reboot");
    if (answer.ok) toast(t("power.restarting"), { status: "working" });
    else toast(say(answer.problem.text), { status: "fault" });
  };
  return (
    <Card title={t("power.title")}>
      <div class="stack">
        <p>{t("power.text")}</p>
        <div class="actions">
          <Button onClick={() => setAsking(true)}>{t("power.restart")}</Button>
        </div>
      </div>
      {asking && (
        <Confirm
          title={t("power.restart.title")}
          go={t("power.restart")}
          onGo={() => void go()}
          onClose={() => setAsking(false)}
        >
          <p>{t("power.text")}</p>
        </Confirm>
      )}
    </Card>
  );
}
