import type { Entropy } from "@passerelle/service";

/** Random octets for IDs and case bits, drawn from the system in portions: no guessable generator (RFC 5452 section 4). */
export class Randomness {
  readonly #entropy: Entropy;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(entropy: Entropy) {
    this.#entropy = entropy;
  }

  uint8(): number {
    if (this.#at >= this.#bytes.length) {
      this.#bytes = this.#entropy.bytes(PORTION_BYTES);
      this.#at = 0;
    }
    const value = this.#bytes[this.#at] ?? 0;
    // Used once: nothing that was sent can be read out of memory later.
    this.#bytes[this.#at] = 0;
    this.#at += 1;
    return value;
  }

  uint16(): number {
    return (this.uint8() << 8) | this.uint8();
  }

  /** A whole number in [0, limit), limit a power of two up to 256. */
  below(limit: number): number {
    return this.uint8() & (limit - 1);
  }

  /** Turns the case of each letter of a name by chance (draft-vixie-dnsext-dns0x20). */
  mixCase(bytes: Uint8Array, from: number, to: number): void {
    let bits = 0;
    let left = 0;
    for (let i = from; i < to; i += 1) {
      const lower = (bytes[i] ?? 0) | 0x20;
      if (!(lower >= 0x61 && lower <= 0x7a)) continue;
      if (left === 0) {
        bits = this.uint8();
        left = 8;
      }
      bytes[i] = (bits & 1) === 1 ? lower & ~0x20 : lower;
      bits >>>= 1;
      left -= 1;
    }
  }
}

const PORTION_BYTES = 1024;
