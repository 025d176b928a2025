import type { HomeModel, RulesetModel } from "./model.ts";
import { type NftChain, Priority } from "./ruleset.ts";
import { zoneMap } from "./zones.ts";

/** What may talk to the router itself. The WAN: nothing but its own DHCP, ICMP and neighbour discovery. */
export function inputChains(model: RulesetModel): NftChain[] {
  const home = model.kind === "home" ? model : undefined;
  return [
    {
      name: "input",
      hook: { type: "filter", hook: "input", priority: Priority.filter, policy: "drop" },
      rules: [
        "ct state vmap { established : accept, related : accept, invalid : drop }",
        `iifname "lo" accept`,
        ...(home === undefined
          ? [`iifname "${HOME_INTERFACES}" goto input_lan`]
          : zoneMap(home, { wan: "input_wan", lan: "input_lan", guest: "input_guest" })),
        // An interface nobody knows is treated as the WAN.
        "goto input_wan",
      ],
    },
    { name: "input_wan", rules: wanRules(home?.answerPing ?? false) },
    {
      name: "input_lan",
      rules: [elsewhere("goto refuse"), ...servedRules(home, "lan"), ...REFUSE],
    },
    {
      name: "input_guest",
      rules: [elsewhere("counter drop"), ...servedRules(home, "guest"), "counter drop"],
    },
  ];
}

/** Every bridge of a home is named so: what the rules go by before they know the networks. */
const HOME_INTERFACES = "br-*";

/**
 * Strong host model (RFC 1122 section 3.3.4.2, RFC 7084 WAA-9): an address of ours is answered on its own link only,
 * so the LAN's address isn't reachable from guests, nor the WAN's from inside.
 */
function elsewhere(verdict: string): string {
  return `fib daddr . iif type != { local, broadcast, multicast } ${verdict}`;
}

/** RFC 4861 section 6 and 7: what crossed a router has a smaller hop limit and is no neighbour's. */
const NEIGHBOUR_DISCOVERY =
  "ip6 hoplimit 255 icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept";

/** RFC 2710 section 3 and RFC 3810 section 5: link-local source, hop limit 1. */
const MULTICAST_LISTENERS =
  "ip6 saddr { ::, fe80::/10 } ip6 hoplimit 1 icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } accept";

/** RFC 4890 section 4.4.1: errors must not be dropped; those of no flow of ours are few, so they are limited. */
const ICMPV6_ERRORS =
  "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } limit rate 100/second burst 100 packets accept";

function wanRules(answerPing: boolean): string[] {
  return [
    // RFC 2131 section 4.1: a server answers from port 67 to port 68, from whatever address it has.
    "udp sport 67 udp dport 68 accept",
    // RFC 8415 section 7.2: the client listens on 546; servers and relays of the link are link-local.
    "ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept",
    NEIGHBOUR_DISCOVERY,
    MULTICAST_LISTENERS,
    elsewhere("counter drop"),
    ICMPV6_ERRORS,
    ...(answerPing
      ? [
          "icmp type echo-request limit rate 20/second burst 20 packets accept",
          "icmpv6 type echo-request limit rate 20/second burst 20 packets accept",
        ]
      : []),
    "counter drop",
  ];
}

/** DHCP, DNS and ping, and what the configuration adds. */
function servedRules(model: HomeModel | undefined, zone: "lan" | "guest"): string[] {
  const rate = zone === "lan" ? 200 : 20;
  const extra = (model?.services ?? []).filter((service) => service.zone === zone);
  return [
    "udp dport { 53, 67, 547 } accept",
    "tcp dport 53 accept",
    `icmp type echo-request limit rate ${rate}/second burst ${rate} packets accept`,
    NEIGHBOUR_DISCOVERY,
    MULTICAST_LISTENERS,
    ICMPV6_ERRORS,
    `icmpv6 type echo-request limit rate ${rate}/second burst ${rate} packets accept`,
    ...extra.map((s) => `${s.protocol} dport ${s.port} accept comment "service ${s.name}"`),
  ];
}

/** People inside learn at once that nothing listens. */
const REFUSE: readonly string[] = ["fib daddr type { broadcast, multicast } drop", "goto refuse"];
