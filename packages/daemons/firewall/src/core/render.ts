import { arpChains, controlChains } from "./control-rules.ts";
import { forwardChains } from "./forward-rules.ts";
import { guardChains } from "./guard-rules.ts";
import { inputChains } from "./input-rules.ts";
import type { RulesetModel } from "./model.ts";
import { natChains } from "./nat-rules.ts";
import { type NftSet, type Ruleset, tableOf, transaction } from "./ruleset.ts";

/** Counters of devices by what identifies them in each direction. Their elements are the kernel's, from traffic. */
export const TRAFFIC_UP = "traffic_up";
export const TRAFFIC_DOWN4 = "traffic_down4";
export const TRAFFIC_DOWN6 = "traffic_down6";

/** More devices than a home has; a host that makes up addresses fills the set and harms counters only. */
const TRAFFIC_DEVICES_MAX = 4096;

const SETS: readonly NftSet[] = [
  counterSet(TRAFFIC_UP, "ether_addr"),
  counterSet(TRAFFIC_DOWN4, "ipv4_addr"),
  counterSet(TRAFFIC_DOWN6, "ipv6_addr"),
];

/** The rules for a model: pure, deterministic. Chains and sets are the same for every model, only rules differ. */
export function compileRuleset(model: RulesetModel): Ruleset {
  const chains = [
    ...guardChains(model),
    ...natChains(model),
    ...inputChains(model),
    ...forwardChains(model),
    ...controlChains(model),
  ];
  return { ...tableOf(SETS, chains), arp: tableOf([], arpChains(model)) };
}

/** Both transactions as text, with `digest` where the digest of the body goes. */
export function renderRuleset(model: RulesetModel, digest = "unsealed"): string {
  const rules = compileRuleset(model);
  return transaction(rules, digest, "flush") + transaction(rules.arp, digest, "delete", "arp");
}

function counterSet(name: string, type: string): NftSet {
  return {
    name,
    definition: `type ${type}; size ${TRAFFIC_DEVICES_MAX}; flags dynamic,timeout; timeout 1d; counter;`,
  };
}
