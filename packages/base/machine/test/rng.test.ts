import { expect, test } from "vitest";
import { ignored, nextBelow, nextUint32, seedRng } from "../src/index.ts";

test("the same seed tells the same story, another seed another", () => {
  const draw = (seed: number): number[] => {
    let rng = seedRng([seed, 2, 3, 4]);
    return Array.from({ length: 5 }, () => {
      const drawn = nextUint32(rng);
      rng = drawn.rng;
      return drawn.value;
    });
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test("nextBelow stays below and reaches every value evenly", () => {
  let rng = seedRng([9, 9, 9, 9]);
  const seen = new Array<number>(6).fill(0);
  for (let i = 0; i < 6000; i += 1) {
    const drawn = nextBelow(rng, 6);
    rng = drawn.rng;
    seen[drawn.value] = (seen[drawn.value] ?? 0) + 1;
  }
  expect(seen).toHaveLength(6);
  for (const times of seen) expect(Math.abs(times - 1000)).toBeLessThan(150);
});

test("ignored keeps the very same state and asks for nothing", () => {
  const state = { kind: "idle" };
  expect(ignored(state)).toEqual({ state, effects: [] });
  expect(ignored(state).state).toBe(state);
});
