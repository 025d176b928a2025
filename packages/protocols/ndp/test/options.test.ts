import { toHex } from "@passerelle/bytes";
import { type Cidr6, ipv6FromBytes, type Mac, networkOf6, parseCidr6 } from "@passerelle/net";
import { fuzzMilliseconds } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  captivePortalOf,
  captivePortalOption,
  decodeDnsSearchList,
  decodePref64,
  decodePrefixInformation,
  decodeRecursiveDnsServers,
  decodeRouteInformation,
  dnsSearchListOption,
  flagsExtensionOf,
  mtuBytesOf,
  mtuOption,
  NDP_OPTION,
  type NdpMessage,
  type NdpOption,
  PREFIX_FLAG,
  pref64Option,
  prefixInformationOption,
  recursiveDnsServersOption,
  routeInformationOption,
  routesOf,
  sourceLinkLayerAddressOf,
  targetLinkLayerAddressOf,
  targetLinkLayerAddressOption,
} from "../src/index.ts";
import { address, hex, value } from "./goldens.ts";

const cidr = (text: string): Cidr6 => parseCidr6(text) ?? (0 as never);
const only = (option: NdpOption): NdpMessage => ({
  kind: "router_solicitation",
  reserved: 0,
  options: [option],
});

const anyPrefix = fc
  .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 0, max: 128 }))
  .map(([octets, prefixLength]) => {
    const whole = { address: ipv6FromBytes(octets) ?? address("::"), prefixLength };
    return { address: networkOf6(whole), prefixLength };
  });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe("prefix information (RFC 4861 section 4.6.2)", () => {
  const information = {
    prefix: cidr("2001:db8:0:1::/64"),
    flags: PREFIX_FLAG.L | PREFIX_FLAG.A,
    validLifetime: 7200,
    preferredLifetime: 3600,
  };
  test("bits behind the length are ignored, and not sent", () => {
    const { data } = prefixInformationOption({
      ...information,
      prefix: cidr("2001:db8:0:1::7/64"),
    });
    expect(data).toEqual(prefixInformationOption(information).data);
    const noisy = data.slice();
    noisy[29] = 7;
    expect(value(decodePrefixInformation(noisy))).toEqual(information);
  });

  test("a router's own address is kept whole (RFC 6275 section 7.2)", () => {
    const own = { ...information, prefix: cidr("2001:db8:0:1::7/64"), flags: PREFIX_FLAG.R };
    expect(value(decodePrefixInformation(prefixInformationOption(own).data))).toEqual(own);
  });

  test("another length of option, or more than 128 bits, is refused", () => {
    const { data } = prefixInformationOption(information);
    expect(decodePrefixInformation(data.slice(0, 22)).ok).toBe(false);
    const long = data.slice();
    long[0] = 129;
    expect(decodePrefixInformation(long)).toEqual({
      ok: false,
      error: { code: "prefix_length", at: 0 },
    });
  });

  test("comes back", () => {
    fc.assert(
      fc.property(
        anyPrefix,
        fc.integer({ min: 0, max: 255 }),
        uint32,
        uint32,
        (prefix, f, v, p) => {
          const one = { prefix, flags: f, validLifetime: v, preferredLifetime: p };
          expect(value(decodePrefixInformation(prefixInformationOption(one).data))).toEqual(one);
        },
      ),
    );
  });
});

describe("routes (RFC 4191 section 2.3)", () => {
  test.each([
    ["::/0", 1],
    ["2001:db8::/36", 2],
    ["2001:db8::/64", 2],
    ["2001:db8::/65", 3],
    ["2001:db8::1/128", 3],
  ])("%s takes %i units", (text, units) => {
    const route = { prefix: cidr(text), preference: "high", routeLifetime: 60 } as const;
    const option = routeInformationOption(route);
    expect(option.data.length).toBe(units * 8 - 2);
    expect(value(decodeRouteInformation(option.data))).toEqual(route);
  });

  test.each([
    ["more bits than octets", "41 00 00000001 2001000000000000", "route_length"],
    ["half a prefix", "08 00 00000001 20010000", "route_length"],
    ["more than 128 bits", `81 00 00000001 ${"00".repeat(16)}`, "route_length"],
    ["the reserved preference", "00 10 00000001", "route_preference"],
    ["no lifetime", "00 00 0000", "route_length"],
  ])("%s is refused and left out", (_, text, code) => {
    expect(decodeRouteInformation(hex(text))).toMatchObject({ error: { code } });
    expect(routesOf(only({ type: NDP_OPTION.ROUTE_INFORMATION, data: hex(text) }))).toEqual([]);
  });

  test("comes back", () => {
    fc.assert(
      fc.property(
        anyPrefix,
        fc.constantFrom("high" as const, "medium" as const, "low" as const),
        uint32,
        (prefix, preference, routeLifetime) => {
          const route = { prefix, preference, routeLifetime };
          expect(value(decodeRouteInformation(routeInformationOption(route).data))).toEqual(route);
        },
      ),
    );
  });
});

