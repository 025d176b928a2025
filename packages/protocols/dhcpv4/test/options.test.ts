import { asciiBytes, fromHex, latin1Text, toHex } from "@passerelle/bytes";
import { parseCidr4, parseIpv4 } from "@passerelle/net";
import { cutAtEveryByte, fuzzMilliseconds } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeClasslessRoutes,
  decodeDomainSearch,
  decodeRelayAgentInformation,
  decodeSipServers,
  decodeUserClasses,
  decodeVendorBlocks,
  decodeVendorSuboptions,
  encodeClasslessRoutes,
  encodeDomainSearch,
  encodeSipServers,
  encodeUserClasses,
  encodeVendorBlocks,
  encodeVendorSuboptions,
  readClientIdentifier,
  userClassesOf,
  writeClientIdentifier,
} from "../src/index.ts";

const hex = (text: string): Uint8Array => {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
};
const value = <T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

describe("classless routes (RFC 3442)", () => {
  // source: the table of RFC 3442, "DHCP Client Behavior" destination descriptors, router 10.0.0.1.
  const table: readonly (readonly [string, string])[] = [
    ["0.0.0.0/0", "00"],
    ["10.0.0.0/8", "08 0a"],
    ["10.0.0.0/24", "18 0a 00 00"],
    ["10.17.0.0/16", "10 0a 11"],
    ["10.27.129.0/24", "18 0a 1b 81"],
    ["10.229.0.128/25", "19 0a e5 00 80"],
    ["10.198.122.47/32", "20 0a c6 7a 2f"],
  ];
  const router = parseIpv4("10.0.0.1") ?? (0 as never);
  const routes = table.map(([text]) => ({
    destination: parseCidr4(text) ?? (0 as never),
    router,
  }));
  const bytes = hex(table.map(([, descriptor]) => `${descriptor} 0a000001`).join(" "));
  test("reads and writes the table", () => {
    expect(value(decodeClasslessRoutes(bytes))).toEqual(routes);
    expect(toHex(encodeClasslessRoutes(routes))).toBe(toHex(bytes));
  });
  test("cut at every octet: accepted only between two routes", () => {
    const { threw, accepted } = cutAtEveryByte(bytes, decodeClasslessRoutes);
    expect(threw).toEqual([]);
    expect(accepted).toEqual([5, 11, 19, 26, 34, 43]);
  });
  test("refuses a prefix of 33 and zeroes host bits", () => {
    expect(decodeClasslessRoutes(hex("21 0a0a0a0a0a 0a000001")).ok).toBe(false);
    expect(value(decodeClasslessRoutes(hex("0c 0aff 0a000001")))[0]?.destination).toEqual(
      parseCidr4("10.240.0.0/12"),
    );
  });
});

describe("domain search (RFC 3397)", () => {
  // source: the example of RFC 3397 section 2, joined: eng.apple.com., marketing.apple.com.
  const example = hex("03 656e67 05 6170706c65 03 636f6d 00 09 6d61726b6574696e67 c004");
  test("reads and writes the example", () => {
    expect(value(decodeDomainSearch(example))).toEqual(["eng.apple.com", "marketing.apple.com"]);
    expect(toHex(encodeDomainSearch(["eng.apple.com", "marketing.apple.com"]))).toBe(
      toHex(example),
    );
  });
  test.each([
    ["a pointer to itself", "c000", "search_pointer"],
    ["a pointer forward", "c002 0161 00", "search_pointer"],
    ["a loop through a label", "0161 c000", undefined],
    ["a reserved label type", "4161", "search_label"],
    ["a label with a dot", "03 612e62 00", "search_label"],
    ["a name without an end", "0161", "search_truncated"],
  ])("%s", (_, text, code) => {
    const result = decodeDomainSearch(hex(text));
    if (code === undefined) expect(result.ok).toBe(false);
    else expect(result.ok ? "accepted" : result.error.code).toBe(code);
  });
});

describe("client identifier", () => {
  test.each([
    ["ff 22334455 0001 0001 32968508 021122334455", "duid"],
    ["01 021122334455", "ethernet"],
    ["00 61626364", "opaque"],
    ["ff 22334455", "opaque"],
    ["01 0211223344", "opaque"],
  ])("%s is %s and comes back", (text, kind) => {
    const identifier = readClientIdentifier(hex(text));
    expect(identifier.kind).toBe(kind);
    expect(toHex(writeClientIdentifier(identifier))).toBe(toHex(hex(text)));
  });
});

test("user classes with lengths, and bare text", () => {
  const listed = encodeUserClasses([asciiBytes("abc"), asciiBytes("de")]);
  expect(toHex(listed)).toBe("03616263026465");
  expect(userClassesOf(listed).map(latin1Text)).toEqual(["abc", "de"]);
  expect(userClassesOf(asciiBytes("+FSVDSL_stb")).map(latin1Text)).toEqual(["+FSVDSL_stb"]);
  expect(decodeUserClasses(hex("00")).ok).toBe(false);
});

test("relay agent information finds its circuit", () => {
  const read = value(decodeRelayAgentInformation(hex("01 02 6131 02 01 62 09 00")));
  expect(read.circuitId).toEqual(asciiBytes("a1"));
  expect(read.remoteId).toEqual(asciiBytes("b"));
  expect(read.suboptions).toHaveLength(3);
  expect(decodeRelayAgentInformation(hex("01 05 61")).ok).toBe(false);
});

test("SIP servers as names and as addresses", () => {
  const addresses = {
    kind: "addresses",
    addresses: [parseIpv4("192.0.2.1") ?? (0 as never)],
  } as const;
  expect(toHex(encodeSipServers(addresses))).toBe("01c0000201");
  expect(value(decodeSipServers(hex("01c0000201")))).toEqual(addresses);
  const names = { kind: "names", names: ["sip.example.com"] } as const;
  expect(value(decodeSipServers(encodeSipServers(names)))).toEqual(names);
  for (const text of ["", "00", "01c00002", "02c0000201"]) {
    expect(decodeSipServers(hex(text)).ok).toBe(false);
  }
});

test("vendor-identifying information (RFC 3925)", () => {
  const data = encodeVendorSuboptions([
    [4, asciiBytes("001122")],
    [5, asciiBytes("serial")],
  ]);
  const blocks = encodeVendorBlocks([{ enterprise: 3561, data }]);
  expect(toHex(blocks).slice(0, 10)).toBe("00000de910");
  const [block] = value(decodeVendorBlocks(blocks));
  expect(value(decodeVendorSuboptions(block?.data ?? data)).get(5)).toEqual(asciiBytes("serial"));
  expect(decodeVendorBlocks(hex("00000de9 05 01")).ok).toBe(false);
});

test("fuzz: no option decoder throws", () => {
  const decoders = [
    decodeClasslessRoutes,
    decodeDomainSearch,
    decodeRelayAgentInformation,
    decodeSipServers,
    decodeUserClasses,
    decodeVendorBlocks,
    decodeVendorSuboptions,
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      for (const decode of decoders) decode(bytes);
      const identifier = readClientIdentifier(bytes);
      return toHex(writeClientIdentifier(identifier)) === toHex(bytes);
    }),
    { numRuns: 10_000_000, interruptAfterTimeLimit: fuzzMilliseconds() },
  );
});

test("search lists come back", () => {
  const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
  const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
  fc.assert(
    fc.property(fc.array(name, { maxLength: 8 }), (names) => {
      expect(value(decodeDomainSearch(encodeDomainSearch(names)))).toEqual(names);
    }),
  );
});
