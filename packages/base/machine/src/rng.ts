/**
 * A small pseudo-random generator as a value (sfc32): a machine keeps it in its state, so that every
 * story replays. Seed it from the operating system at the edge. It is for jitter and transaction ids
 * that only need to be unlike; where an attacker must not guess (DNS ids, tokens), the edge draws.
 */
export interface Rng {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly counter: number;
}

/** @param seed four 32-bit words from a real source of entropy */
export function seedRng(seed: readonly [number, number, number, number]): Rng {
  let rng: Rng = { a: seed[0] >>> 0, b: seed[1] >>> 0, c: seed[2] >>> 0, counter: seed[3] >>> 0 };
  // sfc32 needs a few rounds before its words are mixed.
  for (let round = 0; round < 12; round += 1) rng = nextUint32(rng).rng;
  return rng;
}

export function nextUint32(rng: Rng): { readonly value: number; readonly rng: Rng } {
  const value = (rng.a + rng.b + rng.counter) >>> 0;
  return {
    value,
    rng: {
      a: (rng.b ^ (rng.b >>> 9)) >>> 0,
      b: (rng.c + (rng.c << 3)) >>> 0,
      c: (((rng.c << 21) | (rng.c >>> 11)) + value) >>> 0,
      counter: (rng.counter + 1) >>> 0,
    },
  };
}

/** A whole number in [0, limit). */
export function nextBelow(rng: Rng, limit: number): { readonly value: number; readonly rng: Rng } {
  const drawn = nextUint32(rng);
  return { value: Math.floor((drawn.value / 0x1_0000_0000) * limit), rng: drawn.rng };
}

/** Three that are unlike each other and the given one: each machine of several draws for itself. */
export function splitRng(rng: Rng): readonly [Rng, Rng, Rng, Rng] {
  const other = (n: number): Rng => seedRng([rng.a, rng.b, rng.c, n]);
  return [rng, other(1), other(2), other(3)];
}
