import { type Mac, parseCidr6 } from "@passerelle/net";
import { dissect, ipv6Packet, scapyBytes } from "@passerelle/testkit";
import { expect, test } from "vitest";
import {
  captivePortalOption,
  decodeNdp,
  dnsSearchListOption,
  dnsSearchListsOf,
  encodeNdp,
  hasRightChecksum,
  mtuBytesOf,
  mtuOption,
  NA_FLAG,
  type NdpMessage,
  PREFIX_FLAG,
  pref64Option,
  preferenceFlags,
  prefixesOf,
  prefixInformationOption,
  RA_FLAG,
  recursiveDnsServersOf,
  recursiveDnsServersOption,
  routeInformationOption,
  routerPreferenceOf,
  routesOf,
  sourceLinkLayerAddressOf,
  sourceLinkLayerAddressOption,
  targetLinkLayerAddressOption,
} from "../src/index.ts";
import { address, value } from "./goldens.ts";

/** Other people's code reads what we write, and we read what it writes. */

const ICMPV6 = 58;
const ends = { source: address("fe80::1"), destination: address("fe80::c"), hopLimit: 255 };
const mac = "02:00:00:00:53:01" as Mac;
const prefix = parseCidr6("2001:db8:0:1::/64") ?? (0 as never);
const route = parseCidr6("2001:db8:9000::/36") ?? (0 as never);
const nat64 = parseCidr6("64:ff9b::/96") ?? (0 as never);

const ROUTER: NdpMessage = {
  kind: "router_advertisement",
  curHopLimit: 64,
  flags: RA_FLAG.M | RA_FLAG.O | preferenceFlags("high"),
  routerLifetime: 1800,
  reachableTime: 30_000,
  retransTimer: 1_000,
  options: [
    sourceLinkLayerAddressOption(mac),
    mtuOption(1492),
    prefixInformationOption({
      prefix,
      flags: PREFIX_FLAG.L | PREFIX_FLAG.A,
      validLifetime: 7200,
      preferredLifetime: 3600,
    }),
    routeInformationOption({ prefix: route, preference: "low", routeLifetime: 600 }),
    recursiveDnsServersOption({
      lifetime: 900,
      addresses: [address("2001:db8::53"), address("2001:db8::54")],
    }),
    dnsSearchListOption({ lifetime: 901, names: ["home.arpa", "example.net"] }),
    captivePortalOption("https://portal.example.net/api"),
    pref64Option({ prefix: nat64, lifetime: 1800 }),
  ],
};

test("tshark reads our router advertisement", () => {
  const expected = {
    "icmpv6.type": ["134"],
    "icmpv6.checksum.status": ["1"],
    "icmpv6.nd.ra.cur_hop_limit": ["64"],
    "icmpv6.nd.ra.flag.m": ["1"],
    "icmpv6.nd.ra.flag.o": ["1"],
    "icmpv6.nd.ra.flag.h": ["0"],
    "icmpv6.nd.ra.flag.prf": ["1"],
    "icmpv6.nd.ra.router_lifetime": ["1800"],
    "icmpv6.nd.ra.reachable_time": ["30000"],
    "icmpv6.nd.ra.retrans_timer": ["1000"],
    "icmpv6.opt.src_linkaddr": [mac],
    "icmpv6.opt.mtu": ["1492"],
    "icmpv6.opt.prefix": ["2001:db8:0:1::", "2001:db8:9000::"],
    "icmpv6.opt.prefix.length": ["64", "36"],
    "icmpv6.opt.prefix.flag.l": ["1"],
    "icmpv6.opt.prefix.flag.a": ["1"],
    "icmpv6.opt.prefix.valid_lifetime": ["7200"],
    "icmpv6.opt.prefix.preferred_lifetime": ["3600"],
    "icmpv6.opt.route_info.flag.route_preference": ["3"],
    "icmpv6.opt.route_lifetime": ["600"],
    "icmpv6.opt.rdnss": ["2001:db8::53", "2001:db8::54"],
    "icmpv6.opt.rdnss.lifetime": ["900"],
    "icmpv6.opt.dnssl": ["home.arpa", "example.net"],
    "icmpv6.opt.dnssl.lifetime": ["901"],
    "icmpv6.opt.captive_portal": ["https://portal.example.net/api"],
    "icmpv6.opt.pref64.scaled_lifetime": ["225"],
    "icmpv6.opt.pref64.plc": ["0x0000"],
    "icmpv6.opt.pref64.prefix": ["64:ff9b::"],
    "_ws.expert.message": [],
  };
  const packet = ipv6Packet(ends, ICMPV6, encodeNdp(ROUTER, ends));
  expect(dissect([packet], Object.keys(expected))).toEqual([expected]);
});

