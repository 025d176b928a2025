/**
 * ASCII lower case by octet. Label lengths are below 64 ("@"), so a whole uncompressed name may be
 * folded octet by octet, lengths included.
 */
export const LOWER: Uint8Array = makeLower();

function makeLower(): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < 256; i += 1) table[i] = i >= 0x41 && i <= 0x5a ? i + 0x20 : i;
  return table;
}

export function foldInPlace(bytes: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i += 1) bytes[i] = LOWER[bytes[i] ?? 0] ?? 0;
}

/** True where two stretches are equal but for the case of ASCII letters. */
export function equalFolded(
  a: Uint8Array,
  aAt: number,
  b: Uint8Array,
  bAt: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i += 1) {
    if (LOWER[a[aAt + i] ?? 0] !== LOWER[b[bAt + i] ?? 0]) return false;
  }
  return true;
}
