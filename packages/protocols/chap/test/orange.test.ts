import { createHash } from "node:crypto";
import { asciiBytes, toHex } from "@passerelle/bytes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeAttributes,
  encodeAttribute,
  ORANGE_LOGIN_MAX,
  orangeAuthentication,
  RadiusAttributeType,
} from "../src/index.ts";

const HEADER = `${"00".repeat(11)}1a0900000558010341`;

describe("Orange authentication", () => {
  // source: published vector of Hequin0x/livebox-bypass-cli, recomputed (operators.md 3.3 vector 1)
  it("gives vector 1", () => {
    const option = orangeAuthentication({
      login: "fti/xxxxxxx",
      password: "xxxxxxx",
      challenge: asciiBytes("4682b8985d10791c"),
      identifier: 0x34,
    });
    expect(toHex(option)).toBe(
      `${HEADER}010d6674692f78787878787878` +
        "3c1234363832623839383564313037393163" +
        "031334b5a294fbaeb7680c04e738e9b349f33f",
    );
    expect(option.length).toBe(70);
  });

  // source: published vector, password recovered and digest matched (operators.md 3.3 vector 2)
  it("gives vector 2, whose login is shorter", () => {
    const option = orangeAuthentication({
      login: "fti/login",
      password: "password",
      challenge: asciiBytes("1234567890123456"),
      identifier: 0x41,
    });
    expect(toHex(option)).toBe(
      `${HEADER}010b6674692f6c6f67696e` +
        "3c1231323334353637383930313233343536" +
        "0313416324d17241350c0c74f222e3e7cdc13c",
    );
  });

  it("keeps its structure for any login, password, challenge and identifier", () => {
    const ascii = (min: number, max: number) =>
      fc.string({ unit: "grapheme-ascii", minLength: min, maxLength: max });
    fc.assert(
      fc.property(
        ascii(1, ORANGE_LOGIN_MAX),
        ascii(0, 100),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.integer({ min: 0, max: 255 }),
        (login, password, challenge, identifier) => {
          const option = orangeAuthentication({ login, password, challenge, identifier });
          expect(option.length).toBeLessThanOrEqual(255);
          const decoded = decodeAttributes(option.subarray(11));
          if (!decoded.ok) throw new Error(decoded.error.code);
          const [vendor, user, salt, chap] = decoded.value;
          expect(decoded.value.length).toBe(4);
          expect(toHex(vendor?.value ?? new Uint8Array())).toBe("00000558010341");
          expect(user).toEqual({ type: RadiusAttributeType.userName, value: asciiBytes(login) });
          expect(salt).toEqual({ type: RadiusAttributeType.chapChallenge, value: challenge });
          const digest = createHash("md5")
            .update(Uint8Array.of(identifier))
            .update(password, "latin1")
            .update(challenge)
            .digest("hex");
          expect(toHex(chap?.value ?? new Uint8Array())).toBe(
            identifier.toString(16).padStart(2, "0") + digest,
          );
        },
      ),
    );
  });

  it("refuses a challenge that is not 16 octets: ours is the mistake", () => {
    expect(() =>
      orangeAuthentication({
        login: "a",
        password: "b",
        challenge: new Uint8Array(15),
        identifier: 0,
      }),
    ).toThrow("16 octets");
  });
});

describe("RADIUS attributes", () => {
  it("are read only whole: every cut inside one is told", () => {
    const chain = encodeAttribute({ type: 60, value: new Uint8Array(5) });
    for (let length = 1; length < chain.length; length += 1) {
      expect(decodeAttributes(chain.subarray(0, length)).ok).toBe(false);
    }
    expect(decodeAttributes(Uint8Array.of(1, 1))).toEqual({
      ok: false,
      error: { code: "attribute_too_short", at: 1 },
    });
  });

  it("survive any octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const decoded = decodeAttributes(bytes);
        if (decoded.ok) {
          const length = decoded.value.reduce((sum, one) => sum + one.value.length + 2, 0);
          expect(length).toBe(bytes.length);
        }
      }),
    );
  });
});
