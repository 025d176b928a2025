/** A JSON pointer, RFC 6901, as the list of its reference tokens. */
export type PointerTokens = readonly string[];

/** RFC 6901 section 3: "~" is written "~0" and "/" is written "~1". */
export function formatPointer(tokens: PointerTokens): string {
  return tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Undefined where the text is no pointer: it is empty or starts with "/", and "~" is followed by 0 or 1. */
export function parsePointer(text: string): PointerTokens | undefined {
  if (text === "") return [];
  if (!text.startsWith("/") || /~(?![01])/.test(text)) return undefined;
  // RFC 6901 section 4: "~1" first, then "~0", so that "~01" becomes "~1" and not "/".
  return text
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}
