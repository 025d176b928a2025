import { expect, test } from "vitest";
import { bytesText, durationText, numberText, rateText, timeText } from "../src/format.ts";

test.each([
  [0, "0 s"],
  [59_400, "59 s"],
  [60_000, "1 min"],
  [3_660_000, "1 h 1 min"],
  [90_000_000, "1 d 1 h"],
  [-5, "0 s"],
])("%i ms last %s", (ms, text) => {
  expect(durationText(ms, "en")).toBe(text);
});

test("numbers are written as each language writes them, and nothing is less than nothing", () => {
  expect(durationText(90_000_000, "fr")).toBe("1 j 1 h");
  expect([bytesText(999, "en"), bytesText(1500, "fr"), bytesText(123_456_789, "en")]).toEqual([
    "999 B",
    "1,5 ko",
    "123 MB",
  ]);
  expect([rateText(12_345_678, "fr"), rateText(9e15, "en")]).toEqual([
    "12,3 Mbit/s",
    "9000000 Gbit/s",
  ]);
  expect([numberText(-0.01, "en"), numberText(-0.4, "en", 0), numberText(-1.25, "fr")]).toEqual([
    "0.0",
    "0",
    "-1,3",
  ]);
});

test("a nonsense time is no crash", () => {
  expect(timeText(Number.MAX_VALUE)).toBe("?");
  expect(timeText(Number.NaN)).toBe("?");
});
