import { api } from "../../box/api.ts";
import { useChannel } from "../../box/live.ts";
import { Button } from "../../components/button.tsx";
import { Name } from "../../components/name.tsx";
import { Card } from "../../components/tile.tsx";
import { toast } from "../../components/toast.tsx";
import { plainName } from "../../core/plain-name.ts";
import { say, t } from "../../words/index.ts";

/** Devices that a person shut out, with the way back. */
export function Blocked() {
  const hosts = useChannel("hosts")?.hosts ?? [];
  const blocked = hosts.filter((host) => host.blocked);
  const unknown = unknownOf(
    useChannel("firewall")?.blockedDevices ?? [],
    blocked.flatMap(({ macs }) => macs),
  );
  const count = blocked.length + unknown.length;
  const unblock = async (id: string): Promise<void> => {
    const answer = await api.call("PATCH /hosts/{id}", {
      params: { id },
      body: { blocked: false },
    });
    if (!answer.ok) return toast(say(answer.problem.text), { status: "fault" });
    const undo = () =>
      void api.call("PATCH /hosts/{id}", { params: { id }, body: { blocked: true } });
    toast(t("blocked.done"), { undo });
  };
  return (
    <Card title={t("blocked.title")}>
      <p>{count === 0 ? t("blocked.none") : t("blocked.text", { n: count })}</p>
      <ul class="rows">
        {blocked.map((host) => (
          <li key={host.id}>
            <a href={`/devices/${encodeURIComponent(host.id)}`}>
              <Name>{host.name}</Name>
            </a>
            <Button
              label={t("row.action", {
                action: t("blocked.unblock"),
                name: plainName(host.name),
              })}
              onClick={() => void unblock(host.id)}
            >
              {t("blocked.unblock")}
            </Button>
          </li>
        ))}
        {unknown.map((mac) => (
          <li key={mac}>
            <span>
              {t("blocked.forgotten")} <span class="small muted">{mac}</span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** A device may be forgotten and still be shut out. */
function unknownOf(macs: readonly string[], known: readonly string[]): readonly string[] {
  return macs.filter((mac) => !known.includes(mac));
}
