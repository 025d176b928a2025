/**
 * Characters that a person tells apart on a label: no 0 O o, 1 l I i, 2 Z z, 5 S s, 8 B, u v U V.
 */
export const PASSWORD_ALPHABET = "ACDEFGHJKLMNPQRTWXY34679abcdefghjkmnpqrtwxy";

/** Octets from the operating system; pure code only draws from it. */
export type DrawBytes = (length: number) => Uint8Array;

/** A password of at least `bits` of entropy (S-11 asks for 60), every character equally likely. */
export function makePassword(bits: number, draw: DrawBytes): string {
  const bitsPerCharacter = Math.log2(PASSWORD_ALPHABET.length);
  const length = Math.ceil(bits / bitsPerCharacter);
  if (!(length >= 1 && length <= 128))
    throw new Error("invariant: a password of 1 to 128 characters");
  // Octets at or above the largest multiple are drawn again: a plain modulo would favour the first characters.
  const limit = 256 - (256 % PASSWORD_ALPHABET.length);
  let password = "";
  while (password.length < length) {
    for (const octet of draw(length)) {
      if (octet < limit && password.length < length) {
        password += PASSWORD_ALPHABET[octet % PASSWORD_ALPHABET.length];
      }
    }
  }
  return password;
}
