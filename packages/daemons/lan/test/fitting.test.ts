import fc from "fast-check";
import { expect, test } from "vitest";
import { fitting } from "../src/core/fitting.ts";

test("keeps what fits, from the front, and never more octets than allowed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ name: fc.string({ unit: "binary", maxLength: 40 }) })),
      fc.nat(600),
      (items, max) => {
        const kept = fitting(items, max);
        expect(kept).toEqual(items.slice(0, kept.length));
        const octets = new TextEncoder().encode(JSON.stringify(kept)).length - 2;
        expect(octets).toBeLessThanOrEqual(Math.max(0, max));
        if (octets === 0) return;
        expect(fitting(items, 10_000_000)).toEqual(items);
      },
    ),
  );
});
