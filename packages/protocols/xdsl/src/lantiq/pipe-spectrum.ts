import { known } from "../model/known.ts";
import {
  type DirectionSpectrum,
  type LineSpectrum,
  TONES_MAX,
  type ToneBand,
  type ToneValues,
  toneValues,
} from "../model/spectrum.ts";
import { type PipeAnswer, pipeNumber } from "./pipe.ts";
import type { PipeAnswers } from "./pipe-snapshot.ts";

/** The commands that `spectrumOfPipe` reads; direction 1 is down. */
export const PIPE_SPECTRUM_COMMANDS = [
  "ptsg",
  "bbsg 0",
  "bbsg 1",
  "g997bansg 0",
  "g997bansg 1",
  "g997sansg 0",
  "g997sansg 1",
  "g997dqlng 0 1",
  "g997dqlng 1 1",
  "g997dhlogg 0 1",
  "g997dhlogg 1 1",
] as const;

export function spectrumOfPipe(answers: PipeAnswers): LineSpectrum {
  return {
    down: directionOf(answers, "1"),
    up: directionOf(answers, "0"),
    ...known<Pick<LineSpectrum, "pilotTones">>({ pilotTones: pilotTonesOf(answers.get("ptsg")) }),
  };
}

function directionOf(answers: PipeAnswers, direction: "0" | "1"): DirectionSpectrum {
  const bands = bandsOf(answers.get(`bbsg ${direction}`));
  return known<DirectionSpectrum>({
    bits: plainList(answers.get(`g997bansg ${direction}`), (code) => code),
    snr: plainList(answers.get(`g997sansg ${direction}`), snrOf),
    qln: indexedList(answers.get(`g997dqlng ${direction} 1`), bands, qlnOf),
    hlog: indexedList(answers.get(`g997dhlogg ${direction} 1`), bands, hlogOf),
    bands: bands.length === 0 ? undefined : bands,
  });
}

/** ITU-T G.997.1 section 7.5.1.28.3: half decibels from -32 on. */
function snrOf(code: number): number | null {
  return code === 255 ? null : -32 + code / 2;
}

/** ITU-T G.997.1 section 7.5.1.27.3: half decibels from -23 dBm/Hz down. */
function qlnOf(code: number): number | null {
  return code === 255 ? null : -23 - code / 2;
}

/** ITU-T G.997.1 section 7.5.1.26.6: tenths of a decibel from +6 down. */
function hlogOf(code: number): number | null {
  return code === 1023 ? null : Math.round(60 - code) / 10;
}

/** `nData="00 0f 0a …"`: one value in hexadecimal for each tone. */
function plainList(
  answer: PipeAnswer | undefined,
  meaning: (code: number) => number | null,
): ToneValues | undefined {
  const items = itemsOf(answer);
  return toneValues(
    items.map((item, tone) => [
      tone,
      /^[0-9a-fA-F]{1,4}$/.test(item) ? meaning(Number.parseInt(item, 16)) : null,
    ]),
  );
}

/** `nData="(0,255) (1,87) …"`: number of the group and value in decimal. */
function indexedList(
  answer: PipeAnswer | undefined,
  bands: readonly ToneBand[],
  meaning: (code: number) => number | null,
): ToneValues | undefined {
  const pairs = itemsOf(answer).flatMap((item): readonly (readonly [number, number])[] => {
    const match = /^\((\d{1,5}),(\d{1,5})\)$/.exec(item);
    return match === null ? [] : [[Number(match[1]), Number(match[2])]];
  });
  // Firmwares that did not measure write 0 everywhere, which as a whole is no measurement.
  if (pairs.every(([, code]) => code === 0)) return undefined;
  return toneValues(
    pairs.map(([group, code]) => [group, meaning(code)]),
    groupSizeOf(answer, bands),
  );
}

/** Some firmwares say 1 whatever the size is: then it is the one that reaches the end of the last band. */
function groupSizeOf(answer: PipeAnswer | undefined, bands: readonly ToneBand[]): number {
  const said = pipeNumber(answer, "nGroupSize") ?? 1;
  const groups = pipeNumber(answer, "nNumData") ?? 0;
  const last = bands.reduce((furthest, band) => Math.max(furthest, band.end), 0);
  if (said !== 1 || groups <= 0) return said >= 1 && said <= TONES_MAX ? said : 1;
  let size = 1;
  while (size < 16 && groups * size < last + 1) size *= 2;
  return size;
}

/** `nData="(0,33,859) …"`: number, first and last tone of each band; some drivers put blanks or more brackets. */
function bandsOf(answer: PipeAnswer | undefined): readonly ToneBand[] {
  return itemsOf(answer)
    .slice(0, BANDS_MAX)
    .flatMap((item): readonly ToneBand[] => {
      const match = /^\(\d{1,3},\(?(\d{1,5}),(\d{1,5})\)?/.exec(item);
      return match === null ? [] : [{ start: Number(match[1]), end: Number(match[2]) }];
    });
}

function pilotTonesOf(answer: PipeAnswer | undefined): readonly number[] | undefined {
  const tones = itemsOf(answer).flatMap((item) => {
    const tone = Number(/^\(\d{1,3},(\d{1,5})\)$/.exec(item)?.[1] ?? Number.NaN);
    return Number.isNaN(tone) ? [] : [tone];
  });
  return tones.length === 0 ? undefined : tones;
}

function itemsOf(answer: PipeAnswer | undefined): readonly string[] {
  const data = answer?.get("nData") ?? "";
  return data === "" ? [] : data.split(/\s+/, TONES_MAX);
}

const BANDS_MAX = 16;
