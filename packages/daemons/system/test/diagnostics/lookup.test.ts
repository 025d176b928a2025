import { asciiBytes, concatBytes, fromHex } from "@passerelle/bytes";
import {
  type DnsMessage,
  decodeMessage,
  encodeMessage,
  type RecordData,
  RecordType,
} from "@passerelle/dns";
import { type Ipv4, type Ipv6, ipv4, parseIpv4, parseIpv6 } from "@passerelle/net";
import { fuzzMilliseconds } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeQuestion, LOOKUP_TYPES, readAnswer } from "../../src/core/diagnostics/question.ts";
import {
  dataText,
  RECORDS_SHOWN,
  rcodeName,
  recordLines,
} from "../../src/core/diagnostics/records.ts";
import { refusalText } from "../../src/core/diagnostics/refusal.ts";
import { requestFault } from "../../src/core/diagnostics/request.ts";
import {
  isOneMachine,
  qualify,
  readTarget,
  reverseName,
} from "../../src/core/diagnostics/target.ts";

const v4 = (text: string): Ipv4 => parseIpv4(text) ?? fail(text);
const v6 = (text: string): Ipv6 => parseIpv6(text) ?? fail(text);
const fail = (text: string): never => {
  throw new Error(text);
};

describe("targets", () => {
  test.each([
    ["example.org", { kind: "name", name: "example.org" }],
    ["example.org.", { kind: "name", name: "example.org" }],
    ["stb", { kind: "name", name: "stb" }],
    ["_sip._udp.example.org", { kind: "name", name: "_sip._udp.example.org" }],
    ["192.0.2.1", { kind: "address", address: v4("192.0.2.1") }],
    ["2001:DB8::1", { kind: "address", address: "2001:db8::1" }],
  ])("%s is read", (text, target) => {
    expect(readTarget(text)).toEqual(target);
  });
  // S-18: what a shell, an option parser or a path would take for something else.
  test.each([
    "-f",
    "-f/etc/passwd",
    "--help",
    ";id",
    "$(id)",
    "`id`",
    "a|b",
    "a b",
    "a\nb",
    "a\u0000b",
    "../../etc/passwd",
    "example.org/",
    "exämple.org",
    "例え.jp",
    "\u202egro.elpmaxe",
    "",
    ".",
    "..",
    "a..b",
    "a:b",
    "1:2:3",
    "fe80::1%wan0",
    "x".repeat(64),
    "x".repeat(65_536),
    `${"a.".repeat(127)}a`,
  ])("%j is refused", (text) => {
    expect(readTarget(text)).toBeUndefined();
    expect(requestFault({ kind: "ping", target: text, count: 1 })?.code).toBe("diagnosis_invalid");
    expect(requestFault({ kind: "trace", target: text })?.code).toBe("diagnosis_invalid");
  });
  test("nothing that is read starts like an option or has a character of a shell", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const target = readTarget(text);
        if (target?.kind === "name") expect(target.name).toMatch(/^[a-zA-Z0-9_.][a-zA-Z0-9_.-]*$/);
      }),
    );
  });
  test.each([
    ["224.0.0.1", false],
    ["255.255.255.255", false],
    ["0.0.0.0", false],
    ["127.0.0.1", true],
    ["192.168.1.1", true],
    ["ff02::1", false],
    ["fe80::1", false],
    ["::", false],
    ["::1", true],
    ["2001:db8::1", true],
  ])("%s is one machine: %s", (text, expected) => {
    expect(isOneMachine(parseIpv4(text) ?? v6(text))).toBe(expected);
  });
  test("names of the home need no domain", () => {
    expect([
      qualify("stb", "home.arpa"),
      qualify("a.b", "home.arpa"),
      qualify("x", undefined),
    ]).toEqual(["stb.home.arpa", "a.b", "x"]);
  });
  test("of an address only the name is looked up, and resolvers are one machine", () => {
    const ask = (target: string, type: "A" | "PTR", resolver?: string) =>
      requestFault({
        kind: "dns_lookup",
        target,
        type,
        ...(resolver === undefined ? {} : { resolver }),
      })?.code;
    expect([ask("192.0.2.1", "PTR"), ask("example.org", "A", "192.0.2.53")]).toEqual([
      undefined,
      undefined,
    ]);
    expect([
      ask("192.0.2.1", "A"),
      ask("example.org", "A", "ns.example"),
      ask("example.org", "A", "224.0.0.1"),
    ]).toEqual(["diagnosis_invalid", "diagnosis_invalid", "diagnosis_invalid"]);
    expect(reverseName(v4("192.0.2.1"))).toBe("1.2.0.192.in-addr.arpa");
  });
  test("nobody and everybody is not woken", () => {
    for (const mac of ["ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:00:5e:00:00:01", "x"]) {
      expect(requestFault({ kind: "wake", mac })?.code).toBe("diagnosis_invalid");
    }
  });
});

