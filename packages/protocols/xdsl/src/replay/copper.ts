import type { ToneBand, ToneValues } from "../model/spectrum.ts";

/** A pair of wires with noise on it, good enough that rate, margin and spectrum of a simulated line tell one story. */
export interface Copper {
  readonly lengthKm: number;
  /** dBm/Hz at the receiver, before anything disturbs it. */
  readonly noise: number;
}

/** One direction's part of the spectrum. */
export interface Plan {
  readonly bands: readonly ToneBand[];
  /** What the sender puts on each tone, dBm/Hz. */
  readonly psd: number;
  /** bit/s that the operator sells; the line may be able to do more. */
  readonly rateMax: number;
}

/** ITU-T G.993.2: the electrical length's reference, dB a kilometre at 1 MHz of 0.4 mm wire. */
const LOSS_PER_KM = 13.81;
const TONE_SPACING_MHZ = 0.0043125;
/** Symbols a second (ITU-T G.993.2 section 10.4.4, cyclic extension taken off). */
const SYMBOL_RATE = 4000;
const BITS_MAX = 15;
/** Of an uncoded constellation at an error rate of 1e-7, less what trellis code and Reed-Solomon gain. */
const SNR_GAP = 9.8 - 4.5;

/** Hlog, dB: what the wire leaves of a tone. */
export function hlogAt(copper: Copper, tone: number): number {
  return -LOSS_PER_KM * copper.lengthKm * Math.sqrt(tone * TONE_SPACING_MHZ) - 0.5;
}

export function snrAt(copper: Copper, plan: Plan, tone: number, disturbance: number): number {
  return plan.psd + hlogAt(copper, tone) - (copper.noise + disturbance);
}

/** Bits that fit a tone with a margin kept free. */
export function bitsAt(
  copper: Copper,
  plan: Plan,
  tone: number,
  disturbance: number,
  margin: number,
): number {
  const spare = snrAt(copper, plan, tone, disturbance) - SNR_GAP - margin;
  const bits = Math.floor(Math.log2(1 + 10 ** (spare / 10)));
  return bits < 2 ? 0 : Math.min(BITS_MAX, bits);
}

/** bit/s that the wire can carry with a margin kept free, 8 % of them spent on framing and codes. */
export function attainable(
  copper: Copper,
  plan: Plan,
  disturbance: number,
  margin: number,
): number {
  let bits = 0;
  for (const tone of tonesOf(plan)) bits += bitsAt(copper, plan, tone, disturbance, margin);
  return Math.floor((bits * SYMBOL_RATE * 0.92) / 1000) * 1000;
}

/** Mean loss over the tones in use, dB. */
export function attenuation(copper: Copper, plan: Plan): number {
  const tones = tonesOf(plan);
  const sum = tones.reduce((total, tone) => total - hlogAt(copper, tone), 0);
  return Math.round((sum / Math.max(1, tones.length)) * 10) / 10;
}

/** A value for each group of tones; null outside of the plan's bands. */
export function perGroup(
  plan: Plan,
  groupSize: number,
  of: (tone: number) => number,
  decimals = 1,
): ToneValues {
  const last = plan.bands.reduce((furthest, { end }) => Math.max(furthest, end), 0);
  const scale = 10 ** decimals;
  const values = Array.from({ length: Math.floor(last / groupSize) + 1 }, (_, group) => {
    const tone = group * groupSize;
    const isOwn = plan.bands.some(({ start, end }) => tone >= start && tone <= end);
    return isOwn ? Math.round(of(tone) * scale) / scale : null;
  });
  return { groupSize, values };
}

function tonesOf(plan: Plan): readonly number[] {
  return plan.bands.flatMap(({ start, end }) =>
    Array.from({ length: end - start + 1 }, (_, index) => start + index),
  );
}
