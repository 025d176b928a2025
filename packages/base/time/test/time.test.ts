import { expect, test } from "vitest";
import {
  after,
  earliest,
  elapsed,
  hours,
  instant,
  isDue,
  longer,
  milliseconds,
  minutes,
  remaining,
  seconds,
  shorter,
  toWholeSeconds,
} from "../src/index.ts";

test("durations of every unit are the same length", () => {
  expect(hours(1)).toBe(minutes(60));
  expect(minutes(1)).toBe(seconds(60));
  expect(seconds(1)).toBe(milliseconds(1000));
  expect(toWholeSeconds(milliseconds(1999))).toBe(1);
});

test("time runs forward, and who says otherwise is stopped", () => {
  expect(elapsed(instant(5), instant(8))).toBe(3);
  expect(() => elapsed(instant(8), instant(5))).toThrow("time runs forward");
  expect(() => elapsed(instant(Number.NaN), instant(5))).toThrow("time runs forward");
});

test("deadlines", () => {
  const noon = instant(100);
  expect(after(noon, seconds(1))).toBe(1100);
  expect(earliest(undefined, instant(7), instant(3), undefined)).toBe(3);
  expect(earliest(undefined)).toBeUndefined();
  expect(isDue(noon, instant(99))).toBe(false);
  expect(isDue(noon, noon)).toBe(true);
  expect(isDue(undefined, noon)).toBe(false);
  expect(remaining(instant(200), noon)).toBe(0);
  expect([shorter(seconds(1), seconds(2)), longer(seconds(1), seconds(2))]).toEqual([1000, 2000]);
});
