/**
 * The table of this product: `inet`, so that a rule covers IPv4 and IPv6 unless it says otherwise. The one of the same
 * name in `arp` only sets priorities: nothing is decided there, and a kernel without that family is as safe.
 */
export const TABLE = "passerelle";

/**
 * Grows when a chain or set changes its type, hook or name: the kernel can't change those in place, so a table of
 * another layout is deleted in the same transaction, which loses its counters.
 */
export const LAYOUT = 1;

export interface Ruleset extends Table {
  readonly arp: Table;
}

export interface Table {
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChain[];
  /** The table's block without its digest: two models that want the same rules have the same body. */
  readonly body: string;
}

export interface NftSet {
  readonly name: string;
  readonly definition: string;
}

export interface NftChain {
  readonly name: string;
  readonly hook?: Hook;
  readonly rules: readonly string[];
}

export interface Hook {
  readonly type: "filter" | "nat";
  readonly hook: "prerouting" | "input" | "forward" | "output" | "postrouting";
  readonly priority: number;
  readonly policy: "accept" | "drop";
}

/** Priorities of netfilter's own stages (linux/netfilter_ipv4.h): what nft calls raw, mangle, dstnat, filter and srcnat. */
export const Priority = { raw: -300, mangle: -150, dstnat: -100, filter: 0, srcnat: 100 } as const;

export function tableOf(sets: readonly NftSet[], chains: readonly NftChain[]): Table {
  const lines = [
    ...sets.map((set) => `  set ${set.name} { ${set.definition} }`),
    ...chains.flatMap(chainLines),
  ];
  return { sets, chains, body: `${lines.join("\n")}\n` };
}

/** "flush" keeps the counters in the sets and lets policies change; "delete" also lets the layout change. */
export type Replace = "flush" | "delete";

/**
 * The whole transaction: the kernel takes all of it or nothing. The digest of the body goes in as the comment of a
 * rule of its own, because a comment of a table can't be changed while the table lives.
 */
export function transaction(
  rules: Table,
  digest: string,
  replace: Replace,
  family: "inet" | "arp" = "inet",
): string {
  return [
    `table ${family} ${TABLE}`,
    `${replace} table ${family} ${TABLE}`,
    `table ${family} ${TABLE} {`,
    `  chain ${IDENTITY} {`,
    `    return comment "${identityComment(digest)}"`,
    "  }",
    `${rules.body}}`,
    "",
  ].join("\n");
}

export const IDENTITY = "identity";

export function identityComment(digest: string): string {
  return `passerelle ${LAYOUT} ${digest}`;
}

/** Alternatives of a match: one value stays a plain compare, which is cheaper than a set of one. */
export function anyOf(values: readonly string[]): string {
  const [only] = values;
  if (only === undefined) throw new Error("invariant: a match has at least one value");
  return values.length === 1 ? only : `{ ${values.join(", ")} }`;
}

export function quoted(names: readonly string[]): string[] {
  return names.map((name) => `"${name}"`);
}

function chainLines(chain: NftChain): string[] {
  const { hook } = chain;
  return [
    `  chain ${chain.name} {`,
    ...(hook === undefined
      ? []
      : [
          `    type ${hook.type} hook ${hook.hook} priority ${hook.priority}; policy ${hook.policy};`,
        ]),
    ...chain.rules.map((rule) => `    ${rule}`),
    "  }",
  ];
}
