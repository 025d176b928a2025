import type {
  NftChain,
  NftCount,
  NftCounter,
  NftElement,
  NftFamily,
  NftRule,
  NftSet,
  NftTable,
} from "./port.ts";

// What `nft -j` prints (libnftables-json(5)). Unknown objects and keys are left out; where something we
// rely on has another shape, the whole answer is unreadable (undefined): half a firewall is worse than none.

type Row = Readonly<Record<string, unknown>>;

export function parseTable(text: string, family: NftFamily, name: string): NftTable | undefined {
  const objects = parseObjects(text);
  if (objects === undefined) return undefined;
  const chains = new Map<string, { chain: Omit<NftChain, "rules">; rules: NftRule[] }>();
  const sets: NftSet[] = [];
  const counters: NftCounter[] = [];
  for (const { kind, body } of objects) {
    const own = stringOf(body.name);
    if (kind === "chain") {
      if (own === undefined) return undefined;
      const [hook, policy] = [stringOf(body.hook), stringOf(body.policy)];
      const chain = {
        name: own,
        ...(hook === undefined ? {} : { hook }),
        ...(policy === undefined ? {} : { policy }),
      };
      chains.set(own, { chain, rules: [] });
    } else if (kind === "rule") {
      chains.get(stringOf(body.chain) ?? "")?.rules.push(ruleOf(body));
    } else if (kind === "set" || kind === "map") {
      const elements = elementsOf(body.elem);
      if (own === undefined || elements === undefined) return undefined;
      sets.push({ name: own, kind, elements });
    } else if (kind === "counter") {
      const count = countOf(body);
      if (own === undefined || count === undefined) return undefined;
      counters.push({ name: own, ...count });
    }
  }
  const withRules = [...chains.values()].map(({ chain, rules }) => ({ ...chain, rules }));
  return { family, name, chains: withRules, sets, counters };
}

function parseObjects(text: string): readonly { kind: string; body: Row }[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = isRow(parsed) ? parsed.nftables : undefined;
  if (!Array.isArray(list)) return undefined;
  const objects: { kind: string; body: Row }[] = [];
  for (const entry of list) {
    if (!isRow(entry)) return undefined;
    for (const [kind, body] of Object.entries(entry)) if (isRow(body)) objects.push({ kind, body });
  }
  return objects;
}

function ruleOf(body: Row): NftRule {
  const comment = stringOf(body.comment);
  let counter: NftCount | undefined;
  for (const part of Array.isArray(body.expr) ? body.expr : []) {
    if (isRow(part)) counter ??= countOf(part.counter);
  }
  return {
    ...(comment === undefined ? {} : { comment }),
    ...(counter === undefined ? {} : { counter }),
  };
}

/** Absent for an empty set. */
function elementsOf(value: unknown): readonly NftElement[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return undefined;
  const elements: NftElement[] = [];
  for (const one of value) {
    const element = elementOf(one);
    if (element === undefined) return undefined;
    elements.push(element);
  }
  return elements;
}

function elementOf(value: unknown): NftElement | undefined {
  if (Array.isArray(value)) {
    const element = elementOf(value[0]);
    const text = textOf(value[1]);
    return element === undefined || text === undefined ? undefined : { ...element, value: text };
  }
  const inner = isRow(value) && isRow(value.elem) ? value.elem : undefined;
  const key = textOf(inner === undefined ? value : inner.val);
  if (key === undefined) return undefined;
  const expires = inner?.expires;
  const counter = countOf(inner?.counter);
  return {
    key,
    ...(typeof expires === "number" ? { expiresSeconds: expires } : {}),
    ...(counter === undefined ? {} : { counter }),
  };
}

/** A value as nft's text has it. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (!isRow(value)) return undefined;
  if (isRow(value.prefix)) return joined([value.prefix.addr, value.prefix.len], "/");
  if (Array.isArray(value.range)) return joined(value.range, "-");
  if (Array.isArray(value.concat)) return joined(value.concat, " . ");
  // A verdict: { "accept": null }, { "jump": { "target": … } }.
  const [verdict, detail] = Object.entries(value)[0] ?? [];
  if (verdict === undefined) return undefined;
  return isRow(detail) ? joined([verdict, detail.target], " ") : verdict;
}

function joined(values: readonly unknown[], between: string): string | undefined {
  const texts = values.map(textOf);
  return texts.includes(undefined) ? undefined : texts.join(between);
}

function countOf(value: unknown): NftCount | undefined {
  if (!isRow(value)) return undefined;
  const { packets, bytes } = value;
  return typeof packets === "number" && typeof bytes === "number" ? { packets, bytes } : undefined;
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
