import type { Host, PortMapping } from "@passerelle/api";
import type { Change } from "../../box/change.ts";
import { useChannel } from "../../box/live.ts";
import { closePort } from "../../box/opening-change.ts";
import { Button } from "../../components/button.tsx";
import { Name } from "../../components/name.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { plainName } from "../../core/plain-name.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { t } from "../../words/index.ts";

/** What the Internet may reach on this device. */
export function Openings({ host }: { readonly host: Host }) {
  const all = useChannel("port-mappings")?.portMappings ?? [];
  const mine = all.filter((one) => one.host === host.id || host.portMappings.includes(one.id));
  if (mine.length === 0) return <StatusWord status="ok">{t("device.openings.none")}</StatusWord>;
  return (
    <ul class="openings">
      {mine.map((one) => (
        <li key={one.id}>
          <StatusWord status={one.enabled ? "warning" : "off"}>
            {one.name !== undefined && <Name>{one.name}</Name>} {portsOf(one)}
          </StatusWord>
          <Button kind="quiet" onClick={() => startChange(closing(one))}>
            {t("device.opening.close", { name: plainName(one.name ?? portsOf(one)) })}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function closing(one: PortMapping): Change {
  return closePort(one, {
    title: t("device.opening.close.title"),
    text: t("device.opening.close.text"),
    go: t("device.opening.close.go"),
    done: t("device.closed"),
  });
}

function portsOf(one: PortMapping): string {
  const protocol = one.protocol === "both" ? "TCP+UDP" : one.protocol.toUpperCase();
  return `${protocol} ${one.port}${one.portLast === undefined ? "" : `–${one.portLast}`}`;
}
