import { latin1Text } from "@passerelle/bytes";

/** Longest text of a peer that we keep, in characters: it is shown to people and written to logs. */
export const PEER_TEXT_MAX = 200;

/**
 * What a peer says to people, as text: UTF-8, or Latin-1 where it is none. Hostile: control and direction
 * characters are gone, and it is cut at PEER_TEXT_MAX; whoever shows it still has to escape it.
 */
export function peerText(bytes: Uint8Array): string {
  // An octet more than four a character can't matter, so a long message costs no more than a short one.
  const text = utf8Text(bytes.subarray(0, PEER_TEXT_MAX * 4));
  return [...text.replace(UNPRINTABLE, " ").trim()].slice(0, PEER_TEXT_MAX).join("");
}

/** Controls, and the format characters that reorder or hide text (Unicode categories Cc, Cf, Co, Cs, Zl, Zp). */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu;

function utf8Text(bytes: Uint8Array): string {
  let escaped = "";
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, "0")}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    // No UTF-8. The language has no decoder that says so by a value.
    return latin1Text(bytes);
  }
}
