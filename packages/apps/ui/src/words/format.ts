import { signal } from "@preact/signals";
import { languageTag, t } from "./index.ts";

/** The hour that sentences such as "3 minutes ago" are told by. */
export const clock = signal(Date.now());
const CLOCK_MS = 5_000;
setInterval(() => {
  clock.value = Date.now();
}, CLOCK_MS);

export function formatNumber(value: number, digits = 0): string {
  return cached(
    `n${digits}`,
    (tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: digits }),
  ).format(value);
}

export function formatPercent(ratio: number): string {
  return cached("%", (tag) => new Intl.NumberFormat(tag, { style: "percent" })).format(ratio);
}

export function formatTime(at: number): string {
  return cached(
    "t",
    (tag) => new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit" }),
  ).format(at);
}

/** Day and hour; only the hour where it was today. */
export function formatDateTime(at: number): string {
  if (new Date(at).toDateString() === new Date(clock.value).toDateString()) return formatTime(at);
  return cached(
    "dt",
    (tag) => new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" }),
  ).format(at);
}

/** "3 minutes ago". */
export function formatAgo(at: number): string {
  const seconds = Math.min(0, Math.round((at - clock.value) / 1000));
  const relative = cached("r", (tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto" }));
  if (seconds > -45) return t("time.now");
  for (const [unit, size] of UNITS) {
    if (-seconds >= size) return relative.format(Math.ceil(seconds / size), unit);
  }
  return relative.format(Math.ceil(seconds / 60) || -1, "minute");
}

/** "2 days", "4 hours", "12 minutes": the largest unit only. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [unit, size] = UNITS.find(([, one]) => seconds >= one) ?? (["second", 1] as const);
  return cached(
    `d${unit}`,
    (tag) => new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" }),
  ).format(Math.floor(seconds / size));
}

/** How long something lasts already; the first minute is not counted in seconds. */
export function formatSince(at: number): string {
  const ms = clock.value - at;
  return ms < 60_000 ? t("time.moment") : formatDuration(ms);
}

/** bit/s in words of people: "12 Mbit/s"; with tenths where it is below so many of its unit. */
export function formatRate(bitsPerSecond: number, tenthsBelow = 10): string {
  const [value, index] = scale(bitsPerSecond, 1000, 3);
  return `${formatNumber(value, value < tenthsBelow && index > 0 ? 1 : 0)}\u00a0${t(RATES[index] ?? "unit.bit")}`;
}

export function formatBytes(bytes: number): string {
  const [value, index] = scale(bytes, 1000, 4);
  return `${formatNumber(value, value < 10 && index > 0 ? 1 : 0)}\u00a0${t(BYTES[index] ?? "unit.byte")}`;
}

const RATES = ["unit.bit", "unit.kbit", "unit.mbit", "unit.gbit"] as const;
const BYTES = ["unit.byte", "unit.kbyte", "unit.mbyte", "unit.gbyte", "unit.tbyte"] as const;
const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

function scale(value: number, step: number, last: number): readonly [number, number] {
  let index = 0;
  let rest = value;
  while (rest >= step && index < last) {
    rest /= step;
    index += 1;
  }
  return [rest, index];
}

/** Intl's objects are dear to make. */
const made = new Map<string, unknown>();
export function cached<T>(name: string, make: (tag: string) => T): T {
  const key = `${languageTag()} ${name}`;
  const known = made.get(key) as T | undefined;
  if (known !== undefined) return known;
  const fresh = make(languageTag());
  made.set(key, fresh);
  return fresh;
}
