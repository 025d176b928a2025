import { formatCidr4, formatIpv4 } from "@passerelle/net";
import type { HomeModel, ModelForward, RulesetModel } from "./model.ts";
import { anyOf, type NftChain, Priority } from "./ruleset.ts";
import { zoneNames } from "./zones.ts";

/** Where a packet to our WAN address goes, and under which address the home goes out. */
export function natChains(model: RulesetModel): NftChain[] {
  const home = model.kind === "home" ? model : undefined;
  return [
    {
      name: "dstnat",
      hook: { type: "nat", hook: "prerouting", priority: Priority.dstnat, policy: "accept" },
      rules: home === undefined ? [] : dstnatRules(home),
    },
    { name: "forwards", rules: home === undefined ? [] : forwardRules(home) },
    {
      name: "srcnat",
      hook: { type: "nat", hook: "postrouting", priority: Priority.srcnat, policy: "accept" },
      rules: home === undefined ? [] : srcnatRules(home),
    },
  ];
}

/** Guests are left out: a forward opens a device of the LAN to the Internet, not to the guests of the house. */
function dstnatRules(model: HomeModel): string[] {
  const { wanAndLan } = zoneNames(model);
  if (wanAndLan === undefined || model.wanAddresses.length === 0) return [];
  if (model.forwards.length === 0 && model.dmz === undefined) return [];
  return [
    `iifname ${wanAndLan} ip daddr ${anyOf(model.wanAddresses.map(formatIpv4))} jump forwards`,
  ];
}

function forwardRules(model: HomeModel): string[] {
  return [
    ...model.forwards.flatMap(forwardLines),
    ...(model.dmz === undefined ? [] : dmzRules(formatIpv4(model.dmz))),
  ];
}

function forwardLines(forward: ModelForward): string[] {
  const source = forward.source === undefined ? "" : `ip saddr ${formatCidr4(forward.source)} `;
  const single = forward.portFirst === forward.portLast;
  const ports = single ? `${forward.portFirst}` : `${forward.portFirst}-${forward.portLast}`;
  // Without a port in the target the kernel keeps the one that was asked for, which a range wants.
  const target = formatIpv4(forward.to) + (single ? `:${forward.toPort}` : "");
  return forward.protocols.map(
    (protocol) =>
      `${source}${protocol} dport ${ports} dnat ip to ${target} comment "forward ${forward.id}"`,
  );
}

/** After every forward and without what the router itself answers to: its DHCP client and ping. */
function dmzRules(address: string): string[] {
  return [
    "udp sport 67 udp dport 68 return",
    `ip protocol != icmp dnat ip to ${address} comment "dmz"`,
  ];
}

function srcnatRules(model: HomeModel): string[] {
  const { wan, lan } = zoneNames(model);
  return [
    ...(wan === undefined ? [] : [`oifname ${wan} meta nfproto ipv4 masquerade`]),
    // The device would otherwise answer its neighbour directly, who knows nothing of it.
    ...(lan === undefined
      ? []
      : [`iifname ${lan} oifname ${lan} ct status dnat masquerade comment "hairpin"`]),
  ];
}
