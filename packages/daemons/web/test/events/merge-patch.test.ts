import { mergePatch } from "@passerelle/json";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differenceOf } from "../../src/core/events/merge-patch.ts";

/** Documents with few keys, so that two of them have something in common. */
const { document } = fc.letrec<{ document: unknown }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, 1, "a", "b"),
    fc.array(tie("document"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), tie("document"), { maxKeys: 4 }),
  ),
}));

/** What a client holds after it was told. */
function follow(before: unknown, after: unknown): unknown {
  const difference = differenceOf(before, after);
  switch (difference.kind) {
    case "same":
      return before;
    case "patch":
      // As it comes over the wire.
      return mergePatch(before, JSON.parse(JSON.stringify(difference.patch)));
    case "whole":
      return after;
  }
}

describe("a difference", () => {
  test("leads from any document to any other", () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        expect(JSON.stringify(sorted(follow(before, after)))).toBe(JSON.stringify(sorted(after)));
      }),
      { numRuns: 3000 },
    );
  });

  test("of two objects without null is a patch, and of two same ones nothing", () => {
    const plain = document.filter((one) => !JSON.stringify(one).includes("null"));
    const objects = fc.dictionary(fc.constantFrom("a", "b", "c"), plain, { maxKeys: 3 });
    fc.assert(
      fc.property(objects, objects, (before, after) => {
        const same = JSON.stringify(sorted(before)) === JSON.stringify(sorted(after));
        expect(differenceOf(before, after).kind).toBe(same ? "same" : "patch");
      }),
    );
  });

  test("says only what changed", () => {
    const before = { line: { kind: "up", since: 1, gone: true }, list: [1, 2], other: { deep: 1 } };
    const after = { line: { kind: "down", since: 1 }, list: [1, 3], other: { deep: 1 } };
    expect(differenceOf(before, after)).toEqual({
      kind: "patch",
      patch: { line: { kind: "down", gone: null }, list: [1, 3] },
    });
  });

  test("gives up where null is a value, but not inside a list", () => {
    expect(differenceOf({ a: 1 }, { a: null }).kind).toBe("whole");
    expect(differenceOf({}, { a: { b: { c: null } } }).kind).toBe("whole");
    expect(differenceOf({ a: { b: 1 } }, { a: { b: null } }).kind).toBe("whole");
    expect(differenceOf({}, { a: [null, { b: null }] })).toEqual({
      kind: "patch",
      patch: { a: [null, { b: null }] },
    });
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  // Not a bare list: an object without members is no list without items.
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, sorted(item)]);
  return { members };
}
