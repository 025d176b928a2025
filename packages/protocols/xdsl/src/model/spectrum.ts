/** What a line does tone by tone. It is large (a tone each 4 kHz, up to 8192 of them): on demand, never polled. */
export interface LineSpectrum {
  readonly down: DirectionSpectrum;
  readonly up: DirectionSpectrum;
  /** Hertz between two tones; absent where the mode is not known. */
  readonly toneSpacing?: number;
  readonly pilotTones?: readonly number[];
}

export interface DirectionSpectrum {
  /** Bits that each tone carries in a symbol. */
  readonly bits?: ToneValues;
  /** dB. */
  readonly snr?: ToneValues;
  /** Quiet line noise, dBm/Hz: what the line carries when nobody talks. */
  readonly qln?: ToneValues;
  /** Logarithmic attenuation of the channel, dB. */
  readonly hlog?: ToneValues;
  readonly bands?: readonly ToneBand[];
}

export interface ToneValues {
  /** Tones that share one value: value i is of tones i × groupSize and on. */
  readonly groupSize: number;
  /** Null where the modem says that it did not measure. */
  readonly values: readonly (number | null)[];
}

/** First and last tone. */
export interface ToneBand {
  readonly start: number;
  readonly end: number;
}

/** Tones of the largest plan (35b); what is said of a tone beyond it is not believed. */
export const TONES_MAX = 8192;

/**
 * Values that stand beside the number of their tone. Undefined where there is none; tones that nobody named are
 * null. Numbers out of range are left out.
 */
export function toneValues(
  pairs: readonly (readonly [tone: number, value: number | null])[],
  groupSize = 1,
): ToneValues | undefined {
  const believed = pairs.filter(
    ([tone]) => Number.isInteger(tone) && tone >= 0 && tone < TONES_MAX,
  );
  if (believed.length === 0) return undefined;
  const length = believed.reduce((longest, [tone]) => Math.max(longest, tone + 1), 0);
  const values: (number | null)[] = Array.from({ length }, () => null);
  for (const [tone, value] of believed) values[tone] = value;
  return { groupSize, values };
}
