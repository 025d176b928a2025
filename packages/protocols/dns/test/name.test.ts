import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "@passerelle/bytes";
import { parseIpv4, parseIpv6 } from "@passerelle/net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressOfReverse,
  decodeName,
  foldName,
  formatName,
  isWithin,
  labelsOf,
  parseName,
  plainNameEnd,
  reverseName4,
  reverseName6,
  skipName,
  svcbHints,
} from "../src/index.ts";
import { name } from "./arbitrary.ts";

test("text and wire of any name are the same name", () => {
  fc.assert(
    fc.property(name, (text) => {
      const wire = parseName(text);
      expect(wire && formatName(wire)).toBe(text);
      expect(wire && plainNameEnd(wire, 0, wire.length)).toBe(wire?.length);
    }),
  );
});

test.each([
  ["a..b", "an empty label"],
  [".a", "an empty first label"],
  ["x".repeat(64), "a label of 64"],
  [Array(64).fill("abc").join("."), "257 octets"],
  ["a\\25", "half an escape"],
  ["a\\256", "an octet of 256"],
  ["a\\", "a lone backslash"],
  ["é€", "a character that is no octet"],
])("%s is no name: %s", (text) => {
  expect(parseName(text)).toBeUndefined();
});

test("the longest name has 255 octets", () => {
  const longest = `${[..."abc"].map((c) => c.repeat(63)).join(".")}.${"d".repeat(61)}`;
  expect(parseName(longest)?.length).toBe(255);
  expect(parseName(`${longest}.`)?.length).toBe(255);
  expect(parseName(`${longest}d`)).toBeUndefined();
});

describe("compression", () => {
  const at = 14;
  const padded = (hex: string) => fromHex(`${"00".repeat(12)} 0000 ${hex}`) ?? new Uint8Array(0);

  test.each([
    ["c00e", "name_pointer_not_backward", "to itself"],
    ["c010 c00e", "name_pointer_not_backward", "forward"],
    ["0161 c00e", "name_pointer_not_backward", "to the start of its own name"],
    ["c00b", "name_pointer_not_backward", "into the header"],
    ["c0", "name_truncated", "cut"],
    ["41", "name_label_type", "RFC 2673 label"],
    ["80", "name_label_type", "unassigned label"],
    ["0361", "name_truncated", "cut label"],
    ["", "name_truncated", "nothing"],
  ])("%s is refused: %s, %s", (hex, code) => {
    const bytes = padded(hex);
    expect(decodeName(bytes, at)).toMatchObject({ ok: false, error: { code } });
    expect(skipName(bytes, at, bytes.length)).toBeLessThan(0);
  });

  test("a chain of pointers each one step back is followed to its limit and no further", () => {
    const bytes = new Uint8Array(12 + 1 + 2 * 200);
    for (let i = 0; i < 200; i += 1) {
      const here = 13 + 2 * i;
      const target = i === 0 ? 12 : here - 2;
      bytes[here] = 0xc0 | (target >>> 8);
      bytes[here + 1] = target & 0xff;
    }
    expect(decodeName(bytes, 13 + 2 * 126).ok).toBe(true);
    expect(decodeName(bytes, 13 + 2 * 127)).toMatchObject({
      error: { code: "name_pointers_too_many" },
    });
    expect(skipName(bytes, 13 + 2 * 127, bytes.length)).toBeLessThan(0);
  });

  test("pointers cannot make a name longer than 255 octets", () => {
    const label = `3f${"61".repeat(63)}`;
    const bytes = padded(`${label.repeat(3)} 00 ${label} c00e`);
    expect(decodeName(bytes, at + 193)).toMatchObject({ error: { code: "name_too_long" } });
  });

  test("decode and skip agree on any octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(79), (bytes, start) => {
        const decoded = decodeName(bytes, start);
        const skipped = skipName(bytes, start, bytes.length);
        expect(decoded.ok ? decoded.value.next : -1).toBe(decoded.ok ? skipped : -1);
        expect(decoded.ok).toBe(skipped >= 0);
      }),
      { numRuns: 2000 },
    );
  });
});

test("names fold in ASCII only and lie within zones at label borders", () => {
  expect(foldName("NAS.Home.ARPA.")).toBe("nas.home.arpa");
  expect(isWithin("nas.home.arpa", "home.arpa")).toBe(true);
  expect(isWithin("home.arpa", "home.arpa")).toBe(true);
  expect(isWithin("evilhome.arpa", "home.arpa")).toBe(false);
  expect(isWithin("evil\\.home.arpa", "home.arpa")).toBe(false);
  expect(isWithin("anything", ".")).toBe(true);
  expect(labelsOf("a\\.b.c")).toEqual(["a\\.b", "c"]);
});

test("reverse names lead back to their address", () => {
  const four = parseIpv4("192.0.2.10");
  const six = parseIpv6("2001:db8::567:89ab");
  if (four === undefined || six === undefined) throw new Error("addresses");
  expect(reverseName4(four)).toBe("10.2.0.192.in-addr.arpa");
  // source: RFC 3596 section 2.5 has the form; the address of RFC 3596's example is 4321:0:1:2:3:4:567:89ab
  expect(reverseName6(parseIpv6("4321:0:1:2:3:4:567:89ab") ?? six)).toBe(
    "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa",
  );
  expect(addressOfReverse(reverseName4(four))).toBe(four);
  expect(addressOfReverse(reverseName6(six))).toBe(six);
  for (const odd of [
    "2.0.192.in-addr.arpa",
    "010.2.0.192.in-addr.arpa",
    "256.2.0.192.in-addr.arpa",
    "g.ip6.arpa",
    "a.b",
  ]) {
    expect(addressOfReverse(odd)).toBeUndefined();
  }
});

test("hints of an SVCB record (RFC 9460 appendix D.2), and every cut of it", () => {
  const text = readFileSync(join(import.meta.dirname, "golden/rfc9460-d2-ipv6hint.hex"), "utf8");
  const bytes = fromHex(text.replace(/^#.*$/gm, "")) ?? new Uint8Array(0);
  expect(svcbHints(bytes, 0, bytes.length)).toEqual({
    ipv4: [],
    ipv6: ["2001:db8::1", "2001:db8::53:1"],
  });
  for (let cut = 0; cut < bytes.length; cut += 1) {
    const hints = svcbHints(bytes, 0, cut);
    expect(cut === 19 ? hints?.ipv6.length : hints).toBe(cut === 19 ? 0 : undefined);
  }
});
