import { describe, expect, test } from "vitest";
import { fuzz } from "./engine.ts";

const seeds = [Uint8Array.of(1, 2, 3, 4)];

describe("the fuzzer is red for", () => {
  test("a parser that throws on one octet in one place", () => {
    const report = fuzz(
      {
        name: "planted",
        seeds,
        parse: (bytes) => {
          if (bytes[2] === 0xc0) throw new Error("planted");
        },
      },
      2,
      1,
    );
    expect(report.findings[0]?.kind).toBe("threw");
    expect(report.findings[0]?.input.slice(4, 6)).toBe("c0");
  });

  test("a parser that hangs", () => {
    const report = fuzz(
      {
        name: "planted",
        seeds,
        parse: (bytes) => {
          const until = performance.now() + (bytes.length > 6 ? 120 : 0);
          while (performance.now() < until);
        },
      },
      1,
      1,
    );
    expect(report.findings[0]?.kind).toBe("slow");
  });

  test("a parser that keeps what it was given", () => {
    const kept: Uint8Array[] = [];
    const report = fuzz(
      { name: "planted", seeds, parse: (bytes) => kept.push(bytes.slice(), new Uint8Array(256)) },
      1,
      1,
    );
    expect(report.grownBytes).toBeGreaterThan(4_000_000);
  });
});

test("the same seed tells the same story", () => {
  const told = (seed: number): string[] => {
    const heard: string[] = [];
    fuzz(
      { name: "echo", seeds, parse: (bytes) => heard.length < 50 && heard.push(String(bytes)) },
      0.05,
      seed,
    );
    return heard;
  };
  expect(told(7)).toEqual(told(7));
  expect(told(7)).not.toEqual(told(8));
});

test("no seed is refused", () => {
  expect(() => fuzz({ name: "empty", seeds: [], parse: () => undefined }, 1, 1)).toThrow(
    "without seeds",
  );
});
