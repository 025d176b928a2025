/** Longer than any honest name; the rest is cut. */
const NAME_MAX = 80;

/**
 * A stranger's name made fit to stand in a line: control characters, line breaks and marks that turn the direction
 * of the text around become a blank; stacked accents are cut to two.
 */
export function plainName(text: string): string {
  const plain = text
    .slice(0, NAME_MAX * 8)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]+/gu, " ")
    .replace(/(\p{M}{2})\p{M}+/gu, "$1")
    .replace(/\s+/g, " ")
    .trim();
  return shorten(plain === "" ? "?" : plain, NAME_MAX);
}

/** At most `max` characters, the last of them "…" where something was cut. */
export function shorten(text: string, max: number): string {
  const characters = [...text];
  return characters.length <= max
    ? text
    : `${characters
        .slice(0, max - 1)
        .join("")
        .trimEnd()}…`;
}
