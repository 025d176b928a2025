import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { known } from "../model/known.ts";
import { type DirectionSpectrum, TONES_MAX, toneValues } from "../model/spectrum.ts";
import { linesOf } from "../text.ts";

/**
 * Reads `adsl showbins` (down) or `adsl showbins up`: several "tone SNR gain bits" on a line with stars between. A tone
 * with neither SNR nor bits is not used. VDSL firmwares squeeze the SNR of all tones into the first 512: then it is left
 * out, because nobody can say of which tone it is.
 */
export function decodeDraytekBins(text: string): Result<DirectionSpectrum, DecodeError> {
  const lines = linesOf(text);
  if (!lines.ok) return lines;
  const bits: (readonly [number, number])[] = [];
  const snr: (readonly [number, number | null])[] = [];
  for (const line of lines.value) {
    if (!line.includes("*")) continue;
    for (const item of line.split("*")) {
      const match = /^\s*(\d{1,5})\s+(-?\d{1,3}\.\d)\s+-?\d{1,4}\s+(\d{1,2})\s*$/.exec(item);
      if (match === null || bits.length >= TONES_MAX) continue;
      const tone = Number(match[1]);
      const load = Number(match[3]);
      const ratio = Number(match[2]);
      bits.push([tone, load]);
      snr.push([tone, load === 0 && ratio === 0 ? null : ratio]);
    }
  }
  if (bits.length === 0) return err({ code: "no_tones", at: 0 });
  return ok(
    known<DirectionSpectrum>({
      bits: toneValues(bits),
      snr: isSqueezed(bits, snr) ? undefined : toneValues(snr),
    }),
  );
}

function isSqueezed(
  bits: readonly (readonly [number, number])[],
  snr: readonly (readonly [number, number | null])[],
): boolean {
  const lastBits = lastTone(bits);
  return lastBits >= SQUEEZED_TONES && lastTone(snr) < SQUEEZED_TONES;
}

function lastTone(pairs: readonly (readonly [number, number | null])[]): number {
  return pairs.reduce(
    (last, [tone, value]) => ((value ?? 0) > 0 ? Math.max(last, tone) : last),
    -1,
  );
}

const SQUEEZED_TONES = 512;
