import type { WanDslSpectrum } from "@passerelle/contract";

/** What of each tone can be looked at. */
const SPECTRUM_KINDS = ["bits", "snr", "qln", "hlog"] as const;
export type SpectrumKind = (typeof SPECTRUM_KINDS)[number];

type Direction = WanDslSpectrum["down"];
type Values = readonly (number | null)[];

/** Both directions over one axis: kilohertz, or numbers of tones where nobody knows how far they stand apart. */
export interface SpectrumLines {
  readonly axis: "khz" | "tone";
  /** Tones from one point to the next. */
  readonly step: number;
  /** What one tone is on the axis. */
  readonly unit: number;
  readonly at: readonly number[];
  readonly down: Values;
  readonly up: Values;
}

/** Kinds of which at least one value was measured. */
export function spectrumKinds(spectrum: WanDslSpectrum): readonly SpectrumKind[] {
  return SPECTRUM_KINDS.filter((kind) =>
    [spectrum.down, spectrum.up].some((direction) =>
      direction[kind]?.values.some((value) => value !== null),
    ),
  );
}

export function spectrumLines(spectrum: WanDslSpectrum, kind: SpectrumKind): SpectrumLines {
  const { down, up, toneSpacing } = spectrum;
  const sizes = [down[kind], up[kind]].flatMap((tones) =>
    tones === undefined || tones.values.length === 0 ? [] : [sizeOf(tones)],
  );
  const ends = [down[kind], up[kind]].map((tones) =>
    tones === undefined ? 0 : sizeOf(tones) * tones.values.length,
  );
  const end = Math.min(TONES_MAX, Math.max(...ends));
  const step = Math.max(1, Math.min(...sizes), Math.ceil(end / POINTS_MAX));
  const tones =
    end === 0 ? [] : Array.from({ length: Math.ceil(end / step) }, (_, point) => point * step);
  const isKnown =
    toneSpacing !== undefined && toneSpacing >= SPACING_MIN && toneSpacing <= SPACING_MAX;
  const unit = isKnown ? toneSpacing / 1000 : 1;
  return {
    axis: isKnown ? "khz" : "tone",
    ...{ step, unit },
    at: tones.map((tone) => tone * unit),
    down: tones.map((tone) => valueAt(down, kind, tone, step)),
    up: tones.map((tone) => valueAt(up, kind, tone, step)),
  };
}

/** What the bits of one direction say in numbers; places are those of the axis. */
interface BitsFigures {
  readonly from: number;
  readonly to: number;
  readonly mean: number;
  /** Stretches inside of the direction's own bands that carry nothing; undefined where the bands are not known. */
  readonly gaps: number | undefined;
}

/** Undefined where this direction carries nothing. */
export function bitsFigures(spectrum: WanDslSpectrum, way: "down" | "up"): BitsFigures | undefined {
  const { bands = [] } = spectrum[way];
  const { step, unit, [way]: bits } = spectrumLines(spectrum, "bits");
  const carrying = bits.flatMap((value, point) =>
    value !== null && value > 0 ? [{ tone: point * step, value }] : [],
  );
  const [first, last] = [carrying[0], carrying.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  // A point is a group of tones, of which a band may have a part only.
  const { start = 0 } = bandAt(bands, first.tone, step) ?? {};
  const { end = TONES_MAX } = bandAt(bands, last.tone, step) ?? {};
  return {
    from: Math.max(first.tone, start) * unit,
    to: Math.min(last.tone + step, end + 1) * unit,
    mean: carrying.reduce((sum, { value }) => sum + value, 0) / carrying.length,
    gaps: bands.length === 0 ? undefined : gapsIn(bits, step),
  };
}

/**
 * Stretches of zero between two places that carry, within one band: what lies between bands is null. A single tone is no
 * gap: it is the pilot, which carries nothing in any line.
 */
function gapsIn(bits: Values, step: number): number {
  let gaps = 0;
  let isAfterCarrying = false;
  let silent = 0;
  for (const value of bits) {
    if (value === 0) {
      silent += step;
      continue;
    }
    if (value !== null && isAfterCarrying && silent > 1) gaps += 1;
    isAfterCarrying = value !== null;
    silent = 0;
  }
  return gaps;
}

interface SpectrumFigures {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
}

export function spectrumFigures(values: Values): SpectrumFigures | undefined {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return undefined;
  return {
    low: known.reduce((least, value) => Math.min(least, value)),
    high: known.reduce((most, value) => Math.max(most, value)),
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
  };
}

/** Tones of the largest plan (VDSL2 35b). */
const TONES_MAX = 8192;
const POINTS_MAX = 1024;

/** Hertz: every DSL has 4312.5, 8625 or 51 750. */
const SPACING_MIN = 1000;
const SPACING_MAX = 1_000_000;

function sizeOf({ groupSize }: { readonly groupSize: number }): number {
  return Math.max(1, Math.floor(groupSize));
}

/** A group's value is that of each of its tones. What lies outside of the direction's bands is the other's. */
function valueAt(
  direction: Direction,
  kind: SpectrumKind,
  tone: number,
  step: number,
): number | null {
  const tones = direction[kind];
  if (tones === undefined) return null;
  const value = tones.values[Math.floor(tone / sizeOf(tones))] ?? null;
  if (value === null || !Number.isFinite(value)) return null;
  const isOfBands = kind === "bits" || kind === "snr";
  const { bands } = direction;
  if (!isOfBands || bands === undefined || bands.length === 0) return value;
  return bandAt(bands, tone, step) === undefined ? null : value;
}

/** The band that has a tone of the group. */
function bandAt(
  bands: NonNullable<Direction["bands"]>,
  tone: number,
  step: number,
): { readonly start: number; readonly end: number } | undefined {
  return bands.find(({ start, end }) => tone + step > start && tone <= end);
}
