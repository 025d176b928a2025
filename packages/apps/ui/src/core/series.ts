/** What the box answers about one series: a mean and a peak for each period. */
export interface Ring {
  readonly periodMs: number;
  readonly from: number;
  readonly mean: readonly (number | null)[];
  readonly peak: readonly (number | null)[];
}

/** Several series on one axis of time. */
export interface Lines {
  readonly periodMs: number;
  readonly times: readonly number[];
  readonly mean: readonly (readonly (number | null)[])[];
  readonly peak: readonly (readonly (number | null)[])[];
}

/** A point a second for ten minutes; the box never sends more than its rings hold. */
const POINTS_MAX = 10_000;

/** Puts rings side by side; they were asked one after the other, so one may begin a period later. */
export function linesOf(rings: readonly Ring[]): Lines {
  const period = Math.max(1, rings[0]?.periodMs ?? 1);
  const filled = rings.filter((ring) => ring.mean.length > 0);
  const slots = filled.map((ring) => Math.round(ring.from / period));
  const first = Math.min(...slots);
  const last = Math.max(...filled.map((ring, n) => (slots[n] ?? 0) + ring.mean.length - 1));
  const count = filled.length === 0 ? 0 : Math.min(POINTS_MAX, last - first + 1);
  const start = last - count + 1;
  const at = (ring: Ring, values: readonly (number | null)[], index: number): number | null =>
    values[start + index - Math.round(ring.from / period)] ?? null;
  const every = Array.from({ length: count }, (_, index) => index);
  return {
    periodMs: period,
    times: every.map((index) => (start + index) * period),
    mean: rings.map((ring) => every.map((index) => at(ring, ring.mean, index))),
    peak: rings.map((ring) => every.map((index) => at(ring, ring.peak, index))),
  };
}

/** Adds the newest reading; one for a period that is there already replaces it. */
export function withReading(
  lines: Lines,
  at: number,
  values: readonly (number | undefined)[],
  keep: number,
): Lines {
  const time = Math.round(at / lines.periodMs) * lines.periodMs;
  const last = lines.times.at(-1);
  if (last !== undefined && time < last) return lines;
  const known = last === time ? lines.times.length - 1 : lines.times.length;
  const from = Math.max(0, known + 1 - keep);
  const grow = (line: readonly (number | null)[], n: number): readonly (number | null)[] => [
    ...line.slice(from, known),
    values[n] ?? null,
  ];
  return {
    periodMs: lines.periodMs,
    times: [...lines.times.slice(from, known), time],
    mean: lines.mean.map(grow),
    peak: lines.peak.map(grow),
  };
}

export interface Figures {
  readonly last: number;
  readonly mean: number;
  readonly peak: number;
}

/** What one line says in three numbers; undefined where nothing was measured. */
export function figuresOf(
  mean: readonly (number | null)[],
  peak: readonly (number | null)[] = mean,
): Figures | undefined {
  const known = mean.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return undefined;
  const highest = peak.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  const sum = known.reduce((total, value) => total + value, 0);
  return { last, mean: sum / known.length, peak: Math.max(highest, ...known.slice(-1)) };
}

/** Undefined where nothing was measured. */
export function lowestOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? undefined : known.reduce((least, value) => Math.min(least, value));
}

/** Values over an axis that is not time, for a table that a person can read: means of so many neighbours, by their first. */
export function thinned(
  at: readonly number[],
  lines: readonly (readonly (number | null)[])[],
  rows: number,
): { readonly at: readonly number[]; readonly lines: readonly (readonly (number | null)[])[] } {
  const together = Math.max(1, Math.ceil(at.length / rows));
  const firsts = Array.from({ length: Math.ceil(at.length / together) }, (_, n) => n * together);
  return {
    at: firsts.map((first) => at[first] ?? 0),
    lines: lines.map((values) =>
      firsts.map((first) => {
        const known = values.slice(first, first + together).filter((value) => value !== null);
        if (known.length === 0) return null;
        return known.reduce((sum, value) => sum + value, 0) / known.length;
      }),
    ),
  };
}
