import type { NftFamily } from "./port.ts";

/** A table as text leaves it. Rules are their own lines; nobody here judges what they mean. */
export interface FakeTable {
  readonly family: NftFamily;
  readonly name: string;
  readonly chains: Map<string, FakeChain>;
  readonly sets: Map<string, FakeSet>;
  readonly counters: Map<string, { packets: number; bytes: number }>;
}

interface FakeChain {
  hook?: string;
  policy?: string;
  rules: string[];
}

interface FakeSet {
  readonly kind: "set" | "map";
  /** Key to value; the value is empty in a set. */
  readonly elements: Map<string, string>;
}

export class FakeRefusal extends Error {
  readonly code: string;
  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

/** The tables after a ruleset; throws FakeRefusal, and then nothing has changed. */
export function runRuleset(
  tables: ReadonlyMap<string, FakeTable>,
  ruleset: string,
): ReadonlyMap<string, FakeTable> {
  const next = new Map([...tables].map(([key, table]) => [key, copyTable(table)]));
  const text = ruleset.replace(/(^|\n)\s*#[^\n]*/g, "$1");
  for (const { head, body } of blocks(text)) statement(next, head, body);
  return next;
}

function statement(tables: Map<string, FakeTable>, head: string, body: string | undefined): void {
  const words = head.split(/\s+/);
  if (words[0] === "add" && words[1] === "table") words.shift();
  const [verb = "", ...rest] = words;
  if (verb === "table") {
    const table = tableAt(tables, rest, true);
    for (const inner of blocks(body ?? "")) member(table, inner.head, inner.body);
    return;
  }
  const [object, ...name] = rest;
  const table = tableAt(tables, name, false);
  const key = `${table.family} ${table.name}`;
  if (verb === "delete" && object === "table") tables.delete(key);
  else if (verb === "flush" && object === "table")
    for (const chain of table.chains.values()) chain.rules = [];
  else if (verb === "flush" && (object === "set" || object === "map")) {
    setAt(table, name[2], object).elements.clear();
  } else if (verb === "flush" && object === "chain") chainAt(table, name[2]).rules = [];
  else if (verb === "delete" && (object === "set" || object === "map"))
    table.sets.delete(name[2] ?? "");
  else if (verb === "add" && object === "rule")
    chainAt(table, name[2]).rules.push(name.slice(3).join(" "));
  else if (object === "element") changeElements(setAt(table, name[2]), verb, body ?? "");
  else throw new FakeRefusal("syntax", `the fake does not know: ${head}`);
}

function changeElements(set: FakeSet, verb: string, body: string): void {
  for (const [key, value] of elementsOf(body)) {
    if (verb === "add") set.elements.set(key, value);
    else if (!set.elements.delete(key)) throw new FakeRefusal("not_found", `no element ${key}`);
  }
}

/** What stands inside a table's braces. */
function member(table: FakeTable, head: string, body: string | undefined): void {
  const [kind, name = ""] = head.split(/\s+/);
  if (kind === "chain") {
    const chain = table.chains.get(name) ?? { rules: [] };
    table.chains.set(name, chain);
    for (const line of statements(body ?? "")) {
      const hook = /^type \S+ hook (\S+)/.exec(line)?.[1];
      const policy = /^policy (\S+)/.exec(line)?.[1];
      if (hook !== undefined) Object.assign(chain, { hook, policy: chain.policy ?? "accept" });
      else if (policy !== undefined) chain.policy = policy;
      else chain.rules.push(line);
    }
  } else if (kind === "set" || kind === "map") {
    const set = table.sets.get(name) ?? { kind, elements: new Map<string, string>() };
    table.sets.set(name, set);
    const listed = /elements\s*=\s*\{([^}]*)\}/.exec(body ?? "")?.[1] ?? "";
    for (const [key, value] of elementsOf(listed)) set.elements.set(key, value);
  } else if (kind === "counter") {
    if (!table.counters.has(name)) table.counters.set(name, { packets: 0, bytes: 0 });
  } else if (body !== undefined && kind !== "flowtable") {
    throw new FakeRefusal("syntax", `the fake does not know: ${head}`);
  }
}

function elementsOf(text: string): readonly (readonly [string, string])[] {
  return text
    .split(",")
    .map((one) => one.trim().replace(/\s+(timeout|expires)\s.*$/, ""))
    .filter((one) => one !== "")
    .map((one) => {
      const [key = "", value = ""] = one.split(/\s+:\s+/);
      return [key, value] as const;
    });
}

/** Statements with the braces that follow them; lines and semicolons end those without. */
function blocks(text: string): readonly { head: string; body: string | undefined }[] {
  const found: { head: string; body: string | undefined }[] = [];
  let at = 0;
  let head = "";
  while (at < text.length) {
    const sign = text[at] ?? "";
    if (sign === "{") {
      const end = closing(text, at);
      found.push({ head: head.trim(), body: text.slice(at + 1, end) });
      head = "";
      at = end + 1;
      continue;
    }
    if (sign === "}") throw new FakeRefusal("syntax", "syntax error, unexpected '}'");
    if (sign === "\n" || sign === ";") {
      if (head.trim() !== "") found.push({ head: head.trim(), body: undefined });
      head = "";
    } else {
      head += sign;
    }
    at += 1;
  }
  if (head.trim() !== "") found.push({ head: head.trim(), body: undefined });
  return found;
}

/** Rules may have braces of their own (anonymous sets): they stay in the line. */
function statements(text: string): readonly string[] {
  const lines: string[] = [];
  let depth = 0;
  let line = "";
  for (const sign of text) {
    if (sign === "{") depth += 1;
    if (sign === "}") depth -= 1;
    const ends = depth === 0 && (sign === "\n" || sign === ";");
    if (!ends) line += sign;
    else if (line.trim() !== "") lines.push(line.trim());
    if (ends) line = "";
  }
  if (line.trim() !== "") lines.push(line.trim());
  return lines;
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    if (text[at] === "}") depth -= 1;
    if (depth === 0) return at;
  }
  throw new FakeRefusal("syntax", "syntax error, unexpected end of file");
}

