import { concatBytes } from "@passerelle/bytes";
import { md5 } from "./md5.ts";

/**
 * The answer to a CHAP challenge with algorithm 5 (RFC 1994 section 4.1): the digest of the identifier,
 * the secret and the challenge, in this order.
 *
 * @param identifier 0 to 255, as in the challenge
 * @returns 16 octets
 */
export function chapResponse(
  identifier: number,
  secret: Uint8Array,
  challenge: Uint8Array,
): Uint8Array {
  return md5(concatBytes(Uint8Array.of(identifier), secret, challenge));
}
