/**
 * French has a space before ": ; ! ?" and inside « », and a line never breaks there. Sentences are written with plain
 * spaces, by us and by the box; this is the one place that knows better.
 */
export function typeset(text: string, language: "fr" | "en"): string {
  if (language !== "fr") return text;
  return text.replace(/ ([:;!?»%€])/g, `${NO_BREAK}$1`).replaceAll("« ", `«${NO_BREAK}`);
}

/** U+00A0: the narrow one (U+202F) is missing in many fonts. */
const NO_BREAK = "\u00a0";
