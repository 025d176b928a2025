import type { Problem } from "@passerelle/api";
import type { SystemSample } from "@passerelle/contract";
import { useEffect, useState } from "preact/hooks";
import { api, type Reply } from "../box/api.ts";
import { useChannel } from "../box/live.ts";
import { Chart } from "../components/chart.tsx";
import type { Axis } from "../components/chart-draw.ts";
import { ProblemNotice } from "../components/notice.tsx";
import { StatusWord } from "../components/status-word.tsx";
import { Tabs } from "../components/tabs.tsx";
import { type Lines, linesOf, withReading } from "../core/series.ts";
import { formatDateTime } from "../words/format.ts";
import { t } from "../words/index.ts";
import { formatMark } from "../words/units.ts";

type Series = Reply<"GET /system/history">["series"];
export type Resolution = "1s" | "10s" | "5m";

/** A chart of one or more series, with the sentence that says what is to be seen. */
export interface HistoryChart {
  readonly title: string;
  readonly series: readonly {
    readonly name: Series;
    readonly label: string;
    /** The same value in the newest reading of the machine. */
    readonly reading: (sample: SystemSample) => number | undefined;
  }[];
  readonly format: (value: number) => string;
  /** Undefined where nothing was measured. */
  readonly summary: (lines: Lines, resolution: Resolution) => string | undefined;
}

const TEN_MINUTES = 600;
const PERIODS = [
  { key: "1s", title: "charts.10m" },
  { key: "10s", title: "charts.24h" },
  { key: "5m", title: "charts.30d" },
] as const;

/** Charts of the last ten minutes (growing each second), 24 hours and 30 days. */
export function HistoryCharts(props: {
  readonly charts: readonly HistoryChart[];
  /** Where several stand on a page: what these are of. */
  readonly label?: string;
}) {
  return (
    <Tabs
      label={props.label ?? t("charts.period")}
      tabs={PERIODS.map(({ key, title }) => ({
        key,
        title: t(title),
        body: () => (
          <div class="stack" key={key}>
            {props.charts.map((chart) => (
              <One key={chart.title} chart={chart} resolution={key} />
            ))}
          </div>
        ),
      }))}
    />
  );
}

function One(props: { readonly chart: HistoryChart; readonly resolution: Resolution }) {
  const { chart, resolution } = props;
  const { lines, problem } = useLines(chart, resolution);
  const summary = lines === undefined ? undefined : chart.summary(lines, resolution);
  return (
    <section class="history">
      <h3>{chart.title}</h3>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      {lines === undefined && problem === undefined && (
        <StatusWord status="working">{t("app.loading")}</StatusWord>
      )}
      {lines !== undefined && summary === undefined && <p class="empty">{t("charts.none")}</p>}
      {lines !== undefined && summary !== undefined && (
        <Chart
          label={chart.title}
          summary={summary}
          times={lines.times}
          series={chart.series.map((one, n) => ({ label: one.label, values: lines.mean[n] ?? [] }))}
          format={chart.format}
          {...(resolution === "5m" ? { axis: daysAxis() } : {})}
        />
      )}
    </section>
  );
}

function daysAxis(): Axis {
  return { label: t("chart.time"), isTime: true, mark: formatMark, name: formatDateTime };
}

/** The rings of the box once, then each new reading where the chart is of seconds. */
function useLines(
  chart: HistoryChart,
  resolution: Resolution,
): { readonly lines: Lines | undefined; readonly problem: Problem | undefined } {
  const [lines, setLines] = useState<Lines>();
  const [problem, setProblem] = useState<Problem>();
  const names = chart.series.map(({ name }) => name).join(",");
  useEffect(() => {
    let gone = false;
    const load = async (): Promise<void> => {
      const rings = [];
      for (const { name } of chart.series) {
        const answer = await api.call("GET /system/history", {
          query: { series: name, resolution },
        });
        if (gone) return;
        if (!answer.ok) return setProblem(answer.problem);
        rings.push(answer.data);
      }
      setLines(linesOf(rings));
    };
    void load();
    return () => {
      gone = true;
    };
  }, [names, resolution]);
  const sample = useChannel("sample");
  useEffect(() => {
    if (sample === undefined || resolution !== "1s") return;
    const values = chart.series.map(({ reading }) => reading(sample));
    setLines((known) =>
      known === undefined ? known : withReading(known, sample.at, values, TEN_MINUTES),
    );
  }, [sample, resolution]);
  return { lines, problem };
}
