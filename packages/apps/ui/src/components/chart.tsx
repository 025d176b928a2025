import { useEffect, useRef, useState } from "preact/hooks";
import { themeSignal } from "../shell/theme.ts";
import { formatDateTime, formatTime } from "../words/format.ts";
import { language, t } from "../words/index.ts";
import { Button } from "./button.tsx";
import type { Drawing, DrawnSeries } from "./chart-draw.ts";

/** More rows than this help nobody: the table shows the newest. */
const TABLE_ROWS = 60;

/** Lines over time. The summary says in one sentence what is to be seen; the same values are there as a table. */
export function Chart(props: {
  readonly label: string;
  readonly summary: string;
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly series: readonly DrawnSeries[];
  readonly format: (value: number) => string;
}) {
  const [asTable, setAsTable] = useState(false);
  if (props.times.length === 0) return <p class="empty">{t("chart.empty")}</p>;
  const drawing: Drawing = { ...props, formatTime, timeLabel: t("chart.time") };
  return (
    <figure class="chart">
      <figcaption>{props.summary}</figcaption>
      {asTable ? (
        <Values {...props} />
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

function Values(props: Parameters<typeof Chart>[0]) {
  const from = Math.max(0, props.times.length - TABLE_ROWS);
  return (
    <div class="chart-values">
      <table>
        <caption class="unseen">{props.label}</caption>
        <thead>
          <tr>
            <th scope="col">{t("chart.time")}</th>
            {props.series.map((one) => (
              <th scope="col" key={one.label}>
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.times.slice(from).map((at, index) => (
            <tr key={at}>
              <th scope="row">{formatDateTime(at)}</th>
              {props.series.map((one) => (
                <td key={one.label}>{cell(one.values[from + index], props.format)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cell(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}
