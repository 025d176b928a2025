import { describe, expect, test } from "vitest";
import { difference, type Observation, recognise } from "../src/core/readback.ts";
import { compileRuleset } from "../src/core/render.ts";
import { identityComment, type Ruleset } from "../src/core/ruleset.ts";

const rules = compileRuleset({ kind: "base" });
const DIGEST = "a".repeat(64);

/** What the kernel shows for these rules. */
function listing(of: Ruleset, digest: string): Observation {
  return {
    sets: of.sets.map(({ name }) => ({ name })),
    chains: [
      { name: "identity", rules: [{ comment: identityComment(digest) }] },
      ...of.chains.map(({ name, hook, rules: own }) => ({
        name,
        ...(hook === undefined ? {} : { hook: hook.hook, policy: hook.policy }),
        rules: own.map(() => ({})),
      })),
    ],
  };
}

type Chain = Observation["chains"][number];

function withChain(name: string, change: (chain: Chain) => Chain | undefined): Observation {
  const chains = whole.chains.flatMap((chain) => {
    const next = chain.name === name ? change(chain) : chain;
    return next === undefined ? [] : [next];
  });
  return { ...whole, chains };
}

const whole = listing(rules, DIGEST);

describe("the read-back agrees only with exactly what was applied", () => {
  test("as applied", () => {
    expect(difference(whole, rules, DIGEST)).toBeUndefined();
  });
  test("the table is gone", () => {
    expect(difference(undefined, rules, DIGEST)).toBe("the table is gone");
  });
  test("another digest", () => {
    expect(difference(whole, rules, "b".repeat(64))).toBe("the digest is another");
  });
  test("one rule less, one rule more", () => {
    const less = withChain("input_wan", (c) => ({ ...c, rules: c.rules.slice(1) }));
    expect(difference(less, rules, DIGEST)).toMatch(/^chain input_wan has \d+ rules, not/);
    const more = withChain("input", (c) => ({ ...c, rules: [...c.rules, {}] }));
    expect(difference(more, rules, DIGEST)).toMatch(/^chain input has \d+ rules, not/);
  });
  test("a chain less", () => {
    const less = withChain("refuse", () => undefined);
    expect(difference(less, rules, DIGEST)).toBe("chain refuse is gone");
  });
  test("a set less", () => {
    const less = { ...whole, sets: whole.sets.slice(1) };
    expect(difference(less, rules, DIGEST)).toBe("set traffic_up is gone");
  });
  test("a policy turned to accept", () => {
    const open = withChain("input", (c) => ({ ...c, policy: "accept" }));
    expect(difference(open, rules, DIGEST)).toBe('chain input is hooked as "input accept"');
  });
});

describe("whose table it is", () => {
  test("none, ours, of another layout, emptied by another", () => {
    expect(recognise(undefined)).toBe("none");
    expect(recognise({ sets: [], chains: [] })).toBe("none");
    expect(recognise(whole)).toBe("ours");
    const comment = identityComment(DIGEST).replace("passerelle 1 ", "passerelle 0 ");
    expect(recognise(withChain("identity", (c) => ({ ...c, rules: [{ comment }] })))).toBe(
      "other_layout",
    );
    expect(recognise(withChain("identity", (c) => ({ ...c, rules: [] })))).toBe("other_layout");
  });
});
