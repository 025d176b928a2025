import { randomInt } from "node:crypto";
import { encodeSector } from "./boot-state.ts";

/**
 * The label of a box that is its own card: the first password of its page, drawn when the card is written, since nobody
 * prints a sticker for it. Derived from nothing (EN 303 645 provision 5.1-2). The box reads it where it keeps its label:
 * packages/apps/passerelle/src/label.ts.
 */
export function drawLabel(draw: (below: number) => number = randomInt): string {
  const letters = Array.from({ length: LETTERS }, () => ALPHABET[draw(ALPHABET.length)]);
  return letters.join("").replace(/(.{4})(?=.)/g, "$1-");
}

/** One copy of it, as it lies on the disk. */
export function encodeLabel(password: string): Uint8Array {
  return encodeSector({ label_password: password });
}

/** Of 512 octets, outside every partition. */
export const LABEL_SECTORS = [1040, 1048] as const;
/** None looks like another one. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const LETTERS = 16;
