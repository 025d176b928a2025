import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { known } from "../model/known.ts";
import {
  type DirectionSpectrum,
  type LineSpectrum,
  TONES_MAX,
  type ToneBand,
  type ToneValues,
} from "../model/spectrum.ts";
import { linesOf } from "../text.ts";

/** What one command prints for every tone. Which direction a tone is of, it does not say: `--pbParams` does. */
export type BroadcomTones = readonly (number | null)[];

/** Reads `xdslctl info --Bits`, `--SNR`, `--QLN` or `--Hlog`: below a title, the number of each tone and its value. */
export function decodeBroadcomTones(text: string): Result<BroadcomTones, DecodeError> {
  const lines = linesOf(text);
  if (!lines.ok) return lines;
  const title = lines.value.findIndex((line) => /^\s*tone\s+number/i.test(line));
  if (title === -1) return err({ code: "no_tones", at: 0 });
  const tones: (number | null)[] = [];
  for (const line of lines.value.slice(title + 1)) {
    const match = /^\s*(\d{1,5})\s+(-?\d{1,4}(?:\.\d{1,6})?)\s*$/.exec(line);
    const tone = Number(match?.[1] ?? Number.NaN);
    if (!(tone < TONES_MAX)) continue;
    while (tones.length < tone) tones.push(null);
    tones[tone] = Number(match?.[2]);
  }
  return ok(tones);
}

export interface BroadcomBands {
  readonly down: readonly ToneBand[];
  readonly up: readonly ToneBand[];
}

/** Reads `xdslctl info --pbParams`: the bands as they were found in the medley, e.g. "US: (6,31) (871,1205)". */
export function decodeBroadcomBands(text: string): Result<BroadcomBands, DecodeError> {
  const lines = linesOf(text);
  if (!lines.ok) return lines;
  const title = lines.value.findIndex((line) => /^\s*medley.*band plan/i.test(line));
  if (title === -1) return err({ code: "no_band_plan", at: 0 });
  const plan = lines.value.slice(title + 1);
  return ok({ down: bandsIn(plan, "DS"), up: bandsIn(plan, "US") });
}

/** Puts the lists of tones together; a tone of no band is in neither direction. */
export function spectrumOfBroadcom(
  bands: BroadcomBands,
  tones: Readonly<Partial<Record<"bits" | "snr" | "qln" | "hlog", BroadcomTones>>>,
): LineSpectrum {
  const directionOf = (own: readonly ToneBand[]): DirectionSpectrum =>
    known<DirectionSpectrum>({
      bits: within(tones.bits, own, () => true),
      snr: within(tones.snr, own, () => true),
      // -160 dBm/Hz and -96.3 dB are the ends of the scales: nothing was measured there.
      qln: within(tones.qln, own, (value) => value > -160),
      hlog: within(tones.hlog, own, (value) => value > -96),
      bands: own.length === 0 ? undefined : own,
    });
  return { down: directionOf(bands.down), up: directionOf(bands.up) };
}

function within(
  tones: BroadcomTones | undefined,
  bands: readonly ToneBand[],
  isMeasured: (value: number) => boolean,
): ToneValues | undefined {
  if (tones === undefined || tones.length === 0 || bands.length === 0) return undefined;
  const values = tones.map((value, tone) => {
    const isOwn = bands.some((band) => tone >= band.start && tone <= band.end);
    return isOwn && value !== null && isMeasured(value) ? value : null;
  });
  return { groupSize: 1, values };
}

function bandsIn(plan: readonly string[], direction: "DS" | "US"): readonly ToneBand[] {
  const line = plan.find((candidate) => candidate.trimStart().startsWith(`${direction}:`)) ?? "";
  return [...line.matchAll(/\((\d{1,5}),\s*(\d{1,5})\)/g)]
    .slice(0, BANDS_MAX)
    .map(([, start, end]) => ({ start: Number(start), end: Number(end) }));
}

const BANDS_MAX = 16;
