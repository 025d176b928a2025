import type { WanPrefixes } from "@passerelle/contract";
import { type Cidr6, type Mac, parseCidr6 } from "@passerelle/net";
import { instant } from "@passerelle/time";
import { type HomePrefix, lifetimesOf, type Plan } from "./plan.ts";
import type { Home } from "./ra/index.ts";

/** What the home may use: the line's prefixes first, then its own. */
export function homePrefixes(line: WanPrefixes, own: Cidr6 | undefined): readonly HomePrefix[] {
  const prefixes: HomePrefix[] = line.prefixes.flatMap((one) => {
    const prefix = parseCidr6(one.prefix);
    const excluded = one.excluded === undefined ? undefined : parseCidr6(one.excluded);
    if (prefix === undefined) return [];
    return [
      {
        prefix,
        ...(excluded === undefined ? {} : { excluded }),
        ...(one.preferredUntil === undefined
          ? {}
          : { preferredUntil: instant(one.preferredUntil) }),
        ...(one.validUntil === undefined ? {} : { validUntil: instant(one.validUntil) }),
      },
    ];
  });
  return own === undefined ? prefixes : [...prefixes, { prefix: own }];
}

/** What there is to tell in one network. */
export function homeIn(plan: Plan, network: string, mac: Mac, reachable: boolean): Home {
  return {
    mac,
    subnets: plan.subnets[network] ?? [],
    routes: plan.pools.map((pool) => ({ prefix: pool.prefix, ...lifetimesOf(pool) })),
    reachable,
  };
}
