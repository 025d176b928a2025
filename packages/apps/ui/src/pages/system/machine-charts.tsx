import { useChannel } from "../../box/live.ts";
import { figuresOf, type Lines } from "../../core/series.ts";
import { type HistoryChart, HistoryCharts } from "../../parts/history.tsx";
import { formatBytes, formatPercent } from "../../words/format.ts";
import { t } from "../../words/index.ts";
import { formatCelsius } from "../../words/units.ts";

export function MachineCharts() {
  const hasSensor = useChannel("system")?.latest.temperatureCelsius !== undefined;
  const cpu: HistoryChart = {
    title: t("load.cpu.title"),
    series: [{ name: "cpu", label: t("load.cpu"), reading: ({ cpu }) => cpu }],
    format: formatPercent,
    summary: (lines) => {
      const figures = first(lines);
      return (
        figures &&
        t("load.cpu.text", {
          mean: formatPercent(figures.mean),
          peak: formatPercent(figures.peak),
        })
      );
    },
  };
  const memory: HistoryChart = {
    title: t("load.memory.title"),
    series: [
      {
        name: "memory_available",
        label: t("load.memory"),
        reading: ({ memoryAvailableBytes }) => memoryAvailableBytes,
      },
    ],
    format: formatBytes,
    summary: (lines) => {
      const figures = first(lines);
      return (
        figures &&
        t("load.memory.text", { last: formatBytes(figures.last), mean: formatBytes(figures.mean) })
      );
    },
  };
  const temperature: HistoryChart = {
    title: t("load.temperature.title"),
    series: [
      {
        name: "temperature",
        label: t("load.temperature"),
        reading: ({ temperatureCelsius }) => temperatureCelsius,
      },
    ],
    format: formatCelsius,
    summary: (lines) => {
      const figures = first(lines);
      return (
        figures &&
        t("load.temperature.text", {
          last: formatCelsius(figures.last),
          peak: formatCelsius(figures.peak),
        })
      );
    },
  };
  return <HistoryCharts charts={[cpu, memory, ...(hasSensor ? [temperature] : [])]} />;
}

function first({ mean, peak }: Lines) {
  return figuresOf(mean[0] ?? [], peak[0]);
}
