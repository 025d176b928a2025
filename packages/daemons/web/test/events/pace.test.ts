import { after, instant, milliseconds } from "@passerelle/time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fullBucket, take } from "../../src/core/events/bucket.ts";
import { spoke, unhurried, waitOf } from "../../src/core/events/pace.ts";

describe("a channel", () => {
  test("that was silent speaks at once, then twice a second at most", () => {
    expect(waitOf(unhurried, instant(0))).toBe(undefined);
    const pace = spoke(instant(1000), 100);
    expect(waitOf(pace, instant(1000))).toBe(500);
    expect(waitOf(pace, instant(1499))).toBe(1);
    expect(waitOf(pace, instant(1500))).toBe(undefined);
  });

  test("with much to say speaks less often, but is never silent for long", () => {
    expect(waitOf(spoke(instant(0), 30_000), instant(0))).toBe(1500);
    expect(waitOf(spoke(instant(0), 10_000_000), instant(0))).toBe(3000);
  });
});

test("a bucket never gives more than its burst and its rate", () => {
  const rate = { perSecond: 20, burst: 20 };
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 300 }), (steps) => {
      let now = instant(0);
      let bucket = fullBucket(rate, now);
      let taken = 0;
      for (const step of steps) {
        now = after(now, milliseconds(step));
        const left = take(bucket, rate, now);
        if (left === undefined) continue;
        bucket = left;
        taken += 1;
      }
      expect(taken).toBeLessThanOrEqual(20 + (now / 1000) * 20);
    }),
  );
});
