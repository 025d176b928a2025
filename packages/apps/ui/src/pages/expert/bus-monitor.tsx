import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { channelRefusal, channelValue, useChannel } from "../../box/live.ts";
import { Button } from "../../components/button.tsx";
import { Code } from "../../components/code.tsx";
import { Field } from "../../components/field.tsx";
import { Fold } from "../../components/fold.tsx";
import { Notice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card } from "../../components/tile.tsx";
import { type BusLog, filtered, heard, prettyJson, type TopicEntry } from "../../core/bus-log.ts";
import { formatBytes } from "../../words/format.ts";
import { t } from "../../words/index.ts";
import { formatSecond } from "../../words/units.ts";

/** The last value of every topic that speaks while the page is open. */
export function BusMonitor() {
  const [log, setLog] = useState<BusLog>(new Map());
  const [filter, setFilter] = useState("");
  const [paused, setPaused] = useState(false);
  const isPaused = useRef(paused);
  isPaused.current = paused;
  useChannel("bus");
  useEffect(
    () =>
      // Every message counts, also those between two drawings.
      effect(() => {
        const message = channelValue("bus").value;
        if (message !== undefined && !isPaused.current) setLog((known) => heard(known, message));
      }),
    [],
  );
  const refusal = channelRefusal("bus");
  const shown = filtered(log, filter);
  return (
    <Card
      title={t("bus.title")}
      aside={
        <Button onClick={() => setPaused(!paused)}>{t(paused ? "bus.resume" : "bus.pause")}</Button>
      }
    >
      <div class="stack">
        <p>{t("bus.text", { n: log.size })}</p>
        {refusal !== undefined && <Notice status="fault">{t("bus.refused")}</Notice>}
        {paused && <Notice status="info">{t("bus.paused")}</Notice>}
        <Field
          name="filter"
          label={t("bus.filter")}
          hint={t("bus.filter.hint")}
          maxLength={80}
          value={filter}
          onInput={setFilter}
        />
        {log.size === 0 && refusal === undefined && (
          <StatusWord status="working">{t("bus.waiting")}</StatusWord>
        )}
        {log.size > 0 && shown.length === 0 && <p class="empty">{t("bus.none")}</p>}
        <ul class="topics">
          {shown.map((entry) => (
            <li key={entry.last.topic}>
              <Topic entry={entry} />
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}

function Topic({ entry }: { readonly entry: TopicEntry }) {
  const { last, count } = entry;
  return (
    <Fold
      title={
        <span class="topic">
          <bdi>{last.topic}</bdi>
          <span class="small muted numeric">
            {formatSecond(last.at)} · {t("bus.count", { n: count })}
          </span>
        </span>
      }
    >
      {last.bytes !== undefined ? (
        <p>{t("bus.long", { size: formatBytes(last.bytes) })}</p>
      ) : (
        <Code label={last.topic}>{prettyJson(last.value)}</Code>
      )}
    </Fold>
  );
}
