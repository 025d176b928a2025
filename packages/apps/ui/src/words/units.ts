import { cached } from "./format.ts";

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
