import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { isObject, type JsonObject, numberAt, objectAt, readJsonObject } from "../json.ts";
import { known } from "../model/known.ts";
import {
  type DirectionSpectrum,
  type LineSpectrum,
  TONES_MAX,
  type ToneBand,
  type ToneValues,
} from "../model/spectrum.ts";

/** Reads the answer of `ubus call dsl statistics`: bits, SNR, QLN and Hlog of each tone. */
export function decodeUbusStatistics(text: string): Result<LineSpectrum, DecodeError> {
  const read = readJsonObject(text);
  if (!read.ok) return read;
  const statistics = read.value;
  if (!KINDS.some((kind) => isObject(statistics[kind]))) {
    return err({ code: "no_spectrum", at: 0 });
  }
  return ok({
    down: directionOf(statistics, "downstream"),
    up: directionOf(statistics, "upstream"),
    ...known<Pick<LineSpectrum, "pilotTones">>({ pilotTones: tonesOf(statistics.pilot_tones) }),
  });
}

const KINDS = ["bits", "snr", "qln", "hlog"] as const;

function directionOf(statistics: JsonObject, direction: string): DirectionSpectrum {
  const of = (kind: string): ToneValues | undefined =>
    valuesOf(objectAt(objectAt(statistics, kind), direction));
  return known<DirectionSpectrum>({
    bits: of("bits"),
    snr: of("snr"),
    qln: of("qln"),
    hlog: of("hlog"),
    bands: bandsOf(objectAt(statistics, "bands")[direction]),
  });
}

/** A value that is no number (the daemon writes null for "not measured") is not known. */
function valuesOf(kind: JsonObject): ToneValues | undefined {
  const data = kind.data;
  if (!Array.isArray(data) || data.length === 0) return undefined;
  const values = data
    .slice(0, TONES_MAX)
    .map((value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : null));
  const groupSize = numberAt(kind, "groupsize") ?? 1;
  return { groupSize: Number.isInteger(groupSize) && groupSize >= 1 ? groupSize : 1, values };
}

function bandsOf(bands: unknown): readonly ToneBand[] | undefined {
  if (!Array.isArray(bands) || bands.length === 0) return undefined;
  const read = bands.slice(0, BANDS_MAX).flatMap((band: unknown): readonly ToneBand[] => {
    if (!isObject(band)) return [];
    const start = numberAt(band, "start");
    const end = numberAt(band, "end");
    return start === undefined || end === undefined ? [] : [{ start, end }];
  });
  return read.length === 0 ? undefined : read;
}

function tonesOf(tones: unknown): readonly number[] | undefined {
  if (!Array.isArray(tones)) return undefined;
  const read = tones
    .slice(0, TONES_MAX)
    .filter((tone: unknown): tone is number => typeof tone === "number" && Number.isInteger(tone));
  return read.length === 0 ? undefined : read;
}

const BANDS_MAX = 16;
