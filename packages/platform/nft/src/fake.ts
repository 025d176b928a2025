import { err, ok, type Result } from "@passerelle/result";
import { type ElementVerb, elementRuleset } from "./element-text.ts";
import { FakeRefusal, type FakeTable, runRuleset } from "./fake-ruleset.ts";
import type { Nft, NftCounter, NftError, NftSetName, NftTable, Subscription } from "./port.ts";

/** nftables in memory: transactions, tables, chains, rules as lines, sets with their elements. */
export interface FakeNft extends Nft {
  /** Every ruleset that was applied, in order; refused ones are not there. */
  readonly transactions: readonly string[];
  /** The next apply (or change of elements) is refused with this code. */
  failNext(code: string): void;
  /** What traffic would have counted. */
  count(table: string, counter: string, packets: number, bytes: number): void;
  /** Another program does this: no transaction of ours, but those who watch hear of it. */
  interfere(ruleset: string): void;
}

export function createFakeNft(): FakeNft {
  let tables: ReadonlyMap<string, FakeTable> = new Map();
  const transactions: string[] = [];
  const watchers = createWatchers();
  let failure: string | undefined;

  const attempt = (ruleset: string): Result<ReadonlyMap<string, FakeTable>, NftError> => {
    try {
      return ok(runRuleset(tables, ruleset));
    } catch (thrown) {
      if (!(thrown instanceof FakeRefusal)) throw thrown;
      return err({ code: thrown.code, text: thrown.message });
    }
  };
  const apply = async (ruleset: string): Promise<Result<void, NftError>> => {
    const code = failure;
    failure = undefined;
    if (code !== undefined) return err({ code, text: `fake: ${code}` });
    const next = attempt(ruleset);
    if (!next.ok) return next;
    tables = next.value;
    transactions.push(ruleset);
    watchers.tell();
    return ok(undefined);
  };
  const elements = async (
    set: NftSetName,
    verb: ElementVerb,
    texts: readonly string[],
  ): Promise<Result<void, NftError>> => {
    const ruleset = elementRuleset(set, verb, texts);
    return ruleset.ok ? apply(ruleset.value) : ruleset;
  };

  return {
    transactions,
    apply,
    async check(ruleset) {
      const next = attempt(ruleset);
      return next.ok ? ok(undefined) : next;
    },
    async listTable(family, name) {
      const table = tables.get(`${family} ${name}`);
      return ok(table === undefined ? undefined : shown(table));
    },
    async counters(family, name) {
      const table = tables.get(`${family} ${name}`);
      if (table === undefined) return err({ code: "not_found", text: `no table ${name}` });
      return ok(countersOf(table));
    },
    setElements: (set, texts) => elements(set, "set", texts),
    addElements: (set, texts) => elements(set, "add", texts),
    removeElements: (set, texts) => elements(set, "delete", texts),
    watch: (changed) => ok(watchers.add(changed)),
    interfere(ruleset) {
      const next = attempt(ruleset);
      if (!next.ok) throw new Error(next.error.text);
      tables = next.value;
      watchers.tell();
    },
    failNext(code) {
      failure = code;
    },
    count(table, counter, packets, bytes) {
      const counted = counterOf(tables, table, counter);
      counted.packets += packets;
      counted.bytes += bytes;
    },
  };
}

function counterOf(
  tables: ReadonlyMap<string, FakeTable>,
  table: string,
  counter: string,
): { packets: number; bytes: number } {
  const owner = [...tables.values()].find((one) => one.name === table);
  const there = owner?.counters.get(counter);
  if (there === undefined) throw new Error(`no counter ${table} ${counter}`);
  return there;
}

function createWatchers(): { tell(): void; add(changed: () => void): Subscription } {
  const watchers = new Set<() => void>();
  return {
    // Later, as a socket would: nobody is called from within the call that changes something.
    tell() {
      for (const one of watchers) {
        queueMicrotask(() => {
          if (watchers.has(one)) one();
        });
      }
    },
    add(changed) {
      // An own function each, so that one handler can watch twice.
      const one = (): void => changed();
      watchers.add(one);
      return {
        close() {
          watchers.delete(one);
        },
      };
    },
  };
}

function shown(table: FakeTable): NftTable {
  return {
    family: table.family,
    name: table.name,
    chains: [...table.chains].map(([name, chain]) => ({
      name,
      ...(chain.hook === undefined ? {} : { hook: chain.hook }),
      ...(chain.policy === undefined ? {} : { policy: chain.policy }),
      rules: chain.rules.map((line) => {
        const comment = /comment "([^"]*)"/.exec(line)?.[1];
        const counts = /(^|\s)counter(?!\s+name)(\s|$)/.test(line);
        return {
          ...(comment === undefined ? {} : { comment }),
          ...(counts ? { counter: { packets: 0, bytes: 0 } } : {}),
        };
      }),
    })),
    sets: [...table.sets].map(([name, { kind, elements }]) => ({
      name,
      kind,
      elements: [...elements].map(([key, value]) => ({ key, ...(value === "" ? {} : { value }) })),
    })),
    counters: countersOf(table),
  };
}

function countersOf(table: FakeTable): readonly NftCounter[] {
  return [...table.counters].map(([name, count]) => ({ name, ...count }));
}
