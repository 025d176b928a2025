import { known } from "../model/known.ts";
import type { DirectionSpectrum, LineSpectrum, ToneBand, ToneValues } from "../model/spectrum.ts";
import { BANDS, SPECTRUM } from "./registers.ts";
import type { MetanoiaRegisters } from "./snapshot.ts";

/** The spectrum of a Metanoia SFP, from `METANOIA_SPECTRUM_REGISTERS`. It has no bits. */
export function spectrumOfMetanoia(registers: MetanoiaRegisters): LineSpectrum {
  const hlog = groups((group) => {
    const code = registers.get(SPECTRUM.hlog + group);
    return code === undefined || code >= 1023 ? null : Math.round(60 - code) / 10;
  });
  const qln = groups((group) => {
    const code = third(registers, SPECTRUM.qln, group);
    return code === undefined || code === 255 ? null : -23 - code / 2;
  });
  const snr = groups((group) => {
    const code = third(registers, SPECTRUM.snr, group);
    return code === undefined || code === 255 ? null : -32 + code / 2;
  });
  const directionOf = (bands: readonly ToneBand[]): DirectionSpectrum =>
    known<DirectionSpectrum>({
      hlog: within(hlog, bands),
      qln: within(qln, bands),
      snr: within(snr, bands),
      bands: bands.length === 0 ? undefined : bands,
    });
  return {
    down: directionOf(bandsOf(registers, BANDS.down, BANDS.downCount)),
    up: directionOf(bandsOf(registers, BANDS.up, BANDS.upCount)),
  };
}

function groups(of: (group: number) => number | null): readonly (number | null)[] {
  return Array.from({ length: SPECTRUM.groups }, (_, group) => of(group));
}

function third(registers: MetanoiaRegisters, first: number, group: number): number | undefined {
  const value = registers.get(first + Math.floor(group / 3));
  return value === undefined ? undefined : (value >> (16 - (group % 3) * 8)) & 0xff;
}

/** The modem lists both directions in one row; a group is of the direction that its first tone is of. */
function within(
  values: readonly (number | null)[],
  bands: readonly ToneBand[],
): ToneValues | undefined {
  const own = values.map((value, group) => {
    const tone = group * SPECTRUM.groupSize;
    return bands.some(({ start, end }) => tone >= start && tone <= end) ? value : null;
  });
  return own.every((value) => value === null)
    ? undefined
    : { groupSize: SPECTRUM.groupSize, values: own };
}

/** A band that ends at tone 0 is not used. */
function bandsOf(registers: MetanoiaRegisters, first: number, count: number): readonly ToneBand[] {
  return Array.from({ length: count }, (_, band) => ({
    start: registers.get(first + band * 2) ?? 0,
    end: registers.get(first + band * 2 + 1) ?? 0,
  })).filter(({ start, end }) => end > 0 && end >= start);
}
