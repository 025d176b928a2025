import { type Cidr4, contains4, formatCidr4, formatIpv4, type Ipv4, ipv4 } from "@passerelle/net";
import type { HomeModel, RulesetModel } from "./model.ts";
import { openedRules } from "./opened-rules.ts";
import { anyOf, type NftChain, Priority } from "./ruleset.ts";
import { type ZoneNames, zoneNames } from "./zones.ts";

/** What may pass through. Nothing of the home starts on the WAN but what a person opened. */
export function forwardChains(model: RulesetModel): NftChain[] {
  const home = model.kind === "home" ? model : undefined;
  const names = home === undefined ? undefined : zoneNames(home);
  return [
    {
      name: "forward",
      hook: { type: "filter", hook: "forward", priority: Priority.filter, policy: "drop" },
      rules:
        home === undefined || names === undefined
          ? ["ct state invalid drop"]
          : forwardRules(home, names),
    },
    { name: "opened", rules: home === undefined ? [] : openedRules(home) },
    { name: "leak", rules: home === undefined ? [] : leakRules(home) },
    { name: "clamp", rules: names?.wan === undefined ? [] : clampRules(names.wan) },
    { name: "count", rules: names?.wan === undefined ? ["accept"] : countRules(names.wan) },
    { name: "refuse", rules: REFUSE },
  ];
}

function forwardRules(model: HomeModel, names: ZoneNames): string[] {
  const { wan, lan, home, wanAndLan } = names;
  return [
    // Before the state of the connection: a device that is blocked now loses what it has open, too.
    ...(home === undefined ? [] : blockedRules(model, home)),
    // So does whoever came through a port that is no longer open.
    "ct status dnat jump opened",
    ...(wan === undefined ? [] : ["tcp flags & (syn | rst) == syn jump clamp"]),
    "ct state vmap { established : goto count, related : goto count, invalid : drop }",
    ...(wan === undefined ? [] : [`oifname ${wan} jump leak`]),
    ...(home === undefined || wan === undefined
      ? []
      : [`iifname ${home} oifname ${wan} goto count`]),
    ...(lan === undefined
      ? []
      : [
          `iifname ${wanAndLan} oifname ${lan} ct status dnat goto count`,
          `iifname ${lan} oifname ${lan} accept`,
        ]),
    ...(home === undefined ? [] : [`iifname ${home} goto refuse`]),
    // RFC 6092 REC-34 would have us answer an unsolicited SYN after 6 s: we stay silent.
    "counter drop",
  ];
}

function blockedRules(model: HomeModel, home: string): string[] {
  if (model.blocked.length === 0) return [];
  const to4 = model.blocked.flatMap((device) => device.addresses4).map(formatIpv4);
  const to6 = model.blocked.flatMap((device) => device.addresses6);
  return [
    `iifname ${home} ether saddr ${anyOf(model.blocked.map((device) => device.mac))} goto refuse`,
    ...(to4.length === 0 ? [] : [`ip daddr ${anyOf(unique(to4))} counter drop comment "blocked"`]),
    ...(to6.length === 0 ? [] : [`ip6 daddr ${anyOf(unique(to6))} counter drop comment "blocked"`]),
  ];
}

const PRIVATE: readonly Cidr4[] = [
  { address: ipv4(0x0a00_0000), prefixLength: 8 },
  { address: ipv4(0xac10_0000), prefixLength: 12 },
  { address: ipv4(0xc0a8_0000), prefixLength: 16 },
  { address: ipv4(0xa9fe_0000), prefixLength: 16 },
];

/** Packets for private networks that aren't here would tell the operator about the home (RFC 1918 section 3). */
function leakRules(model: HomeModel): string[] {
  if (!model.rejectPrivateDestinations) return [];
  // Behind another router, or on an operator that numbers its lines so, that range is where the world begins.
  const refused = PRIVATE.filter((range) => !model.wanAddresses.some((a) => inside(range, a)));
  return [
    ...(refused.length === 0 ? [] : [`ip daddr ${anyOf(refused.map(formatCidr4))} goto refuse`]),
    // RFC 4193 section 4.3, RFC 7084 ULA-5: unique local addresses never cross the line.
    "ip6 daddr fc00::/7 goto refuse",
    "ip6 saddr fc00::/7 goto refuse",
  ];
}

function inside(range: Cidr4, address: Ipv4): boolean {
  return contains4(range, address);
}

/** Both directions: the kernel takes the smaller of the route there and the route back. */
function clampRules(wan: string): string[] {
  return [
    `oifname ${wan} tcp option maxseg size set rt mtu`,
    `iifname ${wan} tcp option maxseg size set rt mtu`,
  ];
}

/** A set that is full ends its rule without a verdict: the last rule still lets the packet go. */
function countRules(wan: string): string[] {
  return [
    `iifname ${wan} update @traffic_down4 { ip daddr } accept`,
    `iifname ${wan} update @traffic_down6 { ip6 daddr } accept`,
    `oifname ${wan} update @traffic_up { ether saddr } accept`,
    "accept",
  ];
}

const REFUSE: readonly string[] = [
  "limit rate over 100/second burst 100 packets counter drop",
  "meta l4proto tcp reject with tcp reset",
  "reject with icmpx type admin-prohibited",
];

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
