import { toHex } from "@passerelle/bytes";
import { IPV6_ANY, ipv6FromBytes, type Mac, parseCidr6, solicitedNodeOf } from "@passerelle/net";
import { cutAtEveryByte, fuzzMilliseconds } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  captivePortalOf,
  decodeNdp,
  dnsSearchListsOf,
  encodeNdp,
  flagsExtensionOf,
  hasOtherConfiguration,
  hasRightChecksum,
  isManaged,
  MESSAGE_LENGTH_MAX,
  mtuBytesOf,
  NA_FLAG,
  type NdpEnvelope,
  type NdpMessage,
  pref64sOf,
  prefixesOf,
  RA_FLAG,
  recursiveDnsServersOf,
  routerPreferenceOf,
  routesOf,
  sourceLinkLayerAddressOf,
  sourceLinkLayerAddressOption,
  targetLinkLayerAddressOf,
} from "../src/index.ts";
import { address, decoded, GOLDENS, golden, hex, value } from "./goldens.ts";

const mac = "02:00:00:00:00:0c" as Mac;

describe("captured messages", () => {
  test("radvd says all that there is on the link", () => {
    const message = decoded(golden("router-advertisement-radvd.hex"));
    if (message.kind !== "router_advertisement") throw new Error(message.kind);
    expect(message).toMatchObject({ curHopLimit: 64, routerLifetime: 12 });
    expect([isManaged(message), hasOtherConfiguration(message)]).toEqual([true, true]);
    expect(routerPreferenceOf(message)).toBe("high");
    expect(prefixesOf(message)).toEqual([
      {
        prefix: parseCidr6("2001:db8:0:1::/64"),
        flags: 0xc0,
        validLifetime: 7200,
        preferredLifetime: 3600,
      },
    ]);
    expect(routesOf(message)).toEqual([
      { prefix: parseCidr6("2001:db8:9000::/36"), preference: "low", routeLifetime: 1800 },
    ]);
    expect(recursiveDnsServersOf(message)).toEqual([
      { lifetime: 600, addresses: ["2001:db8::53", "2001:db8::54"] },
    ]);
    expect(dnsSearchListsOf(message)).toEqual([
      { lifetime: 600, names: ["home.arpa", "example.net"] },
    ]);
    expect(mtuBytesOf(message)).toBe(1492);
    expect(sourceLinkLayerAddressOf(message)).toBe("02:00:00:00:53:01");
    expect([captivePortalOf(message), flagsExtensionOf(message)]).toEqual([undefined, undefined]);
    expect(pref64sOf(message)).toEqual([]);
  });

  test("radvd at its end is no router any more, whatever preference it writes", () => {
    const message = decoded(golden("router-advertisement-radvd-stop.hex"));
    if (message.kind !== "router_advertisement") throw new Error(message.kind);
    expect(message.routerLifetime).toBe(0);
    expect(routerPreferenceOf({ ...message, flags: message.flags | 0x08 })).toBe("medium");
    expect(recursiveDnsServersOf(message)[0]?.lifetime).toBe(0);
  });

  test("Linux asks and answers", () => {
    const solicitation = decoded(golden("neighbour-solicitation-linux.hex"));
    expect(solicitation).toMatchObject({ targetAddress: "2001:db8:0:1::1" });
    expect(sourceLinkLayerAddressOf(solicitation)).toBe(mac);
    expect(targetLinkLayerAddressOf(solicitation)).toBeUndefined();
    const advertisement = decoded(golden("neighbour-advertisement-linux.hex"));
    expect(advertisement).toMatchObject({
      targetAddress: "2001:db8:0:1::1",
      flags: NA_FLAG.R + NA_FLAG.S + NA_FLAG.O,
    });
    expect(targetLinkLayerAddressOf(advertisement)).toBe("02:00:00:00:53:01");
    expect(sourceLinkLayerAddressOf(decoded(golden("router-solicitation-linux.hex")))).toBe(mac);
    expect(decoded(golden("router-solicitation-rdisc6.hex")).options).toEqual([]);
  });

  test.each(GOLDENS)("%s: the same octets come back, checksum and all", (name) => {
    const one = golden(name);
    expect(hasRightChecksum(one.bytes, one.envelope)).toBe(true);
    expect(toHex(encodeNdp(decoded(one), one.envelope))).toBe(toHex(one.bytes));
    const wrong = one.bytes.slice();
    wrong[2] = (wrong[2] ?? 0) ^ 1;
    expect(hasRightChecksum(wrong, one.envelope)).toBe(false);
  });

  test.each(GOLDENS)("%s: cut at every octet, accepted only between two options", (name) => {
    const { bytes, envelope } = golden(name);
    const { options } = decoded({ bytes, envelope });
    const header = bytes.length - options.reduce((sum, { data }) => sum + data.length + 2, 0);
    const ends = options.map((_, i) =>
      options.slice(0, i).reduce((sum, { data }) => sum + data.length + 2, header),
    );
    const { threw, accepted } = cutAtEveryByte(bytes, (cut) => decodeNdp(cut, envelope));
    expect(threw).toEqual([]);
    expect(accepted).toEqual(ends);
  });
});