const target = address("2001:db8::1");

test.each<[NdpMessage, Readonly<Record<string, readonly string[]>>]>([
  [
    { kind: "router_solicitation", reserved: 0, options: [sourceLinkLayerAddressOption(mac)] },
    { "icmpv6.type": ["133"], "icmpv6.opt.src_linkaddr": [mac] },
  ],
  [
    { kind: "neighbour_solicitation", reserved: 0, targetAddress: target, options: [] },
    { "icmpv6.type": ["135"], "icmpv6.nd.ns.target_address": [target] },
  ],
  [
    {
      kind: "neighbour_advertisement",
      flags: NA_FLAG.R + NA_FLAG.O,
      targetAddress: target,
      options: [targetLinkLayerAddressOption(mac)],
    },
    {
      "icmpv6.type": ["136"],
      "icmpv6.nd.na.target_address": [target],
      "icmpv6.nd.na.flag.r": ["1"],
      "icmpv6.nd.na.flag.s": ["0"],
      "icmpv6.nd.na.flag.o": ["1"],
      "icmpv6.opt.target_linkaddr": [mac],
    },
  ],
  [
    {
      kind: "redirect",
      reserved: 0,
      targetAddress: address("fe80::2"),
      destinationAddress: target,
      options: [],
    },
    {
      "icmpv6.type": ["137"],
      "icmpv6.nd.rd.target_address": ["fe80::2"],
      "icmpv6.rd.na.destination_address": [target],
    },
  ],
])("tshark reads our $kind", (message, said) => {
  const expected = { ...said, "icmpv6.checksum.status": ["1"], "_ws.expert.message": [] };
  const packet = ipv6Packet(ends, ICMPV6, encodeNdp(message, ends));
  expect(dissect([packet], Object.keys(expected))).toEqual([expected]);
});

test("we read scapy's router advertisement and its redirect", () => {
  const head = `IPv6(src="fe80::1", dst="fe80::c", hlim=255)`;
  const [advertisement, redirect] = scapyBytes([
    [
      head,
      `ICMPv6ND_RA(chlim=64, M=1, O=0, prf=3, routerlifetime=1800, reachabletime=5, retranstimer=6)`,
      `ICMPv6NDOptSrcLLAddr(lladdr="${mac}")`,
      `ICMPv6NDOptMTU(mtu=1480)`,
      `ICMPv6NDOptPrefixInfo(prefix="2001:db8:0:1::", prefixlen=64, L=1, A=1, validlifetime=7200, preferredlifetime=3600)`,
      `ICMPv6NDOptRouteInfo(plen=36, prf=1, rtlifetime=600, prefix="2001:db8:9000::", len=2)`,
      `ICMPv6NDOptRDNSS(lifetime=900, dns=["2001:db8::53", "2001:db8::54"])`,
      `ICMPv6NDOptDNSSL(lifetime=901, searchlist=["home.arpa.", "example.net."])`,
    ].join("/"),
    `${head}/ICMPv6ND_Redirect(tgt="fe80::2", dst="2001:db8::1")/ICMPv6NDOptDstLLAddr(lladdr="${mac}")`,
  ]).map((packet) => packet.slice(40));
  if (advertisement === undefined || redirect === undefined) throw new Error("two packets");
  expect(hasRightChecksum(advertisement, ends)).toBe(true);
  const message = value(decodeNdp(advertisement, ends));
  if (message.kind !== "router_advertisement") throw new Error(message.kind);
  expect(message).toMatchObject({ curHopLimit: 64, routerLifetime: 1800, reachableTime: 5 });
  expect(message).toMatchObject({ retransTimer: 6, flags: RA_FLAG.M | preferenceFlags("low") });
  expect(routerPreferenceOf(message)).toBe("low");
  expect(sourceLinkLayerAddressOf(message)).toBe(mac);
  expect(mtuBytesOf(message)).toBe(1480);
  expect(prefixesOf(message)).toMatchObject([{ prefix, validLifetime: 7200 }]);
  expect(routesOf(message)).toEqual([{ prefix: route, preference: "high", routeLifetime: 600 }]);
  expect(recursiveDnsServersOf(message)).toEqual([
    { lifetime: 900, addresses: ["2001:db8::53", "2001:db8::54"] },
  ]);
  expect(dnsSearchListsOf(message)).toEqual([
    { lifetime: 901, names: ["home.arpa", "example.net"] },
  ]);
  expect(value(decodeNdp(redirect, ends))).toMatchObject({
    kind: "redirect",
    targetAddress: "fe80::2",
    destinationAddress: "2001:db8::1",
  });
});
