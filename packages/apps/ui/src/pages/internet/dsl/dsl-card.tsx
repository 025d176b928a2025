import type { WanDsl } from "@passerelle/contract";
import { useChannel } from "../../../box/live.ts";
import { Name } from "../../../components/name.tsx";
import { StatusWord } from "../../../components/status-word.tsx";
import { type Tab, Tabs } from "../../../components/tabs.tsx";
import { Card } from "../../../components/tile.tsx";
import { type DslSaying, dslSaying } from "../../../core/dsl-view.ts";
import { formatDateTime } from "../../../words/format.ts";
import { say, t } from "../../../words/index.ts";
import { formatDecibels, formatLineRate } from "../../../words/units.ts";
import "./dsl.css";
import { Resync } from "../interrupting.tsx";
import { DslErrors } from "./dsl-errors.tsx";
import { DslHistory } from "./dsl-history.tsx";
import { DslSpectrum } from "./dsl-spectrum.tsx";
import { DslValues } from "./dsl-values.tsx";

/** The pair of wires: how it is in one sentence, then what a technician asks for. */
export default function DslCard() {
  const dsl = useChannel("dsl");
  const saying = dsl === undefined ? undefined : dslSaying(dsl);
  if (dsl === undefined || saying === undefined) return null;
  const canResync = dsl.kind === "line" && dsl.abilities.resync;
  const tabs = tabsOf(dsl);
  return (
    <Card title={t("dsl.title")} aside={canResync ? <Resync /> : undefined}>
      <div class="stack">
        <Saying saying={saying} />
        {tabs.length > 0 && <Tabs label={t("dsl.title")} tabs={tabs} />}
      </div>
    </Card>
  );
}

function Saying({ saying }: { readonly saying: DslSaying }) {
  const { sentence, status, word, next, since } = saying;
  const raw = sentence.kind === "fault" ? sentence.fault.raw : undefined;
  return (
    <div class="dsl-saying">
      <div aria-live="polite">
        <StatusWord status={status}>{t(`dsl.word.${word}`)}</StatusWord>
      </div>
      <p class="live">
        <strong>{sentenceOf(sentence)}</strong>
      </p>
      {next !== undefined && <p>{say(next)}</p>}
      {raw !== undefined && (
        <p class="small muted">
          {t("dsl.said")} <Name>{raw}</Name>
        </p>
      )}
      <p class="small muted">{t("chain.since", { since: formatDateTime(since) })}</p>
    </div>
  );
}

function sentenceOf(sentence: DslSaying["sentence"]): string {
  switch (sentence.kind) {
    case "up":
      return t("dsl.say.up", {
        down: formatLineRate(sentence.down),
        up: formatLineRate(sentence.up),
      });
    case "low_margin":
      return t("dsl.say.low_margin", { margin: formatDecibels(sentence.margin) });
    case "fault":
      return say(sentence.fault.text);
    default:
      return t(`dsl.say.${sentence.kind}`);
  }
}

/** What is looked at is fetched then, and not before. */
function tabsOf(dsl: WanDsl): readonly Tab[] {
  if (dsl.kind !== "line" && dsl.kind !== "unreachable") return [];
  const past: readonly Tab[] = [
    { key: "errors", title: t("dsl.tab.errors"), body: () => <DslErrors key="errors" /> },
    { key: "history", title: t("dsl.tab.history"), body: () => <DslHistory key="history" /> },
  ];
  if (dsl.kind === "unreachable") return past;
  const values: Tab = {
    ...{ key: "values", title: t("dsl.tab.values") },
    body: () => <DslValues key="values" line={dsl} />,
  };
  const spectrum: Tab = {
    ...{ key: "spectrum", title: t("dsl.tab.spectrum") },
    body: () => <DslSpectrum key="spectrum" />,
  };
  return [values, ...past, ...(dsl.abilities.spectrum ? [spectrum] : [])];
}
