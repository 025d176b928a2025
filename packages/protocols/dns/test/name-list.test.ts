import { fromHex, toHex } from "@passerelle/bytes";
import { cutAtEveryByte } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeNameList, encodeNameList, NAME_LIST_MAX, parseName } from "../src/index.ts";
import { name as anyName } from "./arbitrary.ts";

const hex = (text: string): Uint8Array => {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
};

describe("a list of names", () => {
  const list = hex("04 686f6d65 04 61727061 00 03 6c616e 00");
  test("is read and written", () => {
    expect(decodeNameList(list)).toEqual({ ok: true, value: ["home.arpa", "lan"] });
    expect(toHex(encodeNameList(["home.arpa", "lan"]))).toBe(toHex(list));
  });

  test("cut at every octet: accepted only between two names", () => {
    expect(cutAtEveryByte(list, decodeNameList)).toEqual({ threw: [], accepted: [0, 11] });
  });

  test.each([
    ["a pointer backward", `${toHex(list)} 01 61 00 01 61 c010`, "name_compressed", 19],
    ["a pointer to a root", "0a 61616161616161616161 00 c00b", "name_pointer_not_backward", 12],
    [
      "a pointer to a root behind the header",
      "0b 6161616161616161616161 00 c00c",
      "name_compressed",
      13,
    ],
    ["a reserved label type", "41 61", "name_label_type", 0],
    ["no end", "01 61", "name_truncated", 2],
    ["one name too many", "01 61 00".repeat(NAME_LIST_MAX + 1), "names_too_many", 96],
  ])("%s is refused", (_, text, code, at) => {
    expect(decodeNameList(hex(text))).toEqual({ ok: false, error: { code, at } });
  });

  test("zeros at the end are no names", () => {
    expect(decodeNameList(hex("03 6c616e 00 000000"))).toEqual({ ok: true, value: ["lan"] });
  });

  test("comes back, whatever octets are in its labels", () => {
    fc.assert(
      fc.property(fc.array(anyName, { maxLength: 8 }), (names) => {
        const kept = names.filter((name) => (parseName(name)?.length ?? 0) > 1);
        expect(decodeNameList(encodeNameList(names))).toEqual({ ok: true, value: kept });
      }),
    );
  });

  test("a text that is no name throws", () => {
    expect(() => encodeNameList(["a..b"])).toThrow("invariant");
  });
});
