import type { Problem } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api, type Reply } from "../../../box/api.ts";
import { Button } from "../../../components/button.tsx";
import { Chart } from "../../../components/chart.tsx";
import type { Axis, DrawnSeries } from "../../../components/chart-draw.ts";
import { Choice } from "../../../components/field.tsx";
import { ProblemNotice } from "../../../components/notice.tsx";
import {
  bitsFigures,
  type SpectrumKind,
  type SpectrumLines,
  spectrumFigures,
  spectrumKinds,
  spectrumLines,
} from "../../../core/dsl-spectrum.ts";
import { formatDateTime, formatNumber } from "../../../words/format.ts";
import { t } from "../../../words/index.ts";
import { formatDecibels, formatKilohertz } from "../../../words/units.ts";

type Spectrum = Reply<"GET /wan/dsl/spectrum">;

/** Tone by tone. It costs the modem seconds of work: asked when a person wants it, never by itself. */
export function DslSpectrum() {
  const [spectrum, setSpectrum] = useState<Spectrum>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const load = async (): Promise<void> => {
    setBusy(true);
    const answer = await api.call("GET /wan/dsl/spectrum");
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    setProblem(undefined);
    setSpectrum(answer.data);
  };
  return (
    <div class="stack">
      {spectrum === undefined && <p>{t("dsl.spectrum.text")}</p>}
      {problem !== undefined && <ProblemNotice problem={problem} />}
      {spectrum !== undefined && <Tones key={spectrum.at} spectrum={spectrum} />}
      <div class="actions">
        <Button busy={busy} onClick={() => void load()}>
          {t(spectrum === undefined ? "dsl.spectrum.show" : "dsl.spectrum.again")}
        </Button>
      </div>
    </div>
  );
}

function Tones({ spectrum }: { readonly spectrum: Spectrum }) {
  const kinds = spectrumKinds(spectrum);
  const [wanted, want] = useState<SpectrumKind>("bits");
  const kind = kinds.find((one) => one === wanted) ?? kinds[0];
  if (kind === undefined) return <p class="empty">{t("dsl.spectrum.none")}</p>;
  const lines = spectrumLines(spectrum, kind);
  const label = t(`dsl.spectrum.${kind}.title`);
  return (
    <>
      {kinds.length > 1 && (
        <Choice
          label={t("dsl.spectrum.what")}
          name="spectrum"
          value={kind}
          onChange={want}
          options={kinds.map((value) => ({ value, label: t(`dsl.spectrum.${value}`) }))}
        />
      )}
      <section class="history">
        <h3>{label}</h3>
        <Chart
          key={kind}
          label={label}
          summary={kind === "bits" ? bitsSummary(spectrum, lines) : summaryOf(kind, lines)}
          times={lines.at}
          series={seriesOf(lines)}
          format={formatOf(kind)}
          axis={axisOf(lines)}
          shape={kind === "bits" ? "areas" : "lines"}
        />
        <p class="small muted">{t("dsl.spectrum.at", { at: formatDateTime(spectrum.at) })}</p>
      </section>
    </>
  );
}

/** A direction of which nothing was measured has no place in the chart. */
function seriesOf(lines: SpectrumLines): readonly DrawnSeries[] {
  return (["down", "up"] as const)
    .map((way) => ({ label: t(`dsl.${way}`), values: lines[way] }))
    .filter(({ values }) => values.some((value) => value !== null));
}

function axisOf({ axis }: SpectrumLines): Axis {
  const place = placeOf(axis);
  return {
    label: t(axis === "khz" ? "dsl.spectrum.frequency" : "dsl.spectrum.tone"),
    isTime: false,
    mark: place,
    name: place,
  };
}

function placeOf(axis: SpectrumLines["axis"]): (at: number) => string {
  return axis === "khz" ? formatKilohertz : (tone) => formatNumber(tone);
}

function formatOf(kind: SpectrumKind): (value: number) => string {
  switch (kind) {
    case "bits":
    case "qln":
      return (value) => formatNumber(value, 1);
    case "snr":
    case "hlog":
      return (decibels) => formatDecibels(decibels);
  }
}

function bitsSummary(spectrum: Spectrum, lines: SpectrumLines): string {
  const place = placeOf(lines.axis);
  const [down, up] = [bitsFigures(spectrum, "down"), bitsFigures(spectrum, "up")];
  const gaps = (down?.gaps ?? 0) + (up?.gaps ?? 0);
  const sentences = (["down", "up"] as const).flatMap((way) => {
    const figures = way === "down" ? down : up;
    if (figures === undefined) return [];
    const { from, to, mean } = figures;
    const fill = { from: place(from), to: place(to), mean: formatNumber(mean, 1) };
    return [t(`dsl.spectrum.bits.${way}`, fill)];
  });
  if (sentences.length === 0) return t("dsl.spectrum.bits.none");
  return [...sentences, ...(gaps === 0 ? [] : [t("dsl.spectrum.gaps", { n: gaps })])].join(" ");
}

function summaryOf(kind: Exclude<SpectrumKind, "bits">, lines: SpectrumLines): string {
  const unit = kind === "qln" ? "dBm/Hz" : "dB";
  const format = (value: number): string => formatDecibels(value, unit);
  const sentences = (["down", "up"] as const).flatMap((way) => {
    const figures = spectrumFigures(lines[way]);
    if (figures === undefined) return [];
    const { low, high, mean } = figures;
    const fill = { low: format(low), high: format(high), mean: format(mean) };
    return [t(`dsl.spectrum.range.${way}`, fill)];
  });
  return `${t(`dsl.spectrum.${kind}.text`)} ${sentences.join(" ")}`;
}
