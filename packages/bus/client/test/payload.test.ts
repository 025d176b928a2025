import fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { decodePayload, encodePayload, JSON_DEPTH_MAX, PAYLOAD_BYTES_MAX } from "../src/payload.ts";

const anything = v.unknown();
const bytes = (text: string) => new TextEncoder().encode(text);

test("depth is limited where it is, and brackets inside strings are none", () => {
  const nested = (depth: number) => bytes(`${"[".repeat(depth)}${"]".repeat(depth)}`);
  expect(decodePayload(nested(JSON_DEPTH_MAX), anything).ok).toBe(true);
  expect(decodePayload(nested(JSON_DEPTH_MAX + 1), anything)).toMatchObject({ ok: false });
  const text = { text: `\\"${"[{".repeat(100)}\\` };
  expect(decodePayload(bytes(JSON.stringify(text)), anything)).toEqual({ ok: true, value: text });
});

test("size is limited on the way in and on the way out", () => {
  const fits = "x".repeat(PAYLOAD_BYTES_MAX - 2);
  const encoded = encodePayload(fits);
  expect(encoded?.length).toBe(PAYLOAD_BYTES_MAX);
  expect(encoded && decodePayload(encoded, anything).ok).toBe(true);
  expect(encodePayload(`${fits}x`)).toBeUndefined();
  expect(decodePayload(bytes(JSON.stringify(`${fits}x`)), anything).ok).toBe(false);
});

test("octets that are no UTF-8 are refused, not repaired", () => {
  expect(decodePayload(Uint8Array.of(0x22, 0xff, 0x22), anything).ok).toBe(false);
});

test("a complaint names keys and types, never values", () => {
  const schema = v.strictObject({ password: v.pipe(v.string(), v.minLength(8)) });
  const refused = decodePayload(bytes('{"password":"canary"}'), schema);
  expect(refused.ok).toBe(false);
  expect(JSON.stringify(refused)).not.toContain("canary");
  expect(JSON.stringify(refused)).toContain("password");
});

test("fuzz: no octets throw, and what was encoded is decoded", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      decodePayload(octets, anything);
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const encoded = encodePayload(value);
      const decoded = encoded && decodePayload(encoded, anything);
      // JSON has one zero and no undefined: compare as JSON does.
      expect(decoded?.ok && JSON.stringify(decoded.value)).toBe(JSON.stringify(value));
    }),
  );
});
