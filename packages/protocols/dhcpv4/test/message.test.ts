import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asciiBytes, fromHex, latin1Text, toHex } from "@passerelle/bytes";
import { IPV4_ANY, ipv4, type Mac } from "@passerelle/net";
import { cutAtEveryByte, fuzzMilliseconds } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressOption,
  BOOTREPLY,
  BOOTREQUEST,
  chaddrOf,
  clientIdOf,
  type Dhcpv4Message,
  decodeDhcpv4,
  encodeDhcpv4,
  encodeDhcpv4Within,
  hardwareAddressOf,
  hostnameOf,
  MESSAGE_LENGTH_SAFE,
  messageLengthMaxOf,
  messageTypeOf,
  OPTION,
  parameterListOf,
  readClientIdentifier,
  textOption,
  uint8Option,
  vendorClassOf,
} from "../src/index.ts";

const GOLDEN = join(import.meta.dirname, "golden");

function golden(name: string): Uint8Array {
  const text = readFileSync(join(GOLDEN, name), "utf8").replace(/^#.*$/gm, "");
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${name}`);
  return bytes;
}

function decoded(bytes: Uint8Array): Dhcpv4Message {
  const result = decodeDhcpv4(bytes);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function message(parts: Partial<Dhcpv4Message> = {}): Dhcpv4Message {
  return {
    op: BOOTREPLY,
    htype: 1,
    hlen: 6,
    hops: 0,
    xid: 0x12345678,
    secs: 0,
    flags: 0,
    ciaddr: IPV4_ANY,
    yiaddr: ipv4(0xc0a80132),
    siaddr: IPV4_ANY,
    giaddr: IPV4_ANY,
    chaddr: chaddrOf("02:11:22:33:44:55" as Mac),
    sname: new Uint8Array(0),
    file: new Uint8Array(0),
    options: [uint8Option(OPTION.DHCP_MSG_TYPE, 2)],
    ...parts,
  };
}

describe("captured clients", () => {
  test("udhcpc", () => {
    const discover = decoded(golden("discover-udhcpc.hex"));
    expect(discover.op).toBe(BOOTREQUEST);
    expect(hardwareAddressOf(discover)).toBe("02:11:22:33:44:55");
    expect(messageTypeOf(discover)).toBe(1);
    expect(hostnameOf(discover)).toBe("tele");
    expect(vendorClassOf(discover)).toBe("udhcp-test");
    expect(messageLengthMaxOf(discover)).toBe(576 - 28);
    expect(parameterListOf(discover)).toEqual([1, 3, 6, 12, 15, 28, 42]);
    expect(readClientIdentifier(clientIdOf(discover) ?? new Uint8Array(0))).toEqual({
      kind: "ethernet",
      mac: "02:11:22:33:44:55",
    });
  });
  test("dhcpcd has a DUID", () => {
    const discover = decoded(golden("discover-dhcpcd.hex"));
    const identifier = readClientIdentifier(clientIdOf(discover) ?? new Uint8Array(0));
    expect(identifier.kind === "duid" && toHex(identifier.duid)).toBe(
      "0001000132968508021122334455",
    );
    expect(messageLengthMaxOf(discover)).toBe(1472 - 28);
  });
  test.each(readdirSync(GOLDEN))("%s: the same octets come back", (name) => {
    expect(toHex(encodeDhcpv4(decoded(golden(name))))).toBe(toHex(golden(name)));
  });
  test.each(readdirSync(GOLDEN))("%s: cut at every octet", (name) => {
    const bytes = golden(name);
    const { threw, accepted } = cutAtEveryByte(bytes, decodeDhcpv4);
    expect(threw).toEqual([]);
    // Without its end, a message is accepted only where no option is cut.
    const end = bytes.lastIndexOf(255);
    expect(accepted.filter((length) => length < 240)).toEqual([]);
    for (const length of accepted.filter((one) => one <= end)) {
      const codes = decoded(bytes).options.map((option) => option.code);
      const kept = decoded(bytes.slice(0, length)).options.map((option) => option.code);
      expect(codes.slice(0, kept.length)).toEqual(kept);
    }
  });
});

describe("decode", () => {
  const withOptions = (options: string, file = ""): Uint8Array => {
    const bytes = new Uint8Array(240 + options.replace(/\s/g, "").length / 2);
    bytes.set(encodeDhcpv4(message()).subarray(0, 240));
    bytes.set(fromHex(file) ?? [], 108);
    bytes.set(fromHex(options) ?? [], 240);
    return bytes;
  };
  test.each([
    ["an option that overruns", withOptions("3501ff 0c05 6161"), "option_overruns"],
    ["an option without a length", withOptions("350101 0c"), "option_overruns"],
    ["an unknown overload", withOptions("340104 ff"), "overload"],
    ["an empty overload", withOptions("3400 ff"), "overload"],
    ["options in file that overrun", withOptions("340101 ff", "0cff"), "option_overruns"],
    ["too long", new Uint8Array(9001), "message_too_long"],
    ["no cookie", encodeDhcpv4(message()).map((b, i) => (i === 236 ? 0 : b)), "cookie"],
    ["op 3", encodeDhcpv4(message()).map((b, i) => (i === 0 ? 3 : b)), "op"],
    ["hlen 17", encodeDhcpv4(message()).map((b, i) => (i === 2 ? 17 : b)), "hlen"],
  ])("%s is refused", (_, bytes, code) => {
    const result = decodeDhcpv4(bytes);
    expect(result.ok ? "accepted" : result.error.code).toBe(code);
  });
  test("joins the parts of a long option (RFC 3396) across the fields in their order", () => {
    const result = decoded(withOptions("340101 0c0161 350101 0c0162 ff", "0c0163 3c0178 ff"));
    expect(result.options.map((option) => [option.code, latin1Text(option.data)])).toEqual([
      [12, "abc"],
      [53, "\u0001"],
      [60, "x"],
    ]);
    expect(result.file).toHaveLength(0);
  });
  test("a file that holds a name is a name", () => {
    expect(latin1Text(decoded(withOptions("350101 ff", "62 6f 6f 74 00 41")).file)).toBe("boot");
  });
});

describe("encode", () => {
  test("has at least 300 octets, the end, and zeros behind it", () => {
    const bytes = encodeDhcpv4(message());
    expect(bytes).toHaveLength(300);
    expect(toHex(bytes.subarray(240, 246))).toBe("350102ff0000");
  });
  test("splits a long option", () => {
    const data = Uint8Array.from({ length: 600 }, (_, i) => i & 0xff);
    const bytes = encodeDhcpv4(message({ options: [{ code: 125, data }] }));
    expect([bytes[241], bytes[240 + 257 + 1], bytes[240 + 514 + 1]]).toEqual([255, 255, 90]);
    expect(decoded(bytes).options).toEqual([{ code: 125, data }]);
  });
  test("uses file and sname before it drops, and drops what matters least", () => {
    const text = (code: number, length: number) => textOption(code, "x".repeat(length));
    const options = [
      text(15, 200),
      text(43, 120),
      text(66, 60),
      text(67, 90),
      addressOption(OPTION.ROUTER, ipv4(1)),
      addressOption(OPTION.DHCP_SERVER_ID, ipv4(1)),
      uint8Option(OPTION.DHCP_MSG_TYPE, 5),
      { code: 82, data: new Uint8Array(20) },
    ];
    const { bytes, dropped } = encodeDhcpv4Within(message({ options }), MESSAGE_LENGTH_SAFE);
    expect(bytes.length).toBeLessThanOrEqual(MESSAGE_LENGTH_SAFE);
    expect(dropped).toEqual([67]);
    const back = decoded(bytes);
    expect(back.options.map((option) => option.code)).toEqual([15, 66, 3, 54, 53, 82, 43]);
    const { dropped: more } = encodeDhcpv4Within(
      message({ options, file: asciiBytes("boot"), sname: asciiBytes("us") }),
      MESSAGE_LENGTH_SAFE,
    );
    expect(more).toEqual([43, 67]);
  });
  test("refuses codes that are its own", () => {
    expect(() => encodeDhcpv4(message({ options: [uint8Option(52, 1)] }))).toThrow("invariant");
    expect(() => encodeDhcpv4(message({ options: [uint8Option(255, 1)] }))).toThrow("invariant");
  });
});

const anyMessage: fc.Arbitrary<Dhcpv4Message> = fc
  .record({
    op: fc.constantFrom(1, 2),
    htype: fc.nat(255),
    hlen: fc.nat(16),
    hops: fc.nat(255),
    xid: fc.nat(0xffffffff),
    secs: fc.nat(0xffff),
    flags: fc.nat(0xffff),
    ciaddr: fc.nat(0xffffffff).map(ipv4),
    yiaddr: fc.nat(0xffffffff).map(ipv4),
    siaddr: fc.nat(0xffffffff).map(ipv4),
    giaddr: fc.nat(0xffffffff).map(ipv4),
    chaddr: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    sname: fc.uint8Array({ min: 1, maxLength: 64 }),
    file: fc.uint8Array({ min: 1, maxLength: 128 }),
    options: fc.uniqueArray(
      fc.record({
        code: fc.integer({ min: 1, max: 254 }).filter((code) => code !== OPTION.OVERLOAD),
        data: fc.uint8Array({ maxLength: 40 }),
      }),
      { selector: (option) => option.code, maxLength: 20 },
    ),
  })
  .map((parts) => parts);

test("any message comes back as it was", () => {
  fc.assert(
    fc.property(anyMessage, (one) => {
      expect(decoded(encodeDhcpv4(one))).toEqual(one);
    }),
  );
});

test("whatever the limit: the message keeps it, is readable, and what is missing is named", () => {
  fc.assert(
    fc.property(anyMessage, fc.integer({ min: 548, max: 900 }), (one, limit) => {
      const { bytes, dropped } = encodeDhcpv4Within(one, limit);
      expect(bytes.length).toBeLessThanOrEqual(limit);
      const back = decoded(bytes);
      const codes = back.options.map((option) => option.code).concat(dropped);
      expect(codes.sort()).toEqual(one.options.map((option) => option.code).sort());
    }),
  );
});

test("fuzz: no octets make the decoder throw, and what it reads can be written", () => {
  const valid = [...readdirSync(GOLDEN).map(golden)];
  const mutated = fc
    .tuple(
      fc.constantFrom(...valid),
      fc.array(fc.tuple(fc.nat(299), fc.nat(255)), { maxLength: 12 }),
      fc.nat(300),
    )
    .map(([bytes, edits, length]) => {
      const copy = bytes.slice();
      for (const [at, value] of edits) copy[at] = value;
      return copy.slice(0, length < 200 ? copy.length : length);
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 400 })), (bytes) => {
      const result = decodeDhcpv4(bytes);
      if (!result.ok) return result.error.at >= 0 && result.error.at <= bytes.length;
      return encodeDhcpv4Within(result.value, 1472).bytes.length <= 1472;
    }),
    { numRuns: 10_000_000, interruptAfterTimeLimit: fuzzMilliseconds() },
  );
});