function tableAt(
  tables: Map<string, FakeTable>,
  words: readonly string[],
  make: boolean,
): FakeTable {
  const [family = "", name = ""] = words;
  if (!isFamily(family) || name === "")
    throw new FakeRefusal("syntax", `no family: ${words.join(" ")}`);
  const there = tables.get(`${family} ${name}`);
  if (there !== undefined) return there;
  if (!make) throw new FakeRefusal("not_found", `no table ${family} ${name}`);
  const made: FakeTable = { family, name, chains: new Map(), sets: new Map(), counters: new Map() };
  tables.set(`${family} ${name}`, made);
  return made;
}

function setAt(table: FakeTable, name = "", kind?: string): FakeSet {
  const set = table.sets.get(name);
  if (set === undefined || (kind !== undefined && set.kind !== kind))
    throw new FakeRefusal("not_found", `no set ${name}`);
  return set;
}

function chainAt(table: FakeTable, name = ""): FakeChain {
  const chain = table.chains.get(name);
  if (chain === undefined) throw new FakeRefusal("not_found", `no chain ${name}`);
  return chain;
}

function copyTable(table: FakeTable): FakeTable {
  return {
    ...table,
    chains: new Map(
      [...table.chains].map(([k, chain]) => [k, { ...chain, rules: [...chain.rules] }]),
    ),
    sets: new Map(
      [...table.sets].map(([k, set]) => [k, { ...set, elements: new Map(set.elements) }]),
    ),
    counters: new Map([...table.counters].map(([k, count]) => [k, { ...count }])),
  };
}

function isFamily(word: string): word is NftFamily {
  return ["inet", "ip", "ip6", "arp", "bridge", "netdev"].includes(word);
}
