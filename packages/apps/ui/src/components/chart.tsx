import { useEffect, useRef, useState } from "preact/hooks";
import { thinned } from "../core/series.ts";
import { themeSignal } from "../shell/theme.ts";
import { formatDateTime, formatTime } from "../words/format.ts";
import { language, t } from "../words/index.ts";
import { Button } from "./button.tsx";
import type { Axis, Drawing, DrawnSeries } from "./chart-draw.ts";

/** More rows than this help nobody: of times the table shows the newest, of all else means. */
const TABLE_ROWS = 60;

/** Values over time or another axis. The summary says in one sentence what is to be seen; the same values are there as a table. */
export function Chart(props: {
  readonly label: string;
  readonly summary: string;
  /** Milliseconds since 1970, or places on the axis that is given; ascending. */
  readonly times: readonly number[];
  readonly series: readonly DrawnSeries[];
  readonly format: (value: number) => string;
  /** Absent: the hours. */
  readonly axis?: Axis;
  readonly shape?: Drawing["shape"];
}) {
  const [asTable, setAsTable] = useState(false);
  if (props.times.length === 0) return <p class="empty">{t("chart.empty")}</p>;
  const axis = props.axis ?? timeAxis();
  const { times, series, format, shape = "lines" } = props;
  const drawing: Drawing = { times, series, format, axis, shape };
  return (
    <figure class="chart">
      <figcaption>{props.summary}</figcaption>
      {asTable ? (
        <Values drawing={drawing} label={props.label} />
      ) : (
        <Canvas key={language()} drawing={drawing} label={props.label} />
      )}
      <Button kind="quiet" onClick={() => setAsTable(!asTable)}>
        {asTable ? t("chart.as_chart") : t("chart.as_table")}
      </Button>
    </figure>
  );
}

function Canvas({ drawing, label }: { readonly drawing: Drawing; readonly label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<{ update: (drawing: Drawing) => void } | undefined>(undefined);
  const newest = useRef(drawing);
  newest.current = drawing;
  const theme = themeSignal.value;
  // The colours are read when it is drawn: drawn anew with another theme.
  useEffect(() => {
    let gone = false;
    let remove: (() => void) | undefined;
    void import("./chart-draw.ts").then(({ drawChart }) => {
      if (gone || place.current === null) return;
      const chart = drawChart(place.current, newest.current);
      drawn.current = chart;
      remove = chart.remove;
    });
    return () => {
      gone = true;
      drawn.current = undefined;
      remove?.();
    };
  }, [theme, drawing.series.length]);
  useEffect(() => drawn.current?.update(drawing), [drawing]);
  return <div class="chart-place" role="img" aria-label={label} ref={place} />;
}

function Values({ drawing, label }: { readonly drawing: Drawing; readonly label: string }) {
  const { axis, series, format } = drawing;
  const { at, lines } = rowsOf(drawing);
  return (
    <div class="chart-values">
      <table>
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{axis.label}</th>
            {series.map((one) => (
              <th scope="col" key={one.label}>
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {at.map((place, index) => (
            <tr key={place}>
              <th scope="row">{axis.name(place)}</th>
              {series.map((one, n) => (
                <td key={one.label}>{cell(lines[n]?.[index], format)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function rowsOf({ times, series, axis }: Drawing): ReturnType<typeof thinned> {
  const lines = series.map(({ values }) => values);
  if (!axis.isTime) return thinned(times, lines, TABLE_ROWS);
  return {
    at: times.slice(-TABLE_ROWS),
    lines: lines.map((values) => values.slice(-TABLE_ROWS)),
  };
}

function timeAxis(): Axis {
  return { label: t("chart.time"), isTime: true, mark: formatTime, name: formatDateTime };
}

function cell(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}
