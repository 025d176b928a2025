import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "@passerelle/bytes";
import { decodeIpv4, internetChecksum } from "@passerelle/ether";
import { type Ipv6, ipv6FromBytes, parseIpv4, parseIpv6 } from "@passerelle/net";
import type { DecodeError, Result } from "@passerelle/result";
import { cutAtEveryByte, fuzzMilliseconds } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeIcmpv4,
  decodeIcmpv6,
  encodeIcmpv4,
  encodeIcmpv6,
  type IcmpMessage,
  type Icmpv6Ends,
  readQuoted,
  readQuotedEcho,
  UNREACHABLE,
  UNREACHABLE6,
} from "../src/index.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const NAMES = readdirSync(GOLDEN);

/** One recorded message with the codec that reads it. */
interface Recorded {
  readonly bytes: Uint8Array;
  readonly decode: (bytes: Uint8Array) => Result<IcmpMessage, DecodeError>;
  readonly encode: (message: IcmpMessage) => Uint8Array;
}

function recorded(name: string): Recorded {
  const text = readFileSync(join(GOLDEN, name), "utf8").replace(/^#.*$/gm, "");
  const packet = must(fromHex(text));
  if (name.startsWith("v4-")) {
    const ip = decodeIpv4(packet);
    if (!ip.ok) throw new Error(ip.error.code);
    return { bytes: ip.value.payload, decode: decodeIcmpv4, encode: encodeIcmpv4 };
  }
  const ends: Icmpv6Ends = {
    source: must(ipv6FromBytes(packet, 8)),
    destination: must(ipv6FromBytes(packet, 24)),
  };
  return {
    bytes: packet.slice(40),
    decode: (bytes) => decodeIcmpv6(bytes, ends),
    encode: (message) => encodeIcmpv6(message, ends),
  };
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("not what it was said to be");
  return value;
}

function read(name: string): IcmpMessage {
  const { bytes, decode } = recorded(name);
  const decoded = decode(bytes);
  if (!decoded.ok) throw new Error(`${name}: ${decoded.error.code} at ${decoded.error.at}`);
  return decoded.value;
}

describe("what Linux said", () => {
  test.each([
    ["v4-echo-request.hex", { kind: "echo_request", code: 0, identifier: 12_604, sequence: 1 }],
    ["v4-echo-reply.hex", { kind: "echo_reply", code: 0, identifier: 12_604, sequence: 1 }],
    ["v6-echo-request.hex", { kind: "echo_request", code: 0, identifier: 12_605, sequence: 1 }],
    ["v6-echo-reply.hex", { kind: "echo_reply", code: 0, identifier: 12_605, sequence: 1 }],
    ["v4-time-exceeded.hex", { kind: "time_exceeded", code: 0 }],
    ["v6-time-exceeded.hex", { kind: "time_exceeded", code: 0 }],
    ["v4-network-unreachable.hex", { kind: "unreachable", code: UNREACHABLE.network }],
    ["v4-port-unreachable.hex", { kind: "unreachable", code: UNREACHABLE.port }],
    ["v6-port-unreachable.hex", { kind: "unreachable", code: UNREACHABLE6.port }],
    [
      // RFC 1191 section 4: the next hop's MTU in the lower 16 bits.
      "v4-fragmentation-needed.hex",
      { kind: "unreachable", code: UNREACHABLE.fragmentationNeeded, parameter: 1400 },
    ],
    ["v6-packet-too-big.hex", { kind: "packet_too_big", code: 0, parameter: 1400 }],
  ])("%s", (name, expected) => {
    expect(read(name)).toMatchObject(expected);
  });
  test("every file was looked at, and there are both families of each", () => {
    expect(NAMES).toHaveLength(12);
  });
  test.each([
    ["v4-time-exceeded.hex", { destination: parseIpv4("198.51.100.2"), identifier: 12_606 }],
    ["v6-time-exceeded.hex", { destination: parseIpv6("2001:db8:2::2"), identifier: 12_607 }],
    ["v4-network-unreachable.hex", { destination: parseIpv4("203.0.113.9"), identifier: 12_608 }],
  ])("%s is about our question", (name, expected) => {
    const message = read(name);
    const original = "original" in message ? message.original : new Uint8Array(0);
    expect(readQuotedEcho(original)).toMatchObject({ ...expected, sequence: 1 });
  });
  test("an error about UDP is about no question of ours", () => {
    for (const name of ["v4-port-unreachable.hex", "v6-port-unreachable.hex"]) {
      const message = read(name);
      const original = "original" in message ? message.original : new Uint8Array(0);
      expect(readQuoted(original)).toMatchObject({ protocol: 17 });
      expect(readQuotedEcho(original)).toBeUndefined();
    }
  });
  test.each(NAMES)("%s: the same octets come back", (name) => {
    expect(toHex(recorded(name).encode(read(name)))).toBe(toHex(recorded(name).bytes));
  });
  test.each(NAMES)("%s: cut at every octet", (name) => {
    const { bytes, decode } = recorded(name);
    const { threw, accepted } = cutAtEveryByte(bytes, decode);
    expect(threw).toEqual([]);
    // ICMP has no length of its own. A cut of ICMPv4 is accepted only where what is missing sums to nothing;
    // the checksum of ICMPv6 covers the length too.
    const missing = (length: number): number => internetChecksum(bytes.slice(length));
    for (const length of accepted) expect([0, 0xffff]).toContain(missing(length));
    expect(accepted.filter((length) => length < 8)).toEqual([]);
  });
  test.each(NAMES)("%s: a quoted packet cut at every octet is read or is not", (name) => {
    const message = read(name);
    const original = "original" in message ? message.original : new Uint8Array(0);
    for (let length = 0; length < original.length; length += 1) {
      const echo = readQuotedEcho(original.slice(0, length));
      if (echo !== undefined) expect(length).toBeGreaterThanOrEqual(28);
    }
  });
});

describe("decode", () => {
  const echo = "08 00 0000 1234 0001 6162";
  test.each([
    ["a wrong checksum", "08 00 dead 1234 0001 6162", "icmp_checksum"],
    ["nothing", "", "icmp_truncated"],
    ["half a header", "08 00 e5cb 1234", "icmp_truncated"],
    ["a type nobody reads, cut", "0d 00 00", "icmp_truncated"],
  ])("%s is refused", (_, hex, code) => {
    const result = decodeIcmpv4(must(fromHex(hex)));
    expect(result.ok ? "accepted" : result.error.code).toBe(code);
  });
  test("a type that we do not read keeps its octets", () => {
    const bytes = must(fromHex("0d 01 0000 aabbcc"));
    const sum = internetChecksum(bytes);
    bytes[2] = sum >>> 8;
    bytes[3] = sum & 0xff;
    const result = decodeIcmpv4(bytes);
    expect(result).toMatchObject({ ok: true, value: { kind: "other", type: 13, code: 1 } });
    if (result.ok) expect(encodeIcmpv4(result.value)).toEqual(bytes);
  });
  test("without ends, ICMPv6 was verified by the kernel and is written without a checksum", () => {
    const bytes = must(fromHex(echo.replace("08", "80")));
    const result = decodeIcmpv6(bytes);
    expect(result).toMatchObject({ ok: true, value: { kind: "echo_request", sequence: 1 } });
    if (result.ok) expect(encodeIcmpv6(result.value)).toEqual(bytes);
  });
  test("ICMPv6 between other ends is refused", () => {
    const ends = { source: "fe80::1" as Ipv6, destination: "fe80::2" as Ipv6 };
    const message = {
      kind: "echo_request",
      code: 0,
      identifier: 1,
      sequence: 2,
      data: new Uint8Array(3),
    };
    const bytes = encodeIcmpv6(message as IcmpMessage, ends);
    expect(decodeIcmpv6(bytes, ends).ok).toBe(true);
    const other = decodeIcmpv6(bytes, { ...ends, destination: "fe80::3" as Ipv6 });
    expect(other).toEqual({ ok: false, error: { code: "icmp_checksum", at: 2 } });
  });
  test("ICMP has no message for too big", () => {
    const message: IcmpMessage = {
      kind: "packet_too_big",
      code: 0,
      parameter: 1,
      original: new Uint8Array(0),
    };
    expect(() => encodeIcmpv4(message)).toThrow("invariant");
  });
  test("a later fragment, a short header and another version are no quoted packet", () => {
    const head = "45 00 0054 0000 0000 01 01 0000 c0000202 c6336402 08 00 0000 1234 0001";
    expect(readQuotedEcho(must(fromHex(head)))).toMatchObject({ identifier: 0x1234, sequence: 1 });
    for (const broken of [
      head.replace("0000 0000 01 01", "0000 0001 01 01"),
      // A header of 16 octets, so that its end would be read as the question.
      "44 00 0054 0000 0000 01 01 0000 c0000202 08 00 0000 1234 0001 0000 0000",
      head.replace("45", "4f"),
      head.replace("45", "55"),
      head.replace("08 00", "00 00"),
    ]) {
      expect(readQuotedEcho(must(fromHex(broken)))).toBeUndefined();
    }
  });
});

const uint16 = fc.nat(0xffff);
const octets = fc.uint8Array({ maxLength: 80 });
const echoes = fc.record({
  kind: fc.constantFrom("echo_request" as const, "echo_reply" as const),
  code: fc.nat(255),
  identifier: uint16,
  sequence: uint16,
  data: octets,
});
const errors = fc.record({
  kind: fc.constantFrom(
    "unreachable" as const,
    "packet_too_big" as const,
    "time_exceeded" as const,
    "parameter_problem" as const,
  ),
  code: fc.nat(255),
  parameter: fc.nat(0xffff_ffff),
  original: octets,
});
const addresses = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => must(ipv6FromBytes(bytes)));

