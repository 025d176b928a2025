import { SERIES as CONTRACT_SERIES } from "@passerelle/contract";
import { instant, wallTime } from "@passerelle/time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addReading,
  closePeriod,
  gridOf,
  type Point,
  type Running,
  type SeriesPoint,
  slotOf,
} from "../src/core/ring.ts";
import { FIVES, SECONDS, SERIES, TENS } from "../src/core/series.ts";

const values = (cpu: number | null) => SERIES.map((_, i) => (i === 0 ? cpu : null));
const point = (slot: number, value: number): Point => ({
  slot,
  mean: values(value),
  peak: values(value),
});
const one = (slot: number, value: number): SeriesPoint => ({ slot, mean: value, peak: value });
const now = (second: number, offset = 1_800_000_000_000) => ({
  instant: instant(second * 1000),
  wall: wallTime(second * 1000 + offset),
});

test("the series are the contract's, in its order", () => {
  expect([...SERIES]).toEqual([...CONTRACT_SERIES]);
});

describe("a period", () => {
  test("has the mean and the peak of what was measured; nothing measured is null", () => {
    let running: Running | undefined;
    for (const value of [1, null, 4, 1]) ({ running } = addReading(running, 7, values(value)));
    const next = addReading(running, 8, values(9));
    expect(next.closed?.slot).toBe(7);
    expect(next.closed?.mean[0]).toBe(2);
    expect(next.closed?.peak[0]).toBe(4);
    expect(next.closed?.mean[1]).toBeNull();
    expect(closePeriod(next.running)).toEqual(point(8, 9));
  });
  test("that nobody measured is a gap, not a zero", () => {
    const first = addReading(undefined, 1, values(5));
    const later = addReading(first.running, 4, values(5));
    const grid = gridOf(SECONDS, [{ offsetMs: 0, points: [one(1, 5), one(4, 5)] }], {
      instant: instant(5000),
      wall: wallTime(5000),
    });
    expect(later.closed?.slot).toBe(1);
    expect(grid.mean).toEqual([5, null, null, 5]);
    expect(grid.from).toBe(1000);
  });
});

describe("the grid", () => {
  test("ends with the last whole period and keeps its capacity", () => {
    const points = Array.from({ length: 700 }, (_, slot) => one(slot, slot));
    const grid = gridOf(SECONDS, [{ offsetMs: 0, points }], now(700, 0));
    expect(grid.mean).toHaveLength(600);
    expect(grid.mean[0]).toBe(100);
    expect(grid.mean.at(-1)).toBe(699);
  });
  test("moves with the calendar as a whole: no point is lost or made twice", () => {
    const points = Array.from({ length: 100 }, (_, slot) => one(slot, 1));
    for (const offset of [0, 1_800_000_000_000, 1_800_086_400_000, 2_115_000_000_000]) {
      const grid = gridOf(SECONDS, [{ offsetMs: offset, points }], now(100, offset));
      expect(grid.mean).toEqual(points.map(() => 1));
      expect(grid.from).toBe(offset);
    }
  });
  test("an older boot stands before this one, where the calendar says", () => {
    const before = { offsetMs: 1_000_000, points: [one(90, 1), one(91, 1)] };
    const current = { offsetMs: 1_100_000, points: [one(0, 2), one(1, 2)] };
    const grid = gridOf(SECONDS, [before, current], now(2, 1_100_000));
    expect(grid.mean).toEqual([1, 1, ...Array.from({ length: 8 }, () => null), 2, 2]);
  });
  test("where a wrong calendar lets two boots overlap the newer one is believed", () => {
    const before = { offsetMs: 50_000, points: [one(50, 1), one(51, 1), one(52, 1)] };
    const current = { offsetMs: 100_000, points: [one(0, 2), one(1, 2)] };
    const grid = gridOf(SECONDS, [before, current], now(3, 100_000));
    expect(grid.mean).toEqual([2, 2, 1]);
  });
  test("a boot of 1970 that never learnt the time is out of the picture", () => {
    const lost = { offsetMs: 0, points: [one(5, 1)] };
    const grid = gridOf(SECONDS, [lost], now(10));
    expect(grid).toMatchObject({ mean: [], peak: [] });
  });
});

test("whatever the readings: as many points as periods with a reading, means between the extremes", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({ min: 1, max: 40_000 }),
          fc.double({ min: 0, max: 1e10, noNaN: true }),
        ),
        {
          maxLength: 300,
        },
      ),
      fc.constantFrom(SECONDS, TENS, FIVES),
      (steps, tier) => {
        let running: Running | undefined;
        const closed: Point[] = [];
        const slots = new Set<number>();
        let at = 0;
        for (const [wait, value] of steps) {
          at += wait;
          const slot = slotOf(tier, instant(at));
          slots.add(slot);
          const next = addReading(running, slot, values(value));
          running = next.running;
          if (next.closed !== undefined) closed.push(next.closed);
        }
        expect(closed).toHaveLength(Math.max(0, slots.size - 1));
        for (const { mean, peak } of closed) {
          expect(mean[0] ?? 0).toBeLessThanOrEqual((peak[0] ?? 0) * (1 + 1e-9));
        }
        const order = closed.map(({ slot }) => slot);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      },
    ),
  );
});
