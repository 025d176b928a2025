import { createHash } from "node:crypto";
import { asciiBytes, toHex } from "@passerelle/bytes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { md5 } from "../src/index.ts";

// source: RFC 1321 appendix A.5
const SUITE: readonly (readonly [string, string])[] = [
  ["", "d41d8cd98f00b204e9800998ecf8427e"],
  ["a", "0cc175b9c0f1b6a831c399e269772661"],
  ["abc", "900150983cd24fb0d6963f7d28e17f72"],
  ["message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
  ["abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"],
  [
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "d174ab98d277d9f5a5611c2c9f419d9f",
  ],
  [
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
    "57edf4a22be3c955ac49da2e2107b67a",
  ],
];

describe("md5", () => {
  it.each(SUITE)("RFC 1321 test suite: %j", (text, digest) => {
    expect(toHex(md5(asciiBytes(text)))).toBe(digest);
  });

  it("agrees with another implementation at every length around a block", () => {
    for (let length = 0; length <= 200; length += 1) {
      const message = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);
      expect(toHex(md5(message))).toBe(createHash("md5").update(message).digest("hex"));
    }
  });

  it("agrees with another implementation for any octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (message) => {
        expect(toHex(md5(message))).toBe(createHash("md5").update(message).digest("hex"));
      }),
    );
  });
});
