import { readFileSync } from "node:fs";
import { fromHex, toHex } from "@passerelle/bytes";
import type { DecodeError, Result } from "@passerelle/result";
import { describe, expect, it } from "vitest";
import {
  type Attribute,
  decodeInterfaceAddress,
  decodeLink,
  decodeMessages,
  decodeNeighbour,
  decodeRoute,
  decodeRule,
  encodeInterfaceAddress,
  encodeLink,
  encodeNeighbour,
  encodeRoute,
  encodeRule,
} from "../src/index.ts";

interface Codec {
  readonly decode: (bytes: Uint8Array) => Result<{ unknown: readonly Attribute[] }, DecodeError>;
  readonly again: (bytes: Uint8Array) => Uint8Array;
  /** Octets of the fixed header. */
  readonly header: number;
}

const CODECS: Readonly<Record<string, Codec>> = {
  link: codec(decodeLink, encodeLink, 16),
  address: codec(decodeInterfaceAddress, encodeInterfaceAddress, 8),
  route: codec(decodeRoute, encodeRoute, 12),
  neighbour: codec(decodeNeighbour, encodeNeighbour, 12),
  rule: codec(decodeRule, encodeRule, 12),
};

const path = new URL("golden/route-family.txt", import.meta.url);
const lines = readFileSync(path, "utf8").split("\n");
const goldens = lines.flatMap((line) => {
  const [kind = "", hex = ""] = line.split(" ");
  const one = CODECS[kind];
  return one === undefined ? [] : [{ kind, codec: one, bytes: fromHex(hex) ?? new Uint8Array(0) }];
});

describe("what the kernel said", () => {
  it("is all there", () => {
    expect(new Set(goldens.map((one) => one.kind))).toEqual(new Set(Object.keys(CODECS)));
  });

  for (const [i, { kind, codec: one, bytes }] of goldens.entries()) {
    const message = decodeMessages(bytes).messages[0];
    const payload = message?.payload ?? new Uint8Array(0);

    it(`decodes as ever: ${kind} ${i}`, async () => {
      const decoded = one.decode(payload);
      expect(decoded.ok).toBe(true);
      const shown = JSON.stringify(decoded, (_, v) => (v instanceof Uint8Array ? toHex(v) : v), 1);
      await expect(`${shown}\n`).toMatchFileSnapshot(`golden/${kind}-${i}.txt`);
    });

    it(`means the same when it is encoded again: ${kind} ${i}`, () => {
      expect(one.decode(one.again(payload))).toEqual(one.decode(payload));
    });

    it(`is refused or read, never more, when it is cut: ${kind} ${i}`, () => {
      for (let end = 0; end < payload.length; end += 1) {
        const decoded = one.decode(payload.slice(0, end));
        if (end < one.header) expect(decoded.ok).toBe(false);
        if (!decoded.ok) expect(decoded.error.at).toBeLessThanOrEqual(end);
      }
      for (let end = 0; end < bytes.length; end += 1) {
        const cut = decodeMessages(bytes.slice(0, end));
        expect(cut.messages).toEqual([]);
        expect(cut.error === undefined).toBe(end === 0);
      }
    });
  }
});

function codec<T extends { unknown: readonly Attribute[] }>(
  decode: (bytes: Uint8Array) => Result<T, DecodeError>,
  encode: (value: T) => Uint8Array,
  header: number,
): Codec {
  return {
    decode,
    header,
    again(bytes) {
      const decoded = decode(bytes);
      if (!decoded.ok) throw new Error(decoded.error.code);
      return encode(decoded.value);
    },
  };
}
