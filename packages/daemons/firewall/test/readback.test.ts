import { describe, expect, test } from "vitest";
import { difference, observe, recognise } from "../src/core/readback.ts";
import { compileRuleset } from "../src/core/render.ts";
import { identityComment, type Ruleset } from "../src/core/ruleset.ts";

const rules = compileRuleset({ kind: "base" });
const DIGEST = "a".repeat(64);

/** What nft would list for these rules (libnftables-json(5)). */
function listing(of: Ruleset, digest: string): unknown[] {
  return [
    { metainfo: { json_schema_version: 1 } },
    { table: { family: "inet", name: "passerelle" } },
    ...of.sets.map((set) => ({ set: { name: set.name, table: "passerelle" } })),
    { chain: { name: "identity" } },
    { rule: { chain: "identity", comment: identityComment(digest), expr: [{ return: null }] } },
    ...of.chains.map(({ name, hook }) => ({
      chain:
        hook === undefined
          ? { name }
          : { name, type: hook.type, hook: hook.hook, prio: hook.priority, policy: hook.policy },
    })),
    ...of.chains.flatMap(({ name, rules: own }) => own.map(() => ({ rule: { chain: name } }))),
  ];
}

function without(items: readonly unknown[], text: string): unknown[] {
  const at = items.findIndex((item) => JSON.stringify(item).includes(text));
  return items.filter((_, i) => i !== at);
}

describe("the read-back agrees only with exactly what was applied", () => {
  const whole = listing(rules, DIGEST);
  test("as applied", () => {
    expect(difference(observe(whole), rules, DIGEST)).toBeUndefined();
  });
  test("the table is gone", () => {
    expect(difference(observe([]), rules, DIGEST)).toBe("the table is gone");
  });
  test("another digest", () => {
    expect(difference(observe(whole), rules, "b".repeat(64))).toBe("the digest is another");
  });
  test("one rule less", () => {
    const less = without(whole, `"rule":{"chain":"input_wan"`);
    expect(difference(observe(less), rules, DIGEST)).toMatch(/^chain input_wan has \d+ rules, not/);
  });
  test("one rule more", () => {
    const more = [...whole, { rule: { chain: "input" } }];
    expect(difference(observe(more), rules, DIGEST)).toMatch(/^chain input has \d+ rules, not/);
  });
  test("a chain less", () => {
    const less = without(whole, `"chain":{"name":"refuse"`);
    expect(difference(observe(less), rules, DIGEST)).toBe("chain refuse is gone");
  });
  test("a set less", () => {
    const less = without(whole, `"set":{"name":"traffic_up"`);
    expect(difference(observe(less), rules, DIGEST)).toBe("set traffic_up is gone");
  });
  test("a policy turned to accept", () => {
    const open = whole.map((item) =>
      JSON.stringify(item).includes(`"hook":"input"`)
        ? { chain: { name: "input", type: "filter", hook: "input", prio: 0, policy: "accept" } }
        : item,
    );
    expect(difference(observe(open), rules, DIGEST)).toMatch(/^chain input is hooked as/);
  });
});

describe("whose table it is", () => {
  test("none, ours, of another layout", () => {
    expect(recognise(observe([]))).toBe("none");
    expect(recognise(observe(listing(rules, DIGEST)))).toBe("ours");
    const other = listing(rules, DIGEST).map(
      (item) =>
        JSON.parse(JSON.stringify(item).replace("passerelle 1 ", "passerelle 0 ")) as unknown,
    );
    expect(recognise(observe(other))).toBe("other_layout");
  });
  test("strange members are passed over", () => {
    expect(observe([null, 7, "x", { chain: 3 }, { rule: null }])).toBeUndefined();
  });
});
