import type { Problem } from "@passerelle/api";
import type { WanDslBin } from "@passerelle/contract";
import { useEffect, useState } from "preact/hooks";
import { api, type Reply } from "../../../box/api.ts";
import { Chart } from "../../../components/chart.tsx";
import type { Axis } from "../../../components/chart-draw.ts";
import { ProblemNotice } from "../../../components/notice.tsx";
import { StatusWord } from "../../../components/status-word.tsx";
import { Tabs } from "../../../components/tabs.tsx";
import { DAY_MS, errorFigures, errorLines, QUARTER_MS } from "../../../core/dsl-errors.ts";
import { formatDateTime, formatNumber } from "../../../words/format.ts";
import { t } from "../../../words/index.ts";
import { formatDay, formatMark, formatShortDay } from "../../../words/units.ts";

type History = Reply<"GET /wan/dsl/history">;

/** Seconds in which something was lost on the wires, counted by both ends. */
export function DslErrors() {
  const [history, setHistory] = useState<History>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    let gone = false;
    void api.call("GET /wan/dsl/history").then((answer) => {
      if (gone) return;
      if (answer.ok) setHistory(answer.data);
      else setProblem(answer.problem);
    });
    return () => {
      gone = true;
    };
  }, []);
  if (problem !== undefined) return <ProblemNotice problem={problem} />;
  if (history === undefined) return <StatusWord status="working">{t("app.loading")}</StatusWord>;
  return (
    <Tabs
      label={t("dsl.errors.period")}
      tabs={[
        {
          ...{ key: "quarters", title: t("charts.24h") },
          body: () => <Bins key="quarters" bins={history.quarters} by="quarter" />,
        },
        {
          ...{ key: "days", title: t("dsl.errors.14d") },
          body: () => <Bins key="days" bins={history.days} by="day" />,
        },
      ]}
    />
  );
}

function Bins(props: { readonly bins: readonly WanDslBin[]; readonly by: "quarter" | "day" }) {
  const { bins, by } = props;
  const period = by === "quarter" ? QUARTER_MS : DAY_MS;
  const { times, down, up } = errorLines(bins, period);
  const figures = errorFigures(bins);
  if (figures === undefined) return <p class="empty">{t("dsl.errors.none")}</p>;
  const count = (seconds: number): string => formatNumber(seconds);
  return (
    <section class="history">
      <h3>{t("dsl.errors.title")}</h3>
      <Chart
        label={t("dsl.errors.title")}
        summary={summaryOf(figures, by)}
        times={times}
        series={[
          { label: t("dsl.down"), values: down },
          ...(figures.up === undefined ? [] : [{ label: t("dsl.up"), values: up }]),
        ]}
        format={count}
        axis={by === "quarter" ? quartersAxis() : daysAxis()}
        shape="bars"
      />
      {figures.isEstimated && <p class="small muted">{t("dsl.errors.estimated")}</p>}
    </section>
  );
}

function summaryOf(
  figures: NonNullable<ReturnType<typeof errorFigures>>,
  by: "quarter" | "day",
): string {
  const { down, up, worst, retrains } = figures;
  const at = by === "quarter" ? formatDateTime(worst.at) : formatDay(worst.at + DAY_MS / 2);
  const some =
    up === undefined ? t("dsl.errors.down", { n: down }) : t("dsl.errors.both", { n: down, up });
  return [
    worst.seconds === 0
      ? t("dsl.errors.zero")
      : `${some} ${t(`dsl.errors.worst.${by}`, { at, n: worst.seconds })}`,
    ...(retrains === 0 ? [] : [t("dsl.errors.retrains", { n: retrains })]),
  ].join(" ");
}

/** Bars stand in the middle of their time, which people name by its beginning. */
function quartersAxis(): Axis {
  return {
    label: t("dsl.errors.from"),
    isTime: true,
    mark: formatMark,
    name: (at) => formatDateTime(at - QUARTER_MS / 2),
  };
}

function daysAxis(): Axis {
  return { label: t("dsl.errors.day"), isTime: true, mark: formatShortDay, name: formatShortDay };
}
