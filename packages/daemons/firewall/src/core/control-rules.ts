import type { RulesetModel } from "./model.ts";
import { type NftChain, Priority } from "./ruleset.ts";
import { zoneNames } from "./zones.ts";

/**
 * What the kernel says of itself to keep the line leaves at the priority of control traffic, from which the VLAN of an
 * operator makes its priority bits (wan, README). IGMP and MLD have it from the kernel; neighbour discovery and ARP
 * don't (docs/adr/0010-vlan-priorities.md).
 */
export function controlChains(model: RulesetModel): NftChain[] {
  const types = "{ nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert }";
  return [
    {
      name: "control",
      hook: { type: "filter", hook: "output", priority: Priority.mangle, policy: "accept" },
      rules: toWan(model).map((match) => `${match} icmpv6 type ${types} ${SET_CONTROL}`),
    },
  ];
}

/** As `controlChains`, for the family that ARP has of its own. */
export function arpChains(model: RulesetModel): NftChain[] {
  return [
    {
      name: "control",
      hook: { type: "filter", hook: "output", priority: Priority.filter, policy: "accept" },
      rules: toWan(model).map((match) => `${match} ${SET_CONTROL}`),
    },
  ];
}

/** TC_PRIO_CONTROL (linux/pkt_sched.h), as a class of queueing. */
const SET_CONTROL = "meta priority set 0:7";

function toWan(model: RulesetModel): string[] {
  if (model.kind === "base") return [`oifname != "br-*"`];
  const { wan } = zoneNames(model);
  return wan === undefined ? [] : [`oifname ${wan}`];
}
