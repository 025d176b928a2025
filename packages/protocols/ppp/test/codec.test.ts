import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asciiBytes, latin1Text, toHex } from "@passerelle/bytes";
import { cutAtEveryByte, fuzzMilliseconds } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeControlPacket,
  decodeOptions,
  decodePppoe,
  decodeSessionFrame,
  encodeControlPacket,
  encodeOptions,
  encodePppoe,
  encodeSessionFrame,
  maxPayloadOf,
  PEER_TEXT_MAX,
  PPPOE_CODE,
  peerText,
  TAG,
  tagOf,
} from "../src/index.ts";
import { hex, sayDiscovery, sayPacket } from "./wire.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const names = readdirSync(GOLDEN).filter((name) => name.endsWith(".hex"));
const discovery = names.filter((name) => name.startsWith("discovery-"));
const sessions = names.filter((name) => name.startsWith("session-"));

function golden(name: string): Uint8Array {
  return hex(readFileSync(join(GOLDEN, name), "utf8").replace(/^#.*$/gm, ""));
}

function value<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

describe("captures of rp-pppoe", () => {
  test.each(discovery)("%s: the same octets come back, and it is whole or nothing", (name) => {
    const bytes = golden(name);
    expect(toHex(encodePppoe(value(decodePppoe(bytes))))).toBe(toHex(bytes));
    expect(cutAtEveryByte(bytes, decodePppoe)).toEqual({ threw: [], accepted: [] });
  });
  test("what they say", () => {
    expect(discovery.map((name) => `${name} ${sayDiscovery(golden(name))}`)).toMatchInlineSnapshot(`
      [
        "discovery-padi.hex PADI service_name=internet host_uniq",
        "discovery-pado.hex PADO ac_name=passerelle-ac service_name=internet ac_cookie=285ea03af5849e048b27ee62b405287005550000 host_uniq",
        "discovery-padr.hex PADR service_name=internet host_uniq ac_cookie=285ea03af5849e048b27ee62b405287005550000",
        "discovery-pads.hex PADS 1 service_name=internet host_uniq",
        "discovery-padt-client.hex PADT 1 host_uniq generic_error=Received PADT from peer ac_cookie=285ea03af5849e048b27ee62b405287005550000",
        "discovery-padt.hex PADT 1 generic_error=RP-PPPoE: Child pppd process terminated",
      ]
    `);
  });
});

describe("captures of slirp's PPP", () => {
  test.each(sessions)("%s: the same octets come back, and it is whole or nothing", (name) => {
    const bytes = golden(name);
    const frame = value(decodeSessionFrame(bytes));
    const packet = value(decodeControlPacket(frame.payload));
    const payload = encodeControlPacket(packet);
    expect(toHex(encodeSessionFrame({ ...frame, payload }))).toBe(toHex(bytes));
    expect(cutAtEveryByte(bytes, decodeSessionFrame)).toEqual({ threw: [], accepted: [] });
    expect(cutAtEveryByte(frame.payload, decodeControlPacket)).toEqual({ threw: [], accepted: [] });
    if (packet.code > 4) return;
    const options = value(decodeOptions(packet.data));
    expect(toHex(encodeOptions(options))).toBe(toHex(packet.data));
    // Options have no length of their own: a cut is accepted between two, and nowhere else.
    const { threw, accepted } = cutAtEveryByte(packet.data, decodeOptions);
    expect(threw).toEqual([]);
    const starts = options.map((_, index) => encodeOptions(options.slice(0, index)).length);
    expect(accepted).toEqual(starts);
  });
  test("what they say", () => {
    const said = sessions.map((name) => {
      const { protocol, payload } = value(decodeSessionFrame(golden(name)));
      return `${name} ${sayPacket(protocol, payload)}`;
    });
    expect(said).toMatchInlineSnapshot(`
      [
        "session-ccp-request.hex 80fd request #1",
        "session-ipcp-ack.hex ipcp ack #85 address=10.0.2.15 dns1=10.255.255.53 dns2=0.0.0.0",
        "session-ipcp-nak.hex ipcp nak #84 address=10.0.2.15 dns1=10.255.255.53",
        "session-ipcp-request.hex ipcp request #1 address=0.0.0.0 vj=002d0f01",
        "session-ipcp-terminate.hex ipcp terminate_request #3",
        "session-lcp-ack.hex lcp ack #113 mru=1492 magic=709228b0",
        "session-lcp-request.hex lcp request #1 mru=1500 magic=ef00bdaa pfc= acfc=",
        "session-lcp-terminate-ack.hex lcp terminate_ack #116",
      ]
    `);
  });
});

describe("refused, with the place", () => {
  test.each([
    ["nothing", "", "pppoe_truncated", 0],
    ["half a header", "11090000", "pppoe_truncated", 4],
    ["version 2", "210900000000", "pppoe_version", 0],
    ["a length beyond the frame", "110900000004", "pppoe_length", 4],
    ["half a tag", "110900000003010100", "tag_overruns", 6],
    ["a tag beyond the length", "1109000000080101000501020304", "tag_overruns", 6],
    ["65 tags", `110900000104${"01050000".repeat(65)}`, "too_many_tags", 262],
  ])("discovery: %s", (_what, text, code, at) => {
    expect(decodePppoe(hex(text))).toEqual({ ok: false, error: { code, at } });
  });
  test.each([
    ["a discovery packet", "110900000000", "pppoe_code", 1],
    ["half a length", "1100001100", "pppoe_truncated", 4],
    ["one octet of protocol", "11000011000121", "pppoe_truncated", 6],
    ["a compressed protocol", "1100001100022145", "ppp_protocol", 6],
    ["an even protocol", "110000110002c020", "ppp_protocol", 6],
  ])("session: %s", (_what, text, code, at) => {
    expect(decodeSessionFrame(hex(text))).toEqual({ ok: false, error: { code, at } });
  });
  test.each([
    ["half a header", "0101", "control_truncated", 2],
    ["a length below the header", "01010003", "control_length", 2],
    ["a length beyond the packet", "01010005", "control_length", 2],
  ])("control: %s", (_what, text, code, at) => {
    expect(decodeControlPacket(hex(text))).toEqual({ ok: false, error: { code, at } });
  });
  test.each([
    ["a type alone", "01", "option_overruns", 0],
    ["a length below two", "0104 05d4 0501", "option_too_short", 4],
    ["data beyond the packet", "0105 05d4", "option_overruns", 0],
    ["65 options", "0702".repeat(65), "too_many_options", 128],
  ])("options: %s", (_what, text, code, at) => {
    expect(decodeOptions(hex(text))).toEqual({ ok: false, error: { code, at } });
  });
});

test("padding behind a length, and tags behind End-Of-List, are not read", () => {
  const padded = value(decodePppoe(hex("110900000008 01010000 01030000 ffff")));
  expect(padded.tags.map(({ type }) => type)).toEqual([TAG.SERVICE_NAME, TAG.HOST_UNIQ]);
  const ended = value(decodePppoe(hex("110900000008 01010000 00000000")));
  expect(ended.tags.map(({ type }) => type)).toEqual([TAG.SERVICE_NAME]);
  expect(value(decodeControlPacket(hex("09010004 eeee"))).data).toEqual(new Uint8Array(0));
});

test("an unknown tag is kept, a malformed payload size is none", () => {
  const packet = value(
    decodePppoe(hex("110700000009 0199 0001 2a 0120 0001 05".replace("0009", "000a"))),
  );
  expect(toHex(tagOf(packet, 0x0199) ?? new Uint8Array(0))).toBe("2a");
  expect(maxPayloadOf(packet)).toBeUndefined();
  const good = value(decodePppoe(hex("110700000006 0120 0002 05dc")));
  expect(maxPayloadOf(good)).toBe(1500);
});

describe("properties", () => {
  const bytes = (max: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: max });
  const tags = fc.array(
    fc.record({ type: fc.integer({ min: 1, max: 0xffff }), value: bytes(40) }),
    { maxLength: 20 },
  );
  test("a packet that is written reads as the same", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(PPPOE_CODE)), tags, (code, list) => {
        const packet = { code, sessionId: 7, tags: list };
        expect(decodePppoe(encodePppoe(packet))).toEqual({ ok: true, value: packet });
      }),
      { interruptAfterTimeLimit: fuzzMilliseconds(1000) },
    );
  });
  test("options that are written read as the same", () => {
    const options = fc.array(
      fc.record({ type: fc.integer({ min: 0, max: 255 }), data: bytes(20) }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(options, (list) => {
        expect(decodeOptions(encodeOptions(list))).toEqual({ ok: true, value: list });
      }),
      { interruptAfterTimeLimit: fuzzMilliseconds(1000) },
    );
  });
});

describe("what a peer says to people", () => {
  test.each([
    [
      "UTF-8",
      hex("4964656e74696669616e7420696e76616c696465c2a0c3a9"),
      "Identifiant invalide\u00a0é",
    ],
    ["Latin-1", hex("726566757365e9"), "refuseé"],
    ["controls and line breaks", asciiBytes("no\r\n\u0007way\u0000"), "no way"],
    ["what turns the reading direction", hex("61e280ae62"), "a b"],
    ["nothing", new Uint8Array(0), ""],
  ])("%s", (_what, octets, text) => {
    expect(peerText(octets)).toBe(text);
  });
  test("it is cut", () => {
    expect(peerText(new Uint8Array(1400).fill(0x61))).toHaveLength(PEER_TEXT_MAX);
    expect(latin1Text(asciiBytes(peerText(new Uint8Array(900).fill(0x62))))).toHaveLength(200);
  });
});
