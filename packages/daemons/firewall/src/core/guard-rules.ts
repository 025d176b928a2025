import { type Cidr4, contains4, formatCidr4, ipv4, networkOf } from "@passerelle/net";
import { covers6, formatCidr6 } from "./cidr6.ts";
import type { Cidr6, HomeModel, RulesetModel } from "./model.ts";
import { anyOf, type NftChain, Priority } from "./ruleset.ts";
import { zoneMap, zoneNames } from "./zones.ts";

/**
 * Forged sources end here, before connection tracking (BCP 38, RFC 7084 S-2): a forged packet makes no state.
 * The commonest packets of the home leave by the first rule they meet.
 */
export function guardChains(model: RulesetModel): NftChain[] {
  const hook = {
    type: "filter",
    hook: "prerouting",
    priority: Priority.raw,
    policy: "accept",
  } as const;
  if (model.kind === "base") {
    return [
      { name: "guard", hook, rules: [] },
      { name: "guard_wan", rules: [] },
      { name: "guard_home", rules: [] },
    ];
  }
  const fromHome = model.networks.map(
    (n) => `iifname "${n.interface}" ip saddr ${prefix4(n.address)} accept`,
  );
  const map = zoneMap(model, { wan: "guard_wan", lan: "guard_home", guest: "guard_home" });
  return [
    { name: "guard", hook, rules: [...new Set(fromHome), ...map] },
    { name: "guard_wan", rules: wanRules(model) },
    { name: "guard_home", rules: HOME_RULES },
  ];
}

function wanRules(model: HomeModel): string[] {
  const refused4 = minimal4(model.refusedSources4).map(formatCidr4);
  const refused6 = minimal6(model.refusedSources6).map(formatCidr6);
  const own4 = minimal4(model.networks.map((n) => n.address)).map(formatCidr4);
  const { home } = zoneNames(model);
  return [
    ...(own4.length === 0 ? [] : [`ip saddr ${anyOf(own4)} counter drop comment "own prefix"`]),
    ...(refused4.length === 0 ? [] : [`ip saddr ${anyOf(refused4)} counter drop comment "bogon"`]),
    ...(refused6.length === 0 ? [] : [`ip6 saddr ${anyOf(refused6)} counter drop comment "bogon"`]),
    // The home's IPv6 prefixes are the routing table's to know; link-local ones are on every link.
    ...(home === undefined
      ? []
      : [`ip6 saddr != fe80::/10 fib saddr oifname ${home} counter drop comment "own prefix"`]),
    ROUTING_HEADER_0,
  ];
}

/** RFC 5095: routing header type 0 is processed and forwarded by nobody. */
const ROUTING_HEADER_0 = `rt type 0 counter drop comment "RFC 5095"`;

const HOME_RULES: readonly string[] = [
  // A host without an address may ask for one (RFC 2131 section 4.1) and talk IGMP (RFC 4541 section 2.1.1).
  "ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept",
  "ip saddr 0.0.0.0 ip protocol igmp accept",
  `meta nfproto ipv4 counter drop comment "forged source"`,
  ROUTING_HEADER_0,
  // Duplicate address detection and MLD before an address (RFC 4862 section 5.4, RFC 3590).
  "ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld-listener-report, mld2-listener-report } accept",
  "ip6 saddr fe80::/10 accept",
  `meta nfproto ipv6 fib saddr . iif oif missing counter drop comment "forged source"`,
];

function prefix4(address: Cidr4): string {
  return formatCidr4({ address: networkOf(address), prefixLength: address.prefixLength });
}

/** Networks without those that another one covers: nft refuses intervals that overlap. */
function minimal4(list: readonly Cidr4[]): Cidr4[] {
  const networks = list.map((c) => ({
    address: ipv4(networkOf(c)),
    prefixLength: c.prefixLength,
  }));
  return networks.filter(
    (inner, i) =>
      !networks.some(
        (outer, j) =>
          i !== j &&
          contains4(outer, inner.address) &&
          (outer.prefixLength < inner.prefixLength ||
            (outer.prefixLength === inner.prefixLength && j < i)),
      ),
  );
}

function minimal6(list: readonly Cidr6[]): Cidr6[] {
  return list.filter(
    (inner, i) =>
      !list.some(
        (outer, j) =>
          i !== j &&
          covers6(outer, inner) &&
          (outer.prefixLength < inner.prefixLength ||
            (outer.prefixLength === inner.prefixLength && j < i)),
      ),
  );
}
