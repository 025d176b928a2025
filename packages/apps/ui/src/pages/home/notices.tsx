import type { SystemNotification } from "@passerelle/contract";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { useChannel } from "../../box/live.ts";
import { Button, ButtonLink } from "../../components/button.tsx";
import { Notice } from "../../components/notice.tsx";
import { toast } from "../../components/toast.tsx";
import { formatAgo } from "../../words/format.ts";
import { say, t } from "../../words/index.ts";

/** So many stand in sight; the rest waits behind a button. */
const IN_SIGHT = 3;

export function Notices({ notices }: { readonly notices: readonly SystemNotification[] }) {
  const [all, setAll] = useState(false);
  const hosts = useChannel("hosts")?.hosts ?? [];
  if (notices.length === 0) return null;
  const shown = all ? notices : notices.slice(0, IN_SIGHT);
  const hidden = notices.length - shown.length;
  return (
    <section class="notices" aria-label={t("home.notices")}>
      <ul>
        {shown.map((notice) => {
          // What is about a device carries its id.
          const device = hosts.find((host) => notice.id === `device:${host.id}`);
          return (
            <li key={notice.id}>
              <Notice
                status={notice.severity}
                action={
                  <>
                    {device !== undefined && (
                      <ButtonLink kind="quiet" href={`/devices/${encodeURIComponent(device.id)}`}>
                        {t("home.notices.device")}
                      </ButtonLink>
                    )}
                    <Button kind="quiet" onClick={() => void dismiss(notice.id)}>
                      {t("action.dismiss")}
                    </Button>
                  </>
                }
              >
                <p>
                  <bdi class="strong">{say(notice.text)}</bdi>
                </p>
                <p class="small">
                  {notice.next !== undefined && <span>{say(notice.next)} </span>}
                  <span class="muted">{formatAgo(notice.at)}</span>
                </p>
              </Notice>
            </li>
          );
        })}
      </ul>
      {hidden > 0 && (
        <Button kind="quiet" onClick={() => setAll(true)}>
          {t("home.notices.more", { n: hidden })}
        </Button>
      )}
    </section>
  );
}

async function dismiss(id: string): Promise<void> {
  const answer = await api.call("DELETE /notifications/{id}", { params: { id } });
  if (!answer.ok) toast(say(answer.problem.text), { status: "fault" });
}
