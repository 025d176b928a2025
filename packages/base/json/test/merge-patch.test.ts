import { expect, test } from "vitest";
import { isSameJson, mergePatch } from "../src/index.ts";

/** RFC 7396, appendix A. */
test.each<[unknown, unknown, unknown]>([
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])("%j patched with %j", (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result);
});

test("what did not change is the same object, and the old value stays as it was", () => {
  const before = { kept: { a: 1 }, changed: { b: 1 } };
  const after = mergePatch(before, { changed: { b: 2 } }) as typeof before;
  expect(after.kept).toBe(before.kept);
  expect(before.changed.b).toBe(1);
});

test("a patch reaches no prototype", () => {
  const after = mergePatch({}, JSON.parse('{"__proto__":{"evil":1},"constructor":{"x":1}}'));
  expect(Object.getPrototypeOf(after)).toBe(Object.prototype);
  expect(Object.hasOwn({}, "evil")).toBe(false);
  expect(({} as Record<string, unknown>).evil).toBeUndefined();
});

test.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [[1, 2], [2, 1], false],
  [{ a: undefined }, { b: undefined }, false],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{}, [], false],
  [null, {}, false],
  [1, "1", false],
])("%j and %j", (a, b, same) => {
  expect(isSameJson(a, b)).toBe(same);
  expect(isSameJson(b, a)).toBe(same);
});