test("any message comes back as it was", () => {
  fc.assert(
    fc.property(fc.oneof(echoes, errors), addresses, addresses, (message, source, destination) => {
      const ends = { source, destination };
      expect(decodeIcmpv6(encodeIcmpv6(message, ends), ends)).toEqual({ ok: true, value: message });
      if (message.kind === "packet_too_big") return;
      expect(decodeIcmpv4(encodeIcmpv4(message))).toEqual({ ok: true, value: message });
    }),
  );
});

test("one changed octet of any message is noticed", () => {
  fc.assert(
    fc.property(echoes, fc.nat(87), fc.integer({ min: 1, max: 255 }), (message, where, change) => {
      const bytes = encodeIcmpv4(message);
      const at = where % bytes.length;
      const before = bytes[at] ?? 0;
      bytes[at] = before ^ change;
      const decoded = decodeIcmpv4(bytes);
      // Ones' complement has two zeros: 0000 and ffff are one value.
      expect(decoded.ok).toBe(false);
    }),
  );
});

test("fuzz: no octets make a decoder throw, and what is read can be written", () => {
  const seeds = NAMES.map((name) => recorded(name).bytes);
  const mutated = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 8 }),
      fc.nat(200),
    )
    .map(([bytes, edits, length]) => {
      const copy = bytes.slice();
      for (const [at, value] of edits) copy[at] = value;
      return copy.slice(0, length);
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 120 })), (bytes) => {
      readQuotedEcho(bytes);
      for (const [decode, encode] of [
        [decodeIcmpv4, encodeIcmpv4],
        [decodeIcmpv6, encodeIcmpv6],
      ] as const) {
        const decoded = decode(bytes);
        if (!decoded.ok) {
          if (!(decoded.error.at >= 0 && decoded.error.at <= bytes.length)) return false;
          continue;
        }
        if ("original" in decoded.value) readQuotedEcho(decoded.value.original);
        if (encode(decoded.value).length !== bytes.length) return false;
      }
      return true;
    }),
    { numRuns: 1_000_000, interruptAfterTimeLimit: fuzzMilliseconds() },
  );
});
