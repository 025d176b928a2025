import type { Host } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { blockChange, keepAddressChange } from "../../box/host-changes.ts";
import { Button } from "../../components/button.tsx";
import { Confirm } from "../../components/dialog.tsx";
import { toast } from "../../components/toast.tsx";
import { startChange } from "../../shell/apply-flow.tsx";
import { navigate } from "../../shell/route.ts";
import { say, t } from "../../words/index.ts";
import { KeepAddress } from "./keep-address.tsx";
import { OpenPort } from "./open-port.tsx";
import { Rename } from "./rename.tsx";

type Open = "rename" | "keep" | "port" | "forget";

export function DeviceActions({ host }: { readonly host: Host }) {
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  return (
    <>
      <div class="actions device-actions">
        <Button onClick={() => setOpen("rename")}>{t("device.rename")}</Button>
        <Button onClick={() => startChange(blockChange(host, !host.blocked))}>
          {t(host.blocked ? "device.unblock" : "device.block")}
        </Button>
        {host.reservedAddress === undefined ? (
          <Button onClick={() => setOpen("keep")}>{t("device.keep")}</Button>
        ) : (
          <Button onClick={() => startChange(keepAddressChange(host, null))}>
            {t("device.unkeep")}
          </Button>
        )}
        <Button onClick={() => setOpen("port")}>{t("device.open")}</Button>
        <Button onClick={() => void wake(host)}>{t("device.wake")}</Button>
        <Button kind="danger" onClick={() => setOpen("forget")}>
          {t("device.forget")}
        </Button>
      </div>
      {open === "rename" && <Rename host={host} onClose={close} />}
      {open === "keep" && <KeepAddress host={host} onClose={close} />}
      {open === "port" && <OpenPort host={host} onClose={close} />}
      {open === "forget" && <Forget host={host} onClose={close} />}
    </>
  );
}

async function wake(host: Host): Promise<void> {
  const answer = await api.call("POST /hosts/{id}/wake", { params: { id: host.id } });
  if (answer.ok) toast(t("device.waked"));
  else toast(say(answer.problem.text), { status: "fault" });
}

function Forget({ host, onClose }: { readonly host: Host; readonly onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const forget = async (): Promise<void> => {
    setBusy(true);
    const answer = await api.call("DELETE /hosts/{id}", { params: { id: host.id } });
    onClose();
    if (!answer.ok) {
      toast(say(answer.problem.text), { status: "fault" });
      return;
    }
    toast(t("device.forgotten"));
    navigate("/devices");
  };
  return (
    <Confirm
      title={t("device.forget.title")}
      go={t("device.forget")}
      danger
      busy={busy}
      onGo={() => void forget()}
      onClose={onClose}
    >
      <p>{t("device.forget.text")}</p>
    </Confirm>
  );
}
