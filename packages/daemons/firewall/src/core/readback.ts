import { IDENTITY, identityComment, type NftChain, type Table } from "./ruleset.ts";

/** What the kernel holds under our table's name. */
export interface Observation {
  readonly sets: readonly { readonly name: string }[];
  readonly chains: readonly ObservedChain[];
}

interface ObservedChain {
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
  readonly rules: readonly { readonly comment?: string }[];
}

export type Found = "none" | "ours" | "other_layout";

/** Whose rules these are: with ours in place a restart touches nothing until it knows better. */
export function recognise(observation: Observation | undefined): Found {
  if (observation === undefined) return "none";
  const own = identityOf(observation)?.startsWith(identityComment("")) ?? false;
  if (!own) return observation.chains.length === 0 ? "none" : "other_layout";
  // A table that was emptied keeps nothing of what this stands for.
  return observation.chains.length > 1 ? "ours" : "none";
}

/** What differs from what we applied, in words for the log; undefined where nothing does. */
export function difference(
  observation: Observation | undefined,
  rules: Table,
  digest: string,
): string | undefined {
  if (observation === undefined) return "the table is gone";
  if (identityOf(observation) !== identityComment(digest)) return "the digest is another";
  for (const set of rules.sets) {
    if (!observation.sets.some((seen) => seen.name === set.name)) return `set ${set.name} is gone`;
  }
  for (const chain of rules.chains) {
    const seen = observation.chains.find((other) => other.name === chain.name);
    if (seen === undefined) return `chain ${chain.name} is gone`;
    const hook = observedHook(seen);
    if (hook !== hookText(chain)) return `chain ${chain.name} is hooked as "${hook}"`;
    if (seen.rules.length !== chain.rules.length) {
      return `chain ${chain.name} has ${seen.rules.length} rules, not ${chain.rules.length}`;
    }
  }
  return undefined;
}

/** Type and priority can't change while a chain lives: hook and policy are what another program could turn. */
function hookText(chain: NftChain): string {
  return chain.hook === undefined ? "" : `${chain.hook.hook} ${chain.hook.policy}`;
}

function observedHook(chain: ObservedChain): string {
  return chain.hook === undefined ? "" : `${chain.hook} ${chain.policy ?? ""}`;
}

function identityOf(observation: Observation): string | undefined {
  return observation.chains.find((chain) => chain.name === IDENTITY)?.rules[0]?.comment;
}
