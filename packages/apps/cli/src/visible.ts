/**
 * Controls, escapes, bidirectional and invisible characters, lone surrogates, line separators: what makes a terminal
 * do something, or shows another text than the one that is there. Ordinary blanks stay.
 */
const DANGEROUS = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A stranger's text made harmless: what would act is shown as an escape, in JSON's and JavaScript's way. */
export function visible(text: string): string {
  return text.replace(DANGEROUS, escapeOf);
}

/** JSON of exactly this value whose text is harmless, too: the escapes are JSON's own. */
export function visibleJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent) ?? "null";
  // The line feeds are ours: JSON.stringify escapes those of the value.
  return text.replace(DANGEROUS, (character) =>
    character === "\n" ? character : jsonEscapeOf(character),
  );
}

/** Columns of a terminal that a harmless text takes: wide letters and pictures two, combining marks none. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text)
    columns += NO_COLUMN.test(character) ? 0 : TWO_COLUMNS.test(character) ? 2 : 1;
  return columns;
}

const NO_COLUMN = /^\p{M}$/u;
const TWO_COLUMNS =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6])$/u;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeOf(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const point = character.codePointAt(0) ?? 0;
  if (point > 0xffff) return `\\u{${point.toString(16)}}`;
  return `\\u${point.toString(16).padStart(4, "0")}`;
}

/** JSON knows four digits only: beyond them a pair of surrogates. */
function jsonEscapeOf(character: string): string {
  let escaped = "";
  for (let i = 0; i < character.length; i += 1)
    escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return escaped;
}
