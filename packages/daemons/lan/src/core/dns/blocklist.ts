import { LOWER } from "@passerelle/dns";

/** Answers whether a name is blocked: two sorted arrays of 53-bit hashes, 8 octets a name. */
export interface Blocklist {
  /** Names known, after duplicates. */
  readonly size: number;
  /** `name` is folded text. */
  matches(name: string): boolean;
}

export const NO_BLOCKLIST: Blocklist = { size: 0, matches: () => false };

/**
 * Collects names and makes the matcher. A hash of 53 bits with a secret seed: among a million names a
 * foreign name is blocked by mistake with a probability of 1e-10, and nobody can aim at it.
 */
export class BlocklistBuilder {
  readonly #seedA: number;
  readonly #seedB: number;
  readonly #exact = new HashBag();
  readonly #subtree = new HashBag();
  readonly #allowed = new HashBag();

  constructor(seed: readonly [number, number]) {
    this.#seedA = seed[0] | 0;
    this.#seedB = seed[1] | 0;
  }

  /** Blocks one name (hosts files name one host at a time). */
  addExact(bytes: Uint8Array, from: number, to: number): void {
    this.#exact.add(this.#hash(bytes, from, to));
  }

  /** Blocks a name and all below it. */
  addSubtree(bytes: Uint8Array, from: number, to: number): void {
    this.#subtree.add(this.#hash(bytes, from, to));
  }

  /** Lets a name and all below it pass, whatever else says no. */
  allow(bytes: Uint8Array, from: number, to: number): void {
    this.#allowed.add(this.#hash(bytes, from, to));
  }

  /** Sorts; the builder is empty afterwards, so that its room is free for the garbage collector. */
  build(): Blocklist {
    const exact = this.#exact.sorted();
    const subtree = this.#subtree.sorted();
    const allowed = this.#allowed.sorted();
    if (exact.length + subtree.length === 0) return NO_BLOCKLIST;
    const seedA = this.#seedA;
    const seedB = this.#seedB;
    return {
      size: exact.length + subtree.length,
      matches: (name) => {
        let a = seedA;
        let b = seedB;
        let hit = false;
        // From the last character on, so that each dot ends the hash of one more enclosing domain.
        for (let i = name.length - 1; i >= 0; i -= 1) {
          const code = name.charCodeAt(i);
          a = Math.imul(a ^ code, PRIME_A);
          b = Math.imul(b ^ code, PRIME_B);
          if (i !== 0 && name.charCodeAt(i - 1) !== DOT) continue;
          const hash = finish(a, b);
          if (has(allowed, hash)) return false;
          hit ||= has(subtree, hash) || (i === 0 && has(exact, hash));
        }
        return hit;
      },
    };
  }

  #hash(bytes: Uint8Array, from: number, to: number): number {
    let a = this.#seedA;
    let b = this.#seedB;
    for (let i = to - 1; i >= from; i -= 1) {
      const code = LOWER[bytes[i] ?? 0] ?? 0;
      a = Math.imul(a ^ code, PRIME_A);
      b = Math.imul(b ^ code, PRIME_B);
    }
    return finish(a, b);
  }
}

const PRIME_A = 0x01000193;
const PRIME_B = 0x5bd1e995;
const DOT = 0x2e;

/** Mixes both halves to a whole number below 2^53. */
function finish(a: number, b: number): number {
  let x = a ^ (b >>> 15);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x ^= x >>> 13;
  let y = b ^ (a >>> 15);
  y = Math.imul(y ^ (y >>> 15), 0xc2b2ae35);
  y ^= y >>> 16;
  return (x >>> 0) * 0x20_0000 + (y >>> 11);
}

function has(sorted: Float64Array, hash: number): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const value = sorted[middle] ?? 0;
    if (value === hash) return true;
    if (value < hash) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** Numbers in an array that doubles. */
class HashBag {
  #values = new Float64Array(1024);
  #count = 0;

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count] = value;
    this.#count += 1;
  }

  sorted(): Float64Array {
    const sorted = this.#values.subarray(0, this.#count).sort();
    let kept = 0;
    for (let i = 0; i < sorted.length; i += 1) {
      const value = sorted[i] ?? 0;
      if (kept === 0 || value !== sorted[kept - 1]) {
        sorted[kept] = value;
        kept += 1;
      }
    }
    const exact = sorted.slice(0, kept);
    this.#values = new Float64Array(0);
    this.#count = 0;
    return exact;
  }
}
