import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface DrawnSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

/** What the values are drawn over, from left to right. */
export interface Axis {
  readonly label: string;
  /** Milliseconds since 1970: its marks stand on whole hours and days. */
  readonly isTime: boolean;
  /** Below a mark, where there is little room. */
  readonly mark: (at: number) => string;
  /** Of one value. */
  readonly name: (at: number) => string;
}

export interface Drawing {
  /** Places on the axis. */
  readonly times: readonly number[];
  readonly series: readonly DrawnSeries[];
  readonly format: (value: number) => string;
  readonly axis: Axis;
  /** "areas": each value goes on to the next place. "bars": those of one place stand side by side. */
  readonly shape: "lines" | "areas" | "bars";
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
  // uPlot counts time in seconds.
  const { isTime } = first.axis;
  const placeOf = (at: number): number => (isTime ? at * 1000 : at);
  const plot = new uPlot(
    {
      width: Math.max(240, place.clientWidth),
      height: HEIGHT,
      legend: { live: true },
      cursor: { points: { size: 7 } },
      axes: [
        { ...axis, values: (_plot, at) => at.map((one) => drawing.axis.mark(placeOf(one))) },
        {
          ...axis,
          size: 84,
          values: (_plot, values) => values.map((value) => drawing.format(value)),
        },
      ],
      scales: {
        x: {
          time: isTime,
          ...(first.shape === "bars"
            ? { range: (_plot, low, high) => roomForBars(drawing.times.length, low, high) }
            : {}),
        },
        y: { range: (_plot, low, high) => heightOf(low, high) },
      },
      series: [
        {
          label: drawing.axis.label,
          value: (_plot, at) => (at === null ? "" : drawing.axis.name(placeOf(at))),
        },
        ...drawing.series.map((one, index) => ({
          label: one.label,
          stroke: colour(COLOURS[index % COLOURS.length] ?? ""),
          width: 2,
          points: { show: false },
          ...shapeOf(first.shape, index, colour(COLOURS[index % COLOURS.length] ?? "")),
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
  const { times, axis } = drawing;
  const places = axis.isTime ? times.map((at) => at / 1000) : [...times];
  return [places, ...drawing.series.map((one) => [...one.values])];
}

function shapeOf(shape: Drawing["shape"], index: number, colour: string): Partial<uPlot.Series> {
  const { bars, stepped } = uPlot.paths;
  switch (shape) {
    case "lines":
      return {};
    case "areas":
      return {
        width: 1,
        fill: `${colour}40`,
        ...(stepped === undefined ? {} : { paths: stepped({ align: 1 }) }),
      };
    case "bars": {
      const align = index === 0 ? -1 : 1;
      return {
        width: 0,
        fill: colour,
        ...(bars === undefined ? {} : { paths: bars({ size: [0.42, BAR_MAX], align }) }),
      };
    }
  }
}

/** Bars stand around their places: the first and the last need room. */
function roomForBars(count: number, low: number, high: number): [number, number] {
  const half = count < 2 ? HALF_AN_HOUR : (high - low) / (count - 1) / 2;
  return [low - half, high + half];
}

/** The foot is zero, so that heights can be compared; where all lies below zero, or some of it, that is in sight. */
function heightOf(low: number | null, high: number | null): [number, number] {
  if (high === null || low === null) return [0, 1];
  if (high <= 0 && low < 0) return [Math.floor(low / 10) * 10, Math.ceil(high / 10) * 10];
  return [Math.min(0, low), Math.max(high, 1)];
}

const BAR_MAX = 28;
const HALF_AN_HOUR = 1800;
