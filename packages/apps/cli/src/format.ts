import type { Language } from "./language.ts";

/** Numbers for people. Times are in the time zone of whoever asks. */

export function timeText(at: number): string {
  const date = new Date(at);
  // A nonsense time of a box whose clock is wrong must not end the command.
  if (Number.isNaN(date.getTime())) return "?";
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function durationText(ms: number, language: Language): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const day = language === "fr" ? "j" : "d";
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400)
    return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} ${day} ${Math.floor((seconds % 86_400) / 3600)} h`;
}

export function bytesText(bytes: number, language: Language): string {
  const units = language === "fr" ? ["o", "ko", "Mo", "Go", "To"] : ["B", "kB", "MB", "GB", "TB"];
  return scaled(bytes, units, language);
}

export function rateText(bitsPerSecond: number, language: Language): string {
  return scaled(bitsPerSecond, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"], language);
}

export function numberText(value: number, language: Language, digits = 1): string {
  // Not "-0.0".
  const text = value.toFixed(digits).replace(/^-(0(?:\.0*)?)$/, "$1");
  return language === "fr" ? text.replace(".", ",") : text;
}

function scaled(value: number, units: readonly string[], language: Language): string {
  let rest = value;
  let unit = 0;
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || rest >= 100 ? 0 : 1;
  return `${numberText(rest, language, digits)} ${units[unit] ?? ""}`;
}
