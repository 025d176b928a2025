import type { SystemNotification } from "@passerelle/contract";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { useChannel } from "../../box/live.ts";
import { Button, ButtonLink } from "../../components/button.tsx";
import { Notice } from "../../components/notice.tsx";
import { toast } from "../../components/toast.tsx";
import { DEVICE_NOTICE, itemsOf } from "../../core/home-view.ts";
import { formatAgo } from "../../words/format.ts";
import { say, t } from "../../words/index.ts";

/** So many stand in sight; the rest waits behind a button. */
const IN_SIGHT = 3;

export function Notices({ notices }: { readonly notices: readonly SystemNotification[] }) {
  const [all, setAll] = useState(false);
  const items = itemsOf(notices);
  if (items.length === 0) return null;
  const shown = all ? items : items.slice(0, IN_SIGHT);
  const hidden = items.length - shown.length;
  return (
    <section class="notices" aria-label={t("home.notices")}>
      <ul>
        {shown.map((item) =>
          item.kind === "newcomers" ? (
            <li key="newcomers">
              <Newcomers notices={item.notices} />
            </li>
          ) : (
            <li key={item.notice.id}>
              <OneNotice notice={item.notice} />
            </li>
          ),
        )}
      </ul>
      {hidden > 0 && (
        <Button kind="quiet" onClick={() => setAll(true)}>
          {t("home.notices.more", { n: hidden })}
        </Button>
      )}
    </section>
  );
}

function OneNotice({ notice }: { readonly notice: SystemNotification }) {
  const hosts = useChannel("hosts")?.hosts ?? [];
  const device = hosts.find((host) => notice.id === `${DEVICE_NOTICE}${host.id}`);
  return (
    <Notice
      status={notice.severity}
      action={
        <>
          {device !== undefined && (
            <ButtonLink kind="quiet" href={`/devices/${encodeURIComponent(device.id)}`}>
              {t("home.notices.device")}
            </ButtonLink>
          )}
          <Button kind="quiet" onClick={() => void dismiss([notice])}>
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
  );
}

function Newcomers({ notices }: { readonly notices: readonly SystemNotification[] }) {
  return (
    <Notice
      status="info"
      action={
        <>
          <ButtonLink kind="quiet" href="/devices?show=new">
            {t("home.notices.newcomers.action")}
          </ButtonLink>
          <Button kind="quiet" onClick={() => void dismiss(notices)}>
            {t("action.dismiss")}
          </Button>
        </>
      }
    >
      <p class="strong">{t("home.notices.newcomers", { n: notices.length })}</p>
      <p class="small">{t("home.notices.newcomers.next")}</p>
    </Notice>
  );
}

async function dismiss(notices: readonly SystemNotification[]): Promise<void> {
  for (const { id } of notices) {
    const answer = await api.call("DELETE /notifications/{id}", { params: { id } });
    if (!answer.ok) {
      toast(say(answer.problem.text), { status: "fault" });
      return;
    }
  }
}
