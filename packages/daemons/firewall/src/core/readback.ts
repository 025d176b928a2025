import { IDENTITY, identityComment, type NftChain, type Ruleset } from "./ruleset.ts";

/** What the kernel holds under our table's name, as `nft --json list table` tells it. */
export interface Observation {
  /** Comment of the identity rule; undefined where there is none. */
  readonly identity: string | undefined;
  readonly sets: readonly string[];
  readonly chains: ReadonlyMap<string, ObservedChain>;
}

interface ObservedChain {
  /** "type hook priority policy", or empty for a chain without a hook. */
  readonly hook: string;
  readonly rules: number;
}

export type Found = "none" | "ours" | "other_layout";

/** Whose rules these are: with ours in place a restart touches nothing until it knows better. */
export function recognise(observation: Observation | undefined): Found {
  if (observation === undefined) return "none";
  const own = observation.identity?.startsWith(identityComment("")) ?? false;
  if (!own) return observation.chains.size === 0 ? "none" : "other_layout";
  // A table that was emptied keeps nothing of what this stands for.
  return observation.chains.size > 1 ? "ours" : "none";
}

/** What differs from what we applied, in words for the log; undefined where nothing does. */
export function difference(
  observation: Observation | undefined,
  rules: Ruleset,
  digest: string,
): string | undefined {
  if (observation === undefined) return "the table is gone";
  if (observation.identity !== identityComment(digest)) return "the digest is another";
  for (const set of rules.sets) {
    if (!observation.sets.includes(set.name)) return `set ${set.name} is gone`;
  }
  for (const chain of rules.chains) {
    const seen = observation.chains.get(chain.name);
    if (seen === undefined) return `chain ${chain.name} is gone`;
    if (seen.hook !== hookText(chain)) return `chain ${chain.name} is hooked as "${seen.hook}"`;
    if (seen.rules !== chain.rules.length) {
      return `chain ${chain.name} has ${seen.rules} rules, not ${chain.rules.length}`;
    }
  }
  return undefined;
}

function hookText(chain: NftChain): string {
  const { hook } = chain;
  return hook === undefined ? "" : `${hook.type} ${hook.hook} ${hook.priority} ${hook.policy}`;
}

/** Reads the `nftables` array of nft's JSON (libnftables-json(5)); unknown members mean nothing to us. */
export function observe(listing: readonly unknown[]): Observation | undefined {
  let identity: string | undefined;
  let table = false;
  const sets: string[] = [];
  const chains = new Map<string, { hook: string; rules: number }>();
  for (const item of listing) {
    const object = record(item);
    const chain = record(object?.chain);
    const rule = record(object?.rule);
    const set = record(object?.set);
    if (record(object?.table) !== undefined) table = true;
    if (set !== undefined) sets.push(text(set.name));
    if (chain !== undefined) chains.set(text(chain.name), { hook: observedHook(chain), rules: 0 });
    if (rule !== undefined) {
      const name = text(rule.chain);
      const owner = chains.get(name);
      if (owner !== undefined) owner.rules += 1;
      if (name === IDENTITY && typeof rule.comment === "string") identity = rule.comment;
    }
  }
  return table ? { identity, sets, chains } : undefined;
}

function observedHook(chain: Readonly<Record<string, unknown>>): string {
  if (typeof chain.hook !== "string") return "";
  return `${text(chain.type)} ${chain.hook} ${String(chain.prio)} ${text(chain.policy)}`;
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
