import { type DecodeError, err, ok, type Result } from "@passerelle/result";

/** Longer answers of a modem are not read: the largest true one, 4096 groups of four kinds as JSON, has 1.2 million. */
export const TEXT_LENGTH_MAX = 4 * 1024 * 1024;

/** A console's largest true answer, a line for each of 8192 tones, has 200 000. */
const CONSOLE_LENGTH_MAX = 512 * 1024;

/** No modem prints longer lines for people; patterns that look back and forth must not meet one. */
const LINE_LENGTH_MAX = 1024;

/** The lines of an answer without their ends; telnet and consoles add carriage returns as they like. */
export function linesOf(text: string): Result<readonly string[], DecodeError> {
  if (text.length > CONSOLE_LENGTH_MAX)
    return err({ code: "text_too_long", at: CONSOLE_LENGTH_MAX });
  return ok(text.split(/\r?\n|\r/).filter((line) => line.length <= LINE_LENGTH_MAX));
}

/** The first decimal number in a text; a sign may stand off ("- 4.3 dBm"). Undefined where there is none. */
export function numberIn(text: string | undefined): number | undefined {
  const match = /(-\s*)?(\d{1,15}(?:\.\d{1,15})?)/.exec(text ?? "");
  if (match === null) return undefined;
  const value = Number(match[2]);
  return match[1] === undefined ? value : -value;
}

/** A whole number from 0 on that is the text; undefined for anything else. */
export function countIn(text: string | undefined): number | undefined {
  const digits = text?.trim() ?? "";
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}

export function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

/** Smaller units: divided, so that 63 tenths become 6.3 and not 6.300000000000001. */
export function divided(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value / by;
}

/** Tenths, as most of DSL counts. */
export function tenths(value: number | undefined): number | undefined {
  return divided(value, 10);
}

/** ON, OFF, enabled, disabled, 1, 0, yes, no; undefined for anything else. */
export function switchIn(text: string | undefined): boolean | undefined {
  const word = text?.trim().toLowerCase() ?? "";
  if (/^(on|enabled|1|yes|active)\b/.test(word)) return true;
  return /^(off|disabled|0|no|inactive)\b/.test(word) ? false : undefined;
}

/** "2 days 39 min 7 sec" in seconds; undefined where no unit is named. */
export function durationIn(text: string): number | undefined {
  let seconds: number | undefined;
  for (const [, count, unit] of text.matchAll(/(\d{1,9})\s*(day|hour|min|sec)/g)) {
    seconds = (seconds ?? 0) + Number(count) * (UNIT_SECONDS[unit ?? ""] ?? 0);
  }
  return seconds;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { day: 86_400, hour: 3600, min: 60, sec: 1 };
