import type { Sentence } from "@passerelle/result";

/** What a stranger called itself, as far as the fields of the log may carry it. */
export const NAME_MAX = 255;
/** And as far as a sentence shows it. */
const SHOWN_MAX = 64;

/**
 * A name that a sentence may show: no control characters, none that turn the direction of writing or show nothing
 * (Unicode categories Cc, Cf, Co, Cs, Zl, Zp), one line, short.
 */
export function shownName(name: string): string {
  const clean = name
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/\s+/gu, " ")
    .trim();
  if (clean === "") return "?";
  const points = [...clean];
  return points.length <= SHOWN_MAX ? clean : `${points.slice(0, SHOWN_MAX - 1).join("")}…`;
}

/** Kept as it came, but never longer than the contract allows, and without half a character at its end. */
export function boundedName(name: string): string {
  return name.length <= NAME_MAX ? name : name.slice(0, NAME_MAX).replace(/[\uD800-\uDBFF]$/u, "");
}

/** Puts values in the place of `{key}`; a value is never read again for keys. */
export function filled(
  text: Sentence,
  values: Readonly<Record<string, string | undefined>>,
): Sentence {
  const put = (sentence: string): string =>
    sentence.replace(/\{([a-z]+)\}/g, (_, key: string) => values[key] ?? "?");
  return { fr: put(text.fr), en: put(text.en) };
}

/** "1,5 MB" would differ between the languages: whole numbers read the same. */
export function shownBytes(bytes: number): string {
  const megabytes = bytes / 1_000_000;
  return megabytes >= 10 ? `${Math.round(megabytes)} MB` : `${Math.round(bytes / 1000)} kB`;
}