describe("records", () => {
  test.each<readonly [number, RecordData, string]>([
    [RecordType.A, { kind: "a", address: v4("192.0.2.1") }, "192.0.2.1"],
    [RecordType.AAAA, { kind: "aaaa", address: v6("2001:db8::1") }, "2001:db8::1"],
    [RecordType.CNAME, { kind: "name", target: "www.example" }, "www.example"],
    [RecordType.MX, { kind: "mx", preference: 10, exchange: "mail.example" }, "10 mail.example"],
    [
      RecordType.SRV,
      { kind: "srv", priority: 1, weight: 2, port: 5060, target: "sip.example" },
      "1 2 5060 sip.example",
    ],
    [
      RecordType.TXT,
      { kind: "txt", strings: [asciiBytes('say "hi" \\'), Uint8Array.of(0x1b, 0xe9, 0x0a)] },
      '"say \\"hi\\" \\\\" "\\027\\233\\010"',
    ],
    [
      RecordType.SOA,
      {
        kind: "soa",
        mname: "ns.example",
        rname: "me.example",
        serial: 1,
        refresh: 2,
        retry: 3,
        expire: 4,
        minimum: 5,
      },
      "ns.example me.example 1 2 3 4 5",
    ],
    [65_280, { kind: "raw", bytes: Uint8Array.of(10, 0, 0, 1) }, "\\# 4 0a000001"],
    [65_280, { kind: "raw", bytes: new Uint8Array(0) }, "\\# 0"],
    [
      RecordType.HTTPS,
      {
        kind: "raw",
        bytes: concatBytes(
          // Priority 1, target ".", alpn h2 and h3, port 8443, one hint of each family, an unknown key.
          fromHex("0001 00 0001 0006 02 6832 02 6833 0003 0002 20fb 0004 0004 c0000201") ??
            fail("hex"),
          fromHex("0006 0010 20010db8000000000000000000000001 ff00 0002 beef") ?? fail("hex"),
        ),
      },
      '1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1 key65280=beef',
    ],
    [
      RecordType.HTTPS,
      { kind: "raw", bytes: fromHex("0001 00 0001 00ff 02") ?? fail("hex") },
      "\\# 8 000100000100ff02",
    ],
  ])("type %s is shown as zone files do", (type, data, text) => {
    expect(dataText(type, data)).toBe(text);
  });

  test("of thousands of records some are shown, and how many more there are", () => {
    const record = { name: "big.example", type: 1, class: 1, ttlSeconds: 60 };
    const answers = Array.from({ length: 500 }, (_, i) => ({
      ...record,
      data: { kind: "a", address: ipv4(i) } as const,
    }));
    const lines = recordLines({ ...empty(), answers });
    expect(lines).toHaveLength(RECORDS_SHOWN + 1);
    expect(lines[0]).toEqual({ name: "big.example", ttl: 60, text: "A 0.0.0.0" });
    expect(lines.at(-1)).toEqual({ text: `+ ${500 - RECORDS_SHOWN}` });
  });

  test("fuzz: whatever an answer says, what is shown is short and printable", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(LOOKUP_TYPES), 64, 999),
        fc.uint8Array({ maxLength: 120 }),
        (type, rdata) => {
          const head =
            fromHex("0001 8180 0001 0001 0000 0000 0161 00 0001 0001 c00c") ?? fail("hex");
          const bytes = concatBytes(
            head,
            Uint8Array.of(type >>> 8, type & 0xff, 0, 1, 0, 0, 0, 9, 0, rdata.length),
            rdata,
          );
          const decoded = decodeMessage(bytes);
          if (!decoded.ok) return;
          for (const { text = "", name = "" } of recordLines(decoded.value)) {
            expect(text.length).toBeLessThanOrEqual(512);
            expect(text + name).toMatch(/^[\x20-\x7e]*$/);
          }
        },
      ),
      { numRuns: 100_000, interruptAfterTimeLimit: fuzzMilliseconds() },
    );
  });
});

function empty(): DnsMessage {
  const decoded = decodeMessage(encodeQuestion({ id: 7, name: "a.example", type: 1 }));
  if (!decoded.ok) throw new Error(decoded.error.code);
  return decoded.value;
}

describe("an answer", () => {
  const asked = { id: 7, name: "A.example", type: RecordType.A };
  const answer = (change: Partial<DnsMessage["header"]> = {}, questions = empty().questions) =>
    encodeMessage({
      ...empty(),
      questions,
      header: { ...empty().header, response: true, ...change },
    });

  test("is to our question, whatever its case", () => {
    expect(readAnswer(answer(), asked)?.header.id).toBe(7);
  });
  test.each([
    ["a question", answer({ response: false })],
    ["another's", answer({ id: 8 })],
    ["about another name", answer({}, [{ name: "b.example", type: 1, class: 1 }])],
    ["about another type", answer({}, [{ name: "a.example", type: 28, class: 1 }])],
    ["about nothing", answer({}, [])],
    ["octets", Uint8Array.of(1, 2, 3)],
  ])("is not %s", (_, bytes) => {
    expect(readAnswer(bytes, asked)).toBeUndefined();
  });
  test("may leave out what it could not read", () => {
    expect(readAnswer(answer({ rcode: 1 }, []), asked)?.header.rcode).toBe(1);
  });
  test("is named by its code", () => {
    const named = (rcode: number) =>
      rcodeName({ ...empty(), header: { ...empty().header, rcode } });
    expect([named(0), named(2), named(3), named(5), named(9)]).toEqual([
      "NOERROR",
      "SERVFAIL",
      "NXDOMAIN",
      "REFUSED",
      "RCODE9",
    ]);
  });
});

test("why a packet did not arrive has words", () => {
  const error = { kind: "unreachable", parameter: 0, original: new Uint8Array(0) } as const;
  expect([
    refusalText(4, { ...error, code: 1 }),
    refusalText(6, { ...error, code: 4 }),
    refusalText(4, { ...error, code: 200 }),
    refusalText(6, { ...error, kind: "packet_too_big", code: 0, parameter: 1280 }),
    refusalText(4, { ...error, kind: "parameter_problem", code: 0 }),
    refusalText(4, { ...error, kind: "time_exceeded", code: 1 }),
  ]).toEqual([
    "host unreachable",
    "port unreachable",
    "unreachable, code 200",
    "packet too big, MTU 1280",
    "parameter problem",
    "time exceeded",
  ]);
});
