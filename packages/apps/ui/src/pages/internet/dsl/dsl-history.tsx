import { figuresOf, type Lines, lowestOf } from "../../../core/series.ts";
import { type HistoryChart, HistoryCharts } from "../../../parts/history.tsx";
import { t } from "../../../words/index.ts";
import { formatDecibels, formatLineRate } from "../../../words/units.ts";

/** Margin and rate as they were: a line that fails each evening shows here. */
export function DslHistory() {
  const margin: HistoryChart = {
    title: t("dsl.history.margin"),
    series: [
      {
        name: "dsl_margin_down",
        label: t("dsl.down"),
        reading: ({ dslMarginDown }) => dslMarginDown,
      },
      { name: "dsl_margin_up", label: t("dsl.up"), reading: ({ dslMarginUp }) => dslMarginUp },
    ],
    format: (decibels) => formatDecibels(decibels),
    summary: marginSummary,
  };
  const rate: HistoryChart = {
    title: t("dsl.history.rate"),
    series: [
      { name: "dsl_rate_down", label: t("dsl.down"), reading: ({ dslRateDown }) => dslRateDown },
      { name: "dsl_rate_up", label: t("dsl.up"), reading: ({ dslRateUp }) => dslRateUp },
    ],
    format: formatLineRate,
    summary: rateSummary,
  };
  return <HistoryCharts charts={[margin, rate]} label={t("dsl.history.period")} />;
}

function marginSummary({ mean }: Lines): string | undefined {
  return summaryOf("margin", mean, (decibels) => formatDecibels(decibels));
}

function rateSummary({ mean }: Lines): string | undefined {
  return summaryOf("rate", mean, formatLineRate);
}

/** Undefined where neither direction was measured; a modem may know one of them only. */
function summaryOf(
  what: "margin" | "rate",
  mean: Lines["mean"],
  format: (value: number) => string,
): string | undefined {
  const sentences = (["down", "up"] as const).flatMap((way, n) => {
    const figures = figuresOf(mean[n] ?? []);
    const low = lowestOf(mean[n] ?? []);
    if (figures === undefined || low === undefined) return [];
    return [t(`dsl.history.${what}.${way}`, { last: format(figures.last), low: format(low) })];
  });
  return sentences.length === 0 ? undefined : sentences.join(" ");
}
