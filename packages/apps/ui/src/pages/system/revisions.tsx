import type { Problem } from "@passerelle/api";
import type { RevisionInfo } from "@passerelle/contract";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { type Change, planOf } from "../../box/change.ts";
import { useChannel } from "../../box/live.ts";
import { Button } from "../../components/button.tsx";
import { Differences } from "../../components/differences.tsx";
import { Fold } from "../../components/fold.tsx";
import { Name } from "../../components/name.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card } from "../../components/tile.tsx";
import { plainName } from "../../core/plain-name.ts";
import { changesBetween } from "../../core/sections.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { formatDateTime } from "../../words/format.ts";
import { t } from "../../words/index.ts";

const AT_FIRST = 20;
/** The box keeps 50 and a little more. */
const MOST = 200;

/** Every change of the settings with its author and differences, and the way back to each. */
export function Revisions() {
  const current = useChannel("config")?.revision;
  const [revisions, setRevisions] = useState<readonly RevisionInfo[]>();
  const [limit, setLimit] = useState(AT_FIRST);
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    let gone = false;
    void api.call("GET /config/history", { query: { limit } }).then((answer) => {
      if (gone) return;
      setProblem(answer.ok ? undefined : answer.problem);
      if (answer.ok) setRevisions(answer.data.revisions);
    });
    return () => {
      gone = true;
    };
  }, [current, limit]);
  return (
    <Card title={t("revisions.title")}>
      <div class="stack">
        <p>{t("revisions.text")}</p>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        {revisions === undefined && problem === undefined && (
          <StatusWord status="working">{t("app.loading")}</StatusWord>
        )}
        <ul class="rows">
          {revisions?.map((one) => (
            <Row key={one.revision} revision={one} current={current} />
          ))}
        </ul>
        {revisions?.length === limit && limit < MOST && (
          <Button kind="quiet" onClick={() => setLimit(MOST)}>
            {t("revisions.more")}
          </Button>
        )}
      </div>
    </Card>
  );
}

function Row(props: { readonly revision: RevisionInfo; readonly current: number | undefined }) {
  const { revision, current } = props;
  const at = formatDateTime(revision.at);
  const isCurrent = revision.revision === current;
  return (
    <li>
      <div class="row-text">
        <strong>
          <bdi>{t("revisions.row", { at, author: plainName(revision.author.name) })}</bdi>
        </strong>{" "}
        <State revision={revision} isCurrent={isCurrent} />
        {revision.note !== undefined && (
          <span class="block">
            <Name>{revision.note}</Name>
          </span>
        )}
        <Fold
          title={t("revisions.fold", {
            revision: String(revision.revision),
            n: revision.differences.length,
          })}
        >
          <Differences differences={revision.differences} />
        </Fold>
      </div>
      {!isCurrent && revision.phase === "confirmed" && (
        <Button
          label={t("row.action", {
            action: t("revisions.back"),
            name: t("revisions.number", { revision: revision.revision }),
          })}
          onClick={() => startChange(backTo(revision))}
        >
          {t("revisions.back")}
        </Button>
      )}
    </li>
  );
}

function State(props: { readonly revision: RevisionInfo; readonly isCurrent: boolean }) {
  const { phase } = props.revision;
  if (phase === "rolled_back") {
    return <StatusWord status="off">{t("revisions.rolled_back")}</StatusWord>;
  }
  if (phase === "probation") {
    return <StatusWord status="working">{t("revisions.probation")}</StatusWord>;
  }
  return props.isCurrent ? <StatusWord status="ok">{t("revisions.current")}</StatusWord> : null;
}

/** Makes an older revision the newest again: the plan is what lies between it and now. */
function backTo({ revision, at }: RevisionInfo): Change {
  let lookedAt: number | undefined;
  const go = async (to: number, canUndo: boolean) => {
    const answer = await api.call("POST /config/rollback", { body: { to } });
    if (!answer.ok) return answer;
    return { ok: true, data: { probation: answer.data.probation, canUndo } } as const;
  };
  return {
    title: t("revisions.back.title", { revision }),
    text: t("revisions.back.text", { at: formatDateTime(at) }),
    go: t("revisions.back.go"),
    done: t("revisions.back.done"),
    plan: async () => {
      const [now, then] = await Promise.all([
        api.call("GET /config", { query: {} }),
        api.call("GET /config", { query: { revision } }),
      ]);
      if (!now.ok) return now;
      if (!then.ok) return then;
      lookedAt = now.data.revision;
      const changes = changesBetween(now.data.sections, then.data.sections);
      return changes.length === 0 ? { ok: true, data: NOTHING } : planOf(changes);
    },
    apply: () => go(revision, lookedAt !== undefined),
    undo: () => go(lookedAt ?? revision, false),
  };
}

const NOTHING = { differences: [], impacts: [], problems: [], needsConfirmation: false };