describe("resolvers and domains (RFC 8106)", () => {
  test("resolvers come back; none, and half a one, are refused", () => {
    const servers = { lifetime: 600, addresses: [address("2001:db8::53"), address("fe80::1")] };
    const { data } = recursiveDnsServersOption(servers);
    expect(value(decodeRecursiveDnsServers(data))).toEqual(servers);
    expect(decodeRecursiveDnsServers(data.slice(0, 6)).ok).toBe(false);
    expect(decodeRecursiveDnsServers(data.slice(0, 30)).ok).toBe(false);
    expect(() => recursiveDnsServersOption({ lifetime: 1, addresses: [] })).toThrow("invariant");
  });

  test("domains come back through the zeros that fill them up", () => {
    for (const names of [["lan"], ["home.arpa", "example.net"], ["a.b"], ["ab.cd", "efghijk"]]) {
      const { data } = dnsSearchListOption({ lifetime: 60, names });
      expect((data.length + 2) % 8).toBe(0);
      expect(value(decodeDnsSearchList(data))).toEqual({ lifetime: 60, names });
    }
  });

  test.each([
    ["no lifetime", "0000 00", "dnssl_length", 3],
    ["no name", "0000 00000001 0000000000000000", "dnssl_length", 6],
    ["a name without an end", "0000 00000001 0761 000000000000", "name_truncated", 14],
  ])("%s is refused", (_, text, code, at) => {
    expect(decodeDnsSearchList(hex(text))).toEqual({ ok: false, error: { code, at } });
  });
});

describe("NAT64 prefixes (RFC 8781)", () => {
  test.each([
    ["64:ff9b::/96", 1800, "0708 0064ff9b0000000000000000"],
    ["2001:db8:64::/64", 8, "0009 20010db80064000000000000"],
    ["2001:db8::/32", 65_528, "fffd 20010db80000000000000000"],
  ])("%s for %i seconds", (text, lifetime, data) => {
    const option = pref64Option({ prefix: cidr(text), lifetime });
    expect(toHex(option.data)).toBe(toHex(hex(data)));
    expect(value(decodePref64(option.data))).toEqual({ prefix: cidr(text), lifetime });
  });

  test("a lifetime between two units is rounded up, one too long is the longest", () => {
    const lifetime = (asked: number) =>
      value(decodePref64(pref64Option({ prefix: cidr("64:ff9b::/96"), lifetime: asked }).data))
        .lifetime;
    expect([0, 1, 8, 9, 65_528, 90_000].map(lifetime)).toEqual([0, 8, 8, 16, 65_528, 65_528]);
  });

  test("an unknown length, and another size, are refused", () => {
    expect(decodePref64(hex(`0006 ${"00".repeat(12)}`))).toMatchObject({ error: { at: 1 } });
    expect(decodePref64(hex("0708 0064ff9b")).ok).toBe(false);
    expect(() => pref64Option({ prefix: cidr("64:ff9b::/95"), lifetime: 8 })).toThrow("invariant");
  });
});

describe("plain options", () => {
  test("an MTU, a hardware address and flags of another length are absent", () => {
    expect(mtuBytesOf(only(mtuOption(1492)))).toBe(1492);
    expect(mtuBytesOf(only({ type: NDP_OPTION.MTU, data: new Uint8Array(14) }))).toBeUndefined();
    const mac = "02:00:00:00:00:0c" as Mac;
    expect(targetLinkLayerAddressOf(only(targetLinkLayerAddressOption(mac)))).toBe(mac);
    const long = { type: NDP_OPTION.SOURCE_LINK_LAYER_ADDRESS, data: new Uint8Array(14) };
    expect(sourceLinkLayerAddressOf(only(long))).toBeUndefined();
    const flags = { type: NDP_OPTION.RA_FLAGS_EXTENSION, data: hex("800000000001") };
    expect(flagsExtensionOf(only(flags))).toEqual(hex("800000000001"));
    expect(flagsExtensionOf(only({ ...flags, data: new Uint8Array(14) }))).toBeUndefined();
  });

  test("a captive portal comes back without the zeros behind it (RFC 8910 section 2.3)", () => {
    for (const uri of ["https://a.example/", "https://portal.example.net/api", "urn:x"]) {
      const option = captivePortalOption(uri);
      expect((option.data.length + 2) % 8).toBe(0);
      expect(captivePortalOf(only(option))).toBe(uri);
    }
    expect(captivePortalOf(only(captivePortalOption("")))).toBeUndefined();
  });
});

test("fuzz: no option decoder throws", () => {
  const decoders = [
    decodeDnsSearchList,
    decodePref64,
    decodePrefixInformation,
    decodeRecursiveDnsServers,
    decodeRouteInformation,
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      for (const decode of decoders) decode(bytes);
    }),
    { numRuns: 10_000_000, interruptAfterTimeLimit: fuzzMilliseconds() },
  );
});
