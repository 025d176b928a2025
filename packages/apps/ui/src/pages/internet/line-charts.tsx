import { figuresOf, type Lines } from "../../core/series.ts";
import { type HistoryChart, HistoryCharts, type Resolution } from "../../parts/history.tsx";
import { formatNumber, formatRate } from "../../words/format.ts";
import { t } from "../../words/index.ts";
import { formatMilliseconds } from "../../words/units.ts";

export function LineCharts() {
  const rates: HistoryChart = {
    title: t("charts.rates"),
    series: [
      { name: "wan_down", label: t("charts.down"), reading: ({ wanDownRate }) => wanDownRate },
      { name: "wan_up", label: t("charts.up"), reading: ({ wanUpRate }) => wanUpRate },
    ],
    format: formatRate,
    summary: rateSummary,
  };
  const latency: HistoryChart = {
    title: t("charts.latency.title"),
    series: [
      { name: "latency", label: t("charts.latency"), reading: ({ latencyMs }) => latencyMs },
    ],
    // The foot of the axis is a plain zero, not "below a tick of the clock".
    format: (ms) => (ms === 0 ? formatNumber(0) : formatMilliseconds(ms)),
    summary: latencySummary,
  };
  return <HistoryCharts charts={[rates, latency]} />;
}

function rateSummary({ mean, peak }: Lines, resolution: Resolution): string | undefined {
  const down = figuresOf(mean[0] ?? [], peak[0]);
  const up = figuresOf(mean[1] ?? [], peak[1]);
  if (down === undefined || up === undefined) return undefined;
  if (resolution === "1s") {
    const now = { down: formatRate(down.last), up: formatRate(up.last) };
    return t("charts.rates.live", { ...now, peak: formatRate(Math.max(down.peak, up.peak)) });
  }
  const usual = { down: formatRate(down.mean), up: formatRate(up.mean) };
  return t("charts.rates.past", { ...usual, peak: formatRate(down.peak) });
}

function latencySummary({ mean, peak }: Lines): string | undefined {
  const figures = figuresOf(mean[0] ?? [], peak[0]);
  if (figures === undefined) return undefined;
  return t("charts.latency.text", {
    mean: formatMilliseconds(figures.mean),
    peak: formatMilliseconds(figures.peak),
  });
}
