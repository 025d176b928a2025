import type { WanDslSpectrum } from "@passerelle/contract";
import type { WallTime } from "@passerelle/time";
import type { DirectionSpectrum, LineSpectrum, ToneValues } from "@passerelle/xdsl";

/** More points than this no screen shows. */
const VALUES_MAX = 512;

/** What a modem says tone by tone, in rows that a bus and a page can carry. */
export function spectrumView(spectrum: LineSpectrum, at: WallTime): WanDslSpectrum {
  const { toneSpacing } = spectrum;
  return {
    at,
    ...(toneSpacing === undefined ? {} : { toneSpacing }),
    down: directionView(spectrum.down),
    up: directionView(spectrum.up),
  };
}

function directionView(direction: DirectionSpectrum): WanDslSpectrum["down"] {
  const { bits, snr, qln, hlog, bands } = direction;
  return {
    ...(bits === undefined ? {} : { bits: grouped(bits) }),
    ...(snr === undefined ? {} : { snr: grouped(snr) }),
    ...(qln === undefined ? {} : { qln: grouped(qln) }),
    ...(hlog === undefined ? {} : { hlog: grouped(hlog) }),
    ...(bands === undefined ? {} : { bands: bands.map(({ start, end }) => ({ start, end })) }),
  };
}

/** Means of as many neighbours as are needed; a group of which nothing was measured is null. */
function grouped({ groupSize, values }: ToneValues): {
  groupSize: number;
  values: (number | null)[];
} {
  const together = Math.max(1, Math.ceil(values.length / VALUES_MAX));
  const count = Math.ceil(values.length / together);
  return {
    groupSize: groupSize * together,
    values: Array.from({ length: count }, (_, group) =>
      meanOf(values.slice(group * together, (group + 1) * together)),
    ),
  };
}

function meanOf(values: readonly (number | null)[]): number | null {
  const measured = values.filter((value) => value !== null && Number.isFinite(value));
  if (measured.length === 0) return null;
  const sum = measured.reduce<number>((total, value) => total + (value ?? 0), 0);
  return Math.round((sum / measured.length) * 10) / 10;
}
