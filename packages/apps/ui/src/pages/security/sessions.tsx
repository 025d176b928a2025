import { api, type Reply } from "../../box/api.ts";
import { useChannel } from "../../box/live.ts";
import { Button } from "../../components/button.tsx";
import { Name } from "../../components/name.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card } from "../../components/tile.tsx";
import { toast } from "../../components/toast.tsx";
import { browserName } from "../../core/browser-name.ts";
import { formatAgo } from "../../words/format.ts";
import { say, t } from "../../words/index.ts";

type Session = Reply<"GET /sessions">["sessions"][number];

/** Everybody who is logged in; any other session can be ended. */
export function Sessions() {
  const sessions = useChannel("sessions")?.sessions;
  return (
    <Card title={t("sessions.title")}>
      {sessions === undefined ? (
        <StatusWord status="working">{t("app.loading")}</StatusWord>
      ) : (
        <>
          <p>{t("sessions.text", { n: sessions.length })}</p>
          <ul class="rows">
            {[...sessions].sort(mineFirst).map((session) => (
              <One key={session.id} session={session} />
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function mineFirst(a: Session, b: Session): number {
  return Number(b.current) - Number(a.current) || b.lastSeenAt - a.lastSeenAt;
}

function One({ session }: { readonly session: Session }) {
  const browser = browserName(session.userAgent);
  const end = async (): Promise<void> => {
    const answer = await api.call("DELETE /sessions/{id}", { params: { id: session.id } });
    if (answer.ok) toast(t("sessions.ended"));
    else toast(say(answer.problem.text), { status: "fault" });
  };
  return (
    <li>
      <span class="row-text">
        <strong>{session.current ? t("sessions.this") : whoOf(session)}</strong>
        <span class="small muted block">
          <Name>{session.source}</Name>
          {browser !== undefined && `, ${browser}`}
        </span>
        <span class="small muted block">
          {t("sessions.since")} {formatAgo(session.startedAt)} · {t("sessions.seen")}{" "}
          {formatAgo(session.lastSeenAt)}
        </span>
      </span>
      {!session.current && (
        <Button
          label={t("row.action", { action: t("sessions.end"), name: session.source })}
          onClick={() => void end()}
        >
          {t("sessions.end")}
        </Button>
      )}
    </li>
  );
}

function whoOf(session: Session) {
  return session.kind === "app" ? <Name>{session.actor}</Name> : t("sessions.person");
}
