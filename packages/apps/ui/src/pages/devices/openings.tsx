import type { Host, PortMapping } from "@passerelle/api";
import { useState } from "preact/hooks";
import { useChannel } from "../../box/live.ts";
import { Button } from "../../components/button.tsx";
import { Confirm } from "../../components/dialog.tsx";
import { Name } from "../../components/name.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { plainName } from "../../core/plain-name.ts";
import { t } from "../../words/index.ts";
import { closePort } from "./open-port.tsx";

/** What the Internet may reach on this device. */
export function Openings({ host }: { readonly host: Host }) {
  const all = useChannel("port-mappings")?.portMappings ?? [];
  const mine = all.filter((one) => one.host === host.id || host.portMappings.includes(one.id));
  const [closing, setClosing] = useState<PortMapping>();
  if (mine.length === 0) return <StatusWord status="ok">{t("device.openings.none")}</StatusWord>;
  const close = (): void => {
    if (closing !== undefined) void closePort(closing.id);
    setClosing(undefined);
  };
  return (
    <>
      <ul class="openings">
        {mine.map((one) => (
          <li key={one.id}>
            <StatusWord status={one.enabled ? "warning" : "off"}>
              {one.name !== undefined && <Name>{one.name}</Name>} {portsOf(one)}
            </StatusWord>
            <Button kind="quiet" onClick={() => setClosing(one)}>
              {t("device.opening.close", { name: plainName(one.name ?? portsOf(one)) })}
            </Button>
          </li>
        ))}
      </ul>
      {closing !== undefined && (
        <Confirm
          title={t("device.opening.close.title")}
          go={t("device.opening.close.go")}
          onGo={close}
          onClose={() => setClosing(undefined)}
        >
          <p>{t("device.opening.close.text")}</p>
        </Confirm>
      )}
    </>
  );
}

function portsOf(one: PortMapping): string {
  const protocol = one.protocol === "both" ? "TCP+UDP" : one.protocol.toUpperCase();
  return `${protocol} ${one.port}${one.portLast === undefined ? "" : `–${one.portLast}`}`;
}
