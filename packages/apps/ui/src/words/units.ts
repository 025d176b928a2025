import { cached, formatNumber, formatRate, formatTime } from "./format.ts";

/** "7.4 ms". */
export function formatMilliseconds(ms: number): string {
  // A clock that counts whole milliseconds says 0.
  if (ms < 0.05) return `<\u00a0${formatMilliseconds(1)}`;
  const digits = ms < 10 ? 1 : 0;
  return cached(
    `ms${digits}`,
    (tag) =>
      new Intl.NumberFormat(tag, {
        style: "unit",
        unit: "millisecond",
        maximumFractionDigits: digits,
      }),
  ).format(ms);
}

/** "48 °C". */
export function formatCelsius(degrees: number): string {
  return cached(
    "°C",
    (tag) =>
      new Intl.NumberFormat(tag, { style: "unit", unit: "celsius", maximumFractionDigits: 0 }),
  ).format(degrees);
}

/** "Wednesday 25 November". */
export function formatDay(at: number): string {
  return cached(
    "day",
    (tag) => new Intl.DateTimeFormat(tag, { weekday: "long", day: "numeric", month: "long" }),
  ).format(at);
}

/** The hour with its seconds: for lines that follow each other quickly. */
export function formatSecond(at: number): string {
  return cached("ts", (tag) => new Intl.DateTimeFormat(tag, { timeStyle: "medium" })).format(at);
}

/** "a, b and c". */
export function formatList(parts: readonly string[]): string {
  return cached("list", (tag) => new Intl.ListFormat(tag, { type: "conjunction" })).format(parts);
}

/** The rate of a wire, which people compare with what was promised: "21.4 Mbit/s". */
export function formatLineRate(bitsPerSecond: number): string {
  return formatRate(bitsPerSecond, 1000);
}

/** "6.2 dB"; a margin of 6 is "6.0 dB", so that a column of them reads well. */
export function formatDecibels(decibels: number, unit: "dB" | "dBm" | "dBm/Hz" = "dB"): string {
  return `${tenths(decibels)}\u00a0${unit}`;
}

/** "138 kHz", "2.2 MHz". */
export function formatKilohertz(kilohertz: number): string {
  return kilohertz < 1000
    ? `${formatNumber(kilohertz)}\u00a0kHz`
    : `${formatNumber(kilohertz / 1000, 1)}\u00a0MHz`;
}

/** The hour, or the day where it begins: "14:00", "25 Nov". */
export function formatMark(at: number): string {
  const date = new Date(at);
  if (date.getHours() !== 0 || date.getMinutes() !== 0) return formatTime(at);
  return formatShortDay(at);
}

/** "25 Nov". */
export function formatShortDay(at: number): string {
  return cached(
    "day2",
    (tag) => new Intl.DateTimeFormat(tag, { day: "numeric", month: "short" }),
  ).format(at);
}

function tenths(value: number): string {
  return cached(
    ".1",
    (tag) =>
      new Intl.NumberFormat(tag, {
        ...{ minimumFractionDigits: 1, maximumFractionDigits: 1 },
        // Nobody reads "-0.0".
        signDisplay: "negative",
      }),
  ).format(value);
}
