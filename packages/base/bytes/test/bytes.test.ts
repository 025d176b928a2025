import fc from "fast-check";
import { expect, test } from "vitest";
import {
  asciiBytes,
  ByteReader,
  ByteWriter,
  bytesEqual,
  concatBytes,
  fromHex,
  latin1Text,
  toHex,
} from "../src/index.ts";

test("what is written is read back", () => {
  const octets = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(fc.nat(255), fc.nat(65_535), fc.nat(0xffff_ffff), octets, (a, b, c, rest) => {
      const bytes = new ByteWriter(1).uint8(a).uint16(b).uint32(c).put(rest).zeros(3).finish();
      const reader = new ByteReader(bytes);
      expect([reader.uint8(), reader.uint16(), reader.uint32()]).toEqual([a, b, c]);
      expect(reader.take(rest.length)).toEqual(rest);
      reader.skip(3);
      expect(reader.left).toBe(0);
      expect(reader.overrun).toBeUndefined();
    }),
  );
});

test("a read past the end gives zeros, remembers where, and moves nothing", () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3));
  expect(reader.uint16()).toBe(0x0102);
  expect(reader.uint16()).toBe(0);
  expect(reader.take(9)).toHaveLength(0);
  reader.skip(-1);
  expect(reader.overrun).toBe(2);
  expect(reader.at).toBe(2);
});

test("take copies: a reused receive buffer changes no message", () => {
  const buffer = Uint8Array.of(7, 7);
  const taken = new ByteReader(buffer).take(2);
  buffer.fill(0);
  expect(taken).toEqual(Uint8Array.of(7, 7));
});

test("setUint16 patches what was written and nothing else", () => {
  const writer = new ByteWriter().zeros(4);
  expect(writer.setUint16(1, 0xbeef).finish()).toEqual(Uint8Array.of(0, 0xbe, 0xef, 0));
  expect(() => writer.setUint16(3, 1)).toThrow("invariant");
});

test("hexadecimal with separators, and nothing that only looks like it", () => {
  expect(fromHex("de:ad be\nef")).toEqual(Uint8Array.of(0xde, 0xad, 0xbe, 0xef));
  expect(fromHex("abc")).toBeUndefined();
  expect(fromHex("zz")).toBeUndefined();
  expect(toHex(Uint8Array.of(0, 255))).toBe("00ff");
});

test("small helpers", () => {
  expect(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2))).toEqual(
    Uint8Array.of(1, 2),
  );
  expect(bytesEqual(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
  expect(bytesEqual(Uint8Array.of(1, 3), Uint8Array.of(1, 2))).toBe(false);
  expect(latin1Text(asciiBytes("sagem"))).toBe("sagem");
  expect(() => asciiBytes("é")).toThrow("invariant");
});
