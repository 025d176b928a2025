import { isJsonObject, mergePatch } from "@passerelle/json";
import fc from "fast-check";
import { expect, test } from "vitest";
import { patchBetween } from "../src/merge-patch.ts";
import { parsePath, valueAt, without, withValueAt } from "../src/pointer.ts";
import { EventStreamReader } from "../src/sse.ts";

/** Without null, which a merge patch can't set. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.boolean(),
    fc.string({ maxLength: 4 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__", "x/y", "~"), tie("value"), {
      maxKeys: 4,
    }),
  ),
}));
const object = json.value.filter(isJsonObject);

test("the patch between two values leads from the one to the other, and is empty between equals", () => {
  fc.assert(
    fc.property(object, object, (before, after) => {
      expect(mergePatch(before, patchBetween(before, after))).toEqual(after);
      expect(patchBetween(before, structuredClone(before))).toEqual({});
    }),
  );
});

test("what is set is there, the rest stays, and the value that was is not changed", () => {
  fc.assert(
    fc.property(
      object,
      fc.array(fc.constantFrom("a", "b", "0", "-"), { minLength: 1, maxLength: 3 }),
      (value, tokens) => {
        const copy = structuredClone(value);
        const next = withValueAt(value, tokens, 42);
        if (next !== undefined && !tokens.includes("-"))
          expect(valueAt(next.value, tokens)).toBe(42);
        without(value, tokens);
        expect(value).toEqual(copy);
      },
    ),
  );
});

test("what was taken away is not there; nothing can be taken twice", () => {
  expect(without({ a: { b: 1, c: 2 } }, ["a", "b"])).toEqual({ value: { a: { c: 2 } } });
  expect(without({ a: [1, 2, 3] }, ["a", "1"])).toEqual({ value: { a: [1, 3] } });
  expect(without({ a: 1 }, ["b"])).toBeUndefined();
  expect(without({ a: 1 }, [])).toBeUndefined();
});

test("a path is a section and the tokens of RFC 6901", () => {
  expect(parsePath("lan/a~1b/c~0d/0")).toEqual({ section: "lan", tokens: ["a/b", "c~d", "0"] });
  expect(parsePath("/lan/")).toEqual({ section: "lan", tokens: [] });
});

test("server-sent events come out the same, cut at every octet and with every end of line", () => {
  const events = ['{"a":"é\u{1f3e0}"}', "two\nlines", ""];
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = `: hello${end}retry: 1${end}${end}${events
      .map(
        (data) =>
          `id: 1${end}event: x${end}${data
            .split("\n")
            .map((line) => `data: ${line}${end}`)
            .join("")}${end}`,
      )
      .join("")}: bye${end}`;
    const bytes = new TextEncoder().encode(text);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const reader = new EventStreamReader();
      expect([...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))]).toEqual(
        events,
      );
    }
    const reader = new EventStreamReader();
    expect([...bytes].flatMap((byte) => reader.push(new Uint8Array([byte])))).toEqual(events);
  }
});

test("an event without end is refused, whether in one line or in many", () => {
  const megabyte = new TextEncoder().encode("x".repeat(1024 * 1024));
  const long = new EventStreamReader();
  const push = (reader: EventStreamReader, bytes: Uint8Array): void => {
    for (let n = 0; n < 20; n += 1) reader.push(bytes);
  };
  expect(() => push(long, megabyte)).toThrow(RangeError);
  const many = new EventStreamReader();
  expect(() => push(many, new TextEncoder().encode(`data: ${"x".repeat(1024 * 1024)}\n`))).toThrow(
    RangeError,
  );
});