/** The messages that the rules are tried on, valid as they are. */
const router: NdpEnvelope = {
  source: address("fe80::1"),
  destination: address("ff02::1"),
  hopLimit: 255,
};
const host: NdpEnvelope = {
  source: address("fe80::c"),
  destination: address("ff02::2"),
  hopLimit: 255,
};
const target = address("2001:db8::1");
const link = sourceLinkLayerAddressOption(mac);
const solicitation: NdpMessage = { kind: "router_solicitation", reserved: 0, options: [] };
const advertisement: NdpMessage = {
  kind: "router_advertisement",
  curHopLimit: 64,
  flags: 0,
  routerLifetime: 1800,
  reachableTime: 0,
  retransTimer: 0,
  options: [],
};
const neighbourSolicitation: NdpMessage = {
  kind: "neighbour_solicitation",
  reserved: 0,
  targetAddress: target,
  options: [],
};
const neighbourAdvertisement: NdpMessage = {
  kind: "neighbour_advertisement",
  flags: NA_FLAG.O,
  targetAddress: target,
  options: [],
};
const redirect: NdpMessage = {
  kind: "redirect",
  reserved: 0,
  targetAddress: address("fe80::2"),
  destinationAddress: target,
  options: [],
};
const detection = { ...host, source: IPV6_ANY, destination: solicitedNodeOf(target) };
const onLink = { ...redirect, targetAddress: target };

describe("validity (RFC 4861)", () => {
  test.each<[string, NdpMessage, NdpEnvelope, string]>([
    ["6.1.1 a router solicitation", { ...solicitation, options: [link] }, host, "taken"],
    ["6.1.1 one from nobody", solicitation, { ...host, source: IPV6_ANY }, "taken"],
    [
      "6.1.1 one from nobody with a hardware address",
      { ...solicitation, options: [link] },
      { ...host, source: IPV6_ANY },
      "ndp_source_link_layer_address",
    ],
    ["6.1.1 one that was routed", solicitation, { ...host, hopLimit: 254 }, "ndp_hop_limit"],
    ["6.1.2 a router advertisement", advertisement, router, "taken"],
    ["6.1.2 one that was routed", advertisement, { ...router, hopLimit: 64 }, "ndp_hop_limit"],
    [
      "6.1.2 one of no link-local address",
      advertisement,
      { ...router, source: target },
      "ndp_source",
    ],
    [
      "7.1.1 a neighbour solicitation",
      { ...neighbourSolicitation, options: [link] },
      host,
      "taken",
    ],
    [
      "7.1.1 one for a group",
      { ...neighbourSolicitation, targetAddress: address("ff02::1") },
      host,
      "ndp_target",
    ],
    ["7.1.1 duplicate address detection", neighbourSolicitation, detection, "taken"],
    [
      "7.1.1 duplicate address detection to all",
      neighbourSolicitation,
      { ...detection, destination: address("ff02::1") },
      "ndp_destination",
    ],
    [
      "7.1.1 duplicate address detection with a hardware address",
      { ...neighbourSolicitation, options: [link] },
      detection,
      "ndp_source_link_layer_address",
    ],
    ["7.1.1 one that was routed", neighbourSolicitation, { ...host, hopLimit: 1 }, "ndp_hop_limit"],
    ["7.1.2 a neighbour advertisement", neighbourAdvertisement, router, "taken"],
    [
      "7.1.2 one for a group",
      { ...neighbourAdvertisement, targetAddress: address("ff05::2") },
      router,
      "ndp_target",
    ],
    [
      "7.1.2 an answer to all",
      { ...neighbourAdvertisement, flags: NA_FLAG.S },
      router,
      "ndp_solicited",
    ],
    [
      "7.1.2 an answer to one",
      { ...neighbourAdvertisement, flags: NA_FLAG.S },
      { ...router, destination: address("fe80::c") },
      "taken",
    ],
    ["8.1 a redirect to a router", redirect, router, "taken"],
    ["8.1 a redirect to the destination itself", onLink, router, "taken"],
    ["8.1 one of no link-local address", redirect, { ...router, source: target }, "ndp_source"],
    [
      "8.1 one of a group",
      { ...onLink, destinationAddress: address("ff0e::1") },
      router,
      "ndp_destination",
    ],
    [
      "8.1 one to far away",
      { ...redirect, targetAddress: address("2001:db8::2") },
      router,
      "ndp_target",
    ],
  ])("%s", (_, message, envelope, outcome) => {
    const result = decodeNdp(encodeNdp(message), envelope);
    expect(result.ok ? "taken" : result.error.code).toBe(outcome);
    if (result.ok) expect(result.value).toEqual(message);
  });

  test.each([
    ["nothing", "", "ndp_truncated", 0],
    ["half a header", "8500 00", "ndp_truncated", 2],
    ["a header without its body", "8500 0000 0000", "ndp_truncated", 4],
    ["another type", "80000000 00000000", "ndp_type", 0],
    ["a code", "85010000 00000000", "ndp_code", 1],
    ["an option of no length", "85000000 00000000 0e 00 000000000000", "ndp_option_length", 9],
    ["an option cut short", "85000000 00000000 0e 02 000000000000", "ndp_option_overruns", 8],
    ["half an option's header", "85000000 00000000 0e", "ndp_option_overruns", 8],
  ])("%s is refused where the fault is", (_, text, code, at) => {
    expect(decodeNdp(hex(text), host)).toEqual({ ok: false, error: { code, at } });
  });

  test("a message that is too long is refused before it is read", () => {
    expect(decodeNdp(new Uint8Array(MESSAGE_LENGTH_MAX + 1), host)).toMatchObject({
      error: { code: "ndp_too_long" },
    });
  });

  test("unknown options and reserved bits are kept", () => {
    const bytes = hex("85000000 deadbeef fd 01 010203040506 0e 01 0a0b0c0d0e0f");
    const message = value(decodeNdp(bytes, host));
    expect(message).toMatchObject({ reserved: 0xdeadbeef });
    expect(message.options.map(({ type }) => type)).toEqual([0xfd, 14]);
    expect(toHex(encodeNdp(message))).toBe(toHex(bytes));
  });

  test("the reserved preference of a router counts as medium (RFC 4191 section 2.2)", () => {
    for (const [flags, preference] of [
      [0x00, "medium"],
      [0x08, "high"],
      [0x18, "low"],
      [0x10, "medium"],
      [RA_FLAG.M | RA_FLAG.P | 0x18, "low"],
    ] as const) {
      expect(routerPreferenceOf({ ...advertisement, flags })).toBe(preference);
    }
  });

  test("an option that is no whole unit throws: ours is the mistake", () => {
    const options = [{ type: 14, data: hex("0102") }];
    expect(() => encodeNdp({ ...solicitation, options })).toThrow("whole units");
  });
});

