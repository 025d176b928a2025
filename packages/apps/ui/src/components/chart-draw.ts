import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface DrawnSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

export interface Drawing {
  readonly times: readonly number[];
  readonly series: readonly DrawnSeries[];
  readonly format: (value: number) => string;
  readonly formatTime: (at: number) => string;
  readonly timeLabel: string;
}

const HEIGHT = 220;
const COLOURS = ["--series-1", "--series-2", "--series-3"];

/** Draws into a place; answers how to draw anew with other values and how to take it away. */
export function drawChart(
  place: HTMLElement,
  first: Drawing,
): { readonly update: (drawing: Drawing) => void; readonly remove: () => void } {
  let drawing = first;
  const style = getComputedStyle(place);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 } };
  const plot = new uPlot(
    {
      width: Math.max(240, place.clientWidth),
      height: HEIGHT,
      legend: { live: true },
      cursor: { points: { size: 7 } },
      axes: [
        { ...axis, values: (_plot, at) => at.map((one) => drawing.formatTime(one * 1000)) },
        {
          ...axis,
          size: 84,
          values: (_plot, values) => values.map((value) => drawing.format(value)),
        },
      ],
      scales: { y: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, 1)] } },
      series: [
        {
          label: drawing.timeLabel,
          value: (_plot, at) => (at === null ? "" : drawing.formatTime(at * 1000)),
        },
        ...drawing.series.map((one, index) => ({
          label: one.label,
          stroke: colour(COLOURS[index % COLOURS.length] ?? ""),
          width: 2,
          points: { show: false },
          value: (_plot: uPlot, value: number | null) =>
            value === null ? "" : drawing.format(value),
        })),
      ],
    },
    dataOf(drawing),
    place,
  );
  const watch = new ResizeObserver(() =>
    plot.setSize({ width: Math.max(240, place.clientWidth), height: HEIGHT }),
  );
  watch.observe(place);
  return {
    update: (next) => {
      drawing = next;
      plot.setData(dataOf(next));
    },
    remove: () => {
      watch.disconnect();
      plot.destroy();
    },
  };
}

function dataOf(drawing: Drawing): uPlot.AlignedData {
  const seconds = drawing.times.map((at) => at / 1000);
  return [seconds, ...drawing.series.map((one) => [...one.values])];
}
