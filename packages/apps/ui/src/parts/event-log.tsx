import "../styles/parts.css";
import type { Problem } from "@passerelle/api";
import type { SystemLogEntry } from "@passerelle/contract";
import { useEffect, useState } from "preact/hooks";
import { api } from "../box/api.ts";
import { useChannel } from "../box/live.ts";
import { Button } from "../components/button.tsx";
import { Name } from "../components/name.tsx";
import { ProblemNotice } from "../components/notice.tsx";
import { StatusWord } from "../components/status-word.tsx";
import { formatDateTime } from "../words/format.ts";
import { say, t } from "../words/index.ts";

export type Category = SystemLogEntry["category"];

const PAGE = 25;

/** What happened, newest first; older lines come when asked for, new ones by themselves. */
export function EventLog(props: { readonly category: Category | undefined }) {
  const { category } = props;
  const [entries, setEntries] = useState<readonly SystemLogEntry[]>();
  const [more, setMore] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const load = async (before: number | undefined): Promise<void> => {
    setBusy(true);
    const answer = await api.call("GET /event-log", {
      query: { category, limit: PAGE, ...(before === undefined ? {} : { before }) },
    });
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    setProblem(undefined);
    setMore(answer.data.more);
    setEntries((known) => merged(before === undefined ? [] : (known ?? []), answer.data.entries));
  };
  useEffect(() => void load(undefined), [category]);
  const newest = useChannel("log");
  useEffect(() => {
    if (newest === undefined || (category !== undefined && newest.category !== category)) return;
    setEntries((known) => known && merged(known, [newest]));
  }, [newest, category]);
  return (
    <div class="stack">
      {problem !== undefined && <ProblemNotice problem={problem} />}
      {entries === undefined && problem === undefined && (
        <StatusWord status="working">{t("app.loading")}</StatusWord>
      )}
      {entries?.length === 0 && <p class="empty">{t("log.empty")}</p>}
      {entries !== undefined && entries.length > 0 && (
        <ol class="event-log">
          {entries.map((entry) => (
            <Line key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {more && (
        <Button kind="quiet" busy={busy} onClick={() => void load(entries?.at(-1)?.id)}>
          {t("log.more")}
        </Button>
      )}
    </div>
  );
}

function Line({ entry }: { readonly entry: SystemLogEntry }) {
  const { severity, actor, source } = entry;
  return (
    <li class="event">
      <div class="event-head">
        <time dateTime={new Date(entry.at).toISOString()}>{formatDateTime(entry.at)}</time>
        <span class="muted">{t(`log.category.${entry.category}`)}</span>
        {severity !== "info" && <StatusWord status={severity} />}
      </div>
      <p>
        <bdi>{say(entry.text)}</bdi>
      </p>
      {(actor !== undefined || source !== undefined) && (
        <p class="small muted">
          {actor !== undefined && <Name>{actor}</Name>}
          {actor !== undefined && source !== undefined && " · "}
          {source !== undefined && <Name>{source}</Name>}
        </p>
      )}
    </li>
  );
}

/** So many lines stay on the page; who wants them all exports them. */
const LINES_MAX = 1000;

function merged(
  a: readonly SystemLogEntry[],
  b: readonly SystemLogEntry[],
): readonly SystemLogEntry[] {
  const byId = new Map([...a, ...b].map((entry) => [entry.id, entry]));
  return [...byId.values()].sort((x, y) => y.id - x.id).slice(0, LINES_MAX);
}