test("every message comes back", () => {
  const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
  const uint16 = fc.integer({ min: 0, max: 0xffff });
  const uint8 = fc.integer({ min: 0, max: 0xff });
  const anyAddress = fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((octets) => ipv6FromBytes(octets) ?? IPV6_ANY);
  const option = fc.record({
    type: uint8,
    data: fc.oneof(...[6, 14, 30].map((n) => fc.uint8Array({ minLength: n, maxLength: n }))),
  });
  const options = fc.array(option, { maxLength: 5 });
  const anyMessage: fc.Arbitrary<NdpMessage> = fc.oneof(
    fc.record({ kind: fc.constant("router_solicitation" as const), reserved: uint32, options }),
    fc.record({
      kind: fc.constant("router_advertisement" as const),
      curHopLimit: uint8,
      flags: uint8,
      routerLifetime: uint16,
      reachableTime: uint32,
      retransTimer: uint32,
      options,
    }),
    fc.record({
      kind: fc.constant("neighbour_solicitation" as const),
      reserved: uint32,
      targetAddress: anyAddress,
      options,
    }),
    fc.record({
      kind: fc.constant("neighbour_advertisement" as const),
      flags: uint32,
      targetAddress: anyAddress,
      options,
    }),
    fc.record({
      kind: fc.constant("redirect" as const),
      reserved: uint32,
      targetAddress: anyAddress,
      destinationAddress: anyAddress,
      options,
    }),
  );
  const near = { ...router, destination: address("fe80::c") };
  fc.assert(
    fc.property(anyMessage, (message) => {
      const result = decodeNdp(encodeNdp(message), near);
      if (result.ok) expect(result.value).toEqual(message);
      else expect(result.error.code).toMatch(/^ndp_(target|destination)$/);
    }),
  );
});

test("fuzz: octets that read are written back the same, and nothing throws", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 133, max: 137 }),
      fc.uint8Array({ maxLength: 100 }),
      (type, rest) => {
        const bytes = Uint8Array.of(type, 0, 0, 0, ...rest);
        const read = decodeNdp(bytes, router);
        return !read.ok || toHex(encodeNdp(read.value)) === toHex(bytes);
      },
    ),
    { numRuns: 10_000_000, interruptAfterTimeLimit: fuzzMilliseconds() },
  );
});
