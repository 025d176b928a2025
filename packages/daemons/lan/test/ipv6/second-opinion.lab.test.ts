import { duidLl, encodeDhcpv6 } from "@passerelle/dhcpv6";
import { encodeNdp } from "@passerelle/ndp";
import { ALL_NODES, linkLocalOf } from "@passerelle/net";
import { dissect, ipv6Packet, udp6Packet } from "@passerelle/testkit";
import { instant, seconds } from "@passerelle/time";
import { expect, test } from "vitest";
import { type Dhcpv6Input, dhcpv6Server } from "../../src/core/ipv6/dhcpv6/index.ts";
import { type RaInput, routerAdvertiser } from "../../src/core/ipv6/ra/index.ts";
import { config, message } from "./dhcpv6-support.ts";
import { homeOfTexts, RNG, raConfig } from "./ra-support.ts";
import { ip6, mac } from "./support.ts";

/** What other people's code reads in what the home is told. */

const ICMPV6 = 58;
const laptop = mac("00:11:22:33:44:01");
const router = ip6("fe80::1");

test("tshark reads the advertisement after a change of the prefix: the old one with no time left", () => {
  const now = instant(60_000);
  const inputs: readonly (readonly [number, RaInput])[] = [
    [
      0,
      {
        kind: "start",
        config: raConfig({ mtuBytes: 1492 }),
        stored: undefined,
        bootId: "b",
        rng: RNG,
      },
    ],
    [0, { kind: "home", home: homeOfTexts(["2a01:cb00:1:100::/56"], instant(0)) }],
    [
      60_000,
      {
        kind: "home",
        home: homeOfTexts(["2a01:cb00:2:200::/56~600!1200", "fd12:3456:789a::/48"], now),
      },
    ],
  ];
  let state = routerAdvertiser.initial;
  let bytes = new Uint8Array(0);
  const ends = { source: router, destination: ALL_NODES, hopLimit: 255 };
  for (const [at, input] of inputs) {
    const step = routerAdvertiser.step(state, input, instant(at));
    state = step.state;
    for (const effect of step.effects) {
      if (effect.kind === "send") bytes = Uint8Array.from(encodeNdp(effect.message, ends));
    }
  }
  const expected = {
    "icmpv6.type": ["134"],
    "icmpv6.checksum.status": ["1"],
    "icmpv6.nd.ra.flag.m": ["0"],
    "icmpv6.nd.ra.flag.o": ["1"],
    "icmpv6.nd.ra.flag.prf": ["0"],
    "icmpv6.nd.ra.router_lifetime": ["2700"],
    "icmpv6.opt.src_linkaddr": ["02:00:00:00:00:01"],
    "icmpv6.opt.mtu": ["1492"],
    "icmpv6.opt.prefix": [
      ...["2a01:cb00:2:200::", "fd12:3456:789a::"],
      ...["2a01:cb00:2:200::", "fd12:3456:789a::"],
      ...["2a01:cb00:1:100::", "2a01:cb00:1:100::"],
    ],
    "icmpv6.opt.prefix.length": ["64", "64", "56", "48", "64", "56"],
    "icmpv6.opt.prefix.flag.l": ["1", "1", "1"],
    "icmpv6.opt.prefix.flag.a": ["1", "1", "1"],
    "icmpv6.opt.prefix.valid_lifetime": ["1200", "5400", "0"],
    "icmpv6.opt.prefix.preferred_lifetime": ["600", "2700", "0"],
    "icmpv6.opt.route_lifetime": ["1200", "2700", "0"],
    "icmpv6.opt.rdnss": ["fd12:3456:789a::1", "2a01:cb00:1:100::1"],
    "icmpv6.opt.rdnss.lifetime": ["2700", "0"],
    "icmpv6.opt.dnssl": ["home.arpa"],
    "_ws.expert.message": [],
  };
  expect(dissect([ipv6Packet(ends, ICMPV6, bytes)], Object.keys(expected))).toEqual([expected]);
});

test("tshark reads the Reply to a Renew after a change of the prefix", () => {
  const address = "2a01:cb00:1:100:1d8f:8d87:b72c:7ec0";
  const later = config({ now: instant(60_000), prefixes: ["2a01:cb00:2:200::/56"] });
  const inputs: readonly Dhcpv6Input[] = [
    { kind: "start", config: config({ now: instant(0) }), leases: [], bootId: "boot" },
    message({ type: "REQUEST", mac: laptop, na: [], pd: ["::/62"] }),
    { kind: "leases_stored", commit: 1, durable: true },
    { kind: "configure", config: later },
    message({ type: "RENEW", mac: laptop, na: [address], pd: ["2a01:cb00:1:1fc::/62"] }),
    { kind: "leases_stored", commit: 2, durable: true },
  ];
  let state = dhcpv6Server.initial;
  let bytes = new Uint8Array(0);
  for (const [i, input] of inputs.entries()) {
    const step = dhcpv6Server.step(state, input, instant(i < 3 ? 0 : seconds(60)));
    state = step.state;
    for (const effect of step.effects) {
      if (effect.kind === "send") bytes = Uint8Array.from(encodeDhcpv6(effect.message));
    }
  }
  const expected = {
    "dhcpv6.msgtype": ["7"],
    "dhcpv6.duid.bytes": [duidLl(laptop), duidLl(mac("02:00:00:00:00:01"))].map((duid) =>
      [...duid].map((octet) => octet.toString(16).padStart(2, "0")).join(""),
    ),
    "dhcpv6.iaid.t1": ["1350", "1350"],
    "dhcpv6.iaid.t2": ["2160", "2160"],
    "dhcpv6.iaaddr.ip": ["2a01:cb00:2:200:1d8f:8d87:b72c:7ec0", address],
    "dhcpv6.iaaddr.pref_lifetime": ["2700", "0"],
    "dhcpv6.iaaddr.valid_lifetime": ["5400", "0"],
    "dhcpv6.iaprefix.pref_addr": ["2a01:cb00:2:2fc::", "2a01:cb00:1:1fc::"],
    "dhcpv6.iaprefix.pref_len": ["62", "62"],
    "dhcpv6.iaprefix.valid_lifetime": ["5400", "0"],
    "dhcpv6.dns_server": ["fd12:3456:789a::1"],
    "_ws.expert.message": [],
  };
  const ends = { source: router, destination: linkLocalOf(laptop), hopLimit: 64 };
  expect(dissect([udp6Packet(ends, 546, bytes)], Object.keys(expected))).toEqual([expected]);
});
