/**
 * The Internet checksum (RFC 1071): ones' complement of the ones' complement sum of 16-bit words.
 * Over octets that carry a right checksum it is 0.
 *
 * @param initial sum of words that come before, e.g. of a pseudo header
 */
export function internetChecksum(bytes: Uint8Array, initial = 0): number {
  return ~fold(sumWords(bytes, initial)) & 0xffff;
}

/** The sum of 16-bit words, not yet folded; an odd last octet counts as if a zero came after it. */
export function sumWords(bytes: Uint8Array, initial = 0): number {
  let sum = initial;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  if (even !== bytes.length) sum += (bytes[even] ?? 0) << 8;
  return sum;
}

// A sum of 65 535 octets stays far below 2^53, so folding once at the end is exact.
function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x1_0000) + Math.floor(folded / 0x1_0000);
  return folded;
}
