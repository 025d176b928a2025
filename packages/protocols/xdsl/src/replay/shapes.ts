import { isObject, type JsonObject } from "../json.ts";
import { COUNTER_NAMES, LINE_STATES, type LineSnapshot } from "../model/line.ts";
import { type LineSpectrum, TONES_MAX } from "../model/spectrum.ts";

/** True where a value of JSON has what a reader of a snapshot relies on: its objects, and numbers where numbers stand. */
export function isLineSnapshot(value: unknown): value is LineSnapshot {
  if (!isObject(value)) return false;
  const isStated = LINE_STATES.some((state) => state === value.state);
  return (
    isStated &&
    typeof value.rawState === "string" &&
    isNumber(value.uptime) &&
    TEXTS.every((name) => value[name] === undefined || typeof value[name] === "string") &&
    isDirection(value.down) &&
    isDirection(value.up) &&
    isCounters(value.near) &&
    isCounters(value.far) &&
    (value.counts === undefined || isObject(value.counts)) &&
    isObject(value.inventory) &&
    isObject(value.quality)
  );
}

export function isLineSpectrum(value: unknown): value is LineSpectrum {
  if (!isObject(value)) return false;
  return (
    isNumber(value.toneSpacing) &&
    [value.down, value.up].every((direction) => isObject(direction) && isTones(direction))
  );
}

const TEXTS = ["standard", "annex", "profile", "tc", "powerState"] as const;
const NUMBERS = [
  "currRate",
  "maxRate",
  "previousRate",
  "noiseMargin",
  "lineAttenuation",
  "signalAttenuation",
  "power",
  "interleaveDelay",
  "interleaveDepth",
  "actInp",
] as const;
const SWITCHES = ["trellis", "bitswap", "sra", "retransmission"] as const;
const KINDS = ["bits", "snr", "qln", "hlog"] as const;

function isDirection(value: unknown): boolean {
  if (!isObject(value)) return false;
  return (
    NUMBERS.every((name) => isNumber(value[name])) &&
    SWITCHES.every((name) => value[name] === undefined || typeof value[name] === "boolean") &&
    (value.bands === undefined || Array.isArray(value.bands))
  );
}

function isCounters(value: unknown): boolean {
  if (value === undefined) return true;
  return isObject(value) && COUNTER_NAMES.every((name) => isNumber(value[name]));
}

function isTones(direction: JsonObject): boolean {
  return KINDS.every((kind) => {
    const tones = direction[kind];
    if (tones === undefined) return true;
    if (!isObject(tones) || typeof tones.groupSize !== "number") return false;
    const { values } = tones;
    return Array.isArray(values) && values.length <= TONES_MAX && values.every(isTone);
  });
}

function isTone(value: unknown): boolean {
  return value === null || typeof value === "number";
}

function isNumber(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && Number.isFinite(value));
}
