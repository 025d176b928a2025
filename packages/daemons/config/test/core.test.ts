import { type Json, mergePatch } from "@passerelle/json";
import { fuzzMilliseconds } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { section } from "../src/config.ts";
import { backupValues, makeBackup, readBackup } from "../src/core/backup.ts";
import { differences } from "../src/core/difference.ts";
import { FAULT_CODES, faultOf } from "../src/core/faults.ts";
import { asJson, canonicalJson } from "../src/core/json.ts";
import { makePassword, PASSWORD_ALPHABET } from "../src/core/password.ts";
import { planChanges, planValues } from "../src/core/plan.ts";
import { formatPointer, parsePointer } from "../src/core/pointer.ts";
import { MASK, mask, maskDifference, secretPaths, unmask } from "../src/core/secrets.ts";
import { homeKnown } from "./home.ts";
import { documentAt } from "./story.ts";

const sections = homeKnown();
const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

describe("JSON merge patch", () => {
  // source: RFC 7396 appendix A
  test.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', "{}"],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', "null", "null"],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ["[1,2]", '{"a":"b","c":null}', '{"a":"b"}'],
    ["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])("%s with %s is %s", (target, patch, result) => {
    expect(mergePatch(JSON.parse(target), JSON.parse(patch))).toEqual(JSON.parse(result));
  });
});

describe("JSON pointer", () => {
  // source: RFC 6901 section 5
  test.each([
    ["", []],
    ["/foo/0", ["foo", "0"]],
    ["/", [""]],
    ["/a~1b", ["a/b"]],
    ["/m~0n", ["m~n"]],
    ["/~01", ["~1"]],
  ])("%s", (text, tokens) => {
    expect(parsePointer(text)).toEqual(tokens);
    expect(formatPointer(tokens)).toBe(text);
  });

  test.each(["foo", "/~", "/~2"])("%s is none", (text) => {
    expect(parsePointer(text)).toBeUndefined();
  });
});

test("canonical JSON is one text for one value, and reads back", () => {
  expect(canonicalJson({ b: [1, { d: null, c: "é" }], a: undefined })).toBe(
    '{"b":[1,{"c":"é","d":null}]}',
  );
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
  expect(() => canonicalJson(Number.NaN)).toThrow("invariant");
});

test("JSON from outside is bounded and has no traps", () => {
  const deep = (n: number): unknown => (n === 0 ? 1 : [deep(n - 1)]);
  expect(asJson(deep(32)).ok).toBe(true);
  expect(asJson(deep(33))).toMatchObject({ error: { code: "too_deep" } });
  expect(asJson(JSON.parse('{"a":{"__proto__":1}}'))).toMatchObject({
    error: { code: "forbidden_key", path: "/a/__proto__" },
  });
  expect(asJson({ a: undefined })).toMatchObject({ error: { code: "not_json", path: "/a" } });
});

test("differences put on the old value make the new one", () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      const found = differences(before, after);
      expect(found.length === 0).toBe(canonicalJson(before) === canonicalJson(after));
      for (const { tokens, before: was, after: is } of found) {
        expect(at(before, tokens)).toEqual(was);
        expect(at(after, tokens)).toEqual(is);
      }
    }),
  );
});

describe("secrets", () => {
  const secrets = secretPaths(["/people/*/password"]);
  const people = (...list: readonly (readonly [string, string])[]): Json => ({
    people: list.map(([id, password]) => ({ id, password })),
  });

  test("shown as a mask, and the mask sent back keeps them", () => {
    const value = people(["a", "one"], ["b", "two"]);
    expect(mask(value, secrets)).toEqual(people(["a", MASK], ["b", MASK]));
    expect(unmask(mask(value, secrets) as Json, value, secrets)).toEqual({ value, unknown: [] });
  });

  test("stay with their item when items are moved, removed or renewed", () => {
    const before = people(["a", "one"], ["b", "two"], ["c", "three"]);
    const sent = people(["c", MASK], ["b", "new"]);
    expect(unmask(sent, before, secrets).value).toEqual(people(["c", "three"], ["b", "new"]));
  });

  test("any value shown and sent back is the value it was", () => {
    const person = fc.record(
      { id: fc.constantFrom("a", "b"), password: fc.string(), age: fc.nat(2) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.record({ people: fc.array(person) }), (value) => {
        const back = unmask(mask(value, secrets) as Json, value, secrets);
        expect(back).toEqual({ value, unknown: [] });
      }),
    );
  });

  test("are asked for where there was none", () => {
    expect(unmask(people(["z", MASK]), people(["a", "one"]), secrets).unknown).toEqual([
      "/people/0/password",
    ]);
  });

  test("are masked in a difference, above and below where they are", () => {
    const found = differences({ people: [] }, people(["a", "one"]));
    const masked = found.map((d) => maskDifference(d, secrets));
    expect(masked).toMatchObject([{ path: "/people/0", after: { id: "a", password: MASK } }]);
    const inside = differences(
      { people: [{ password: { x: "1" } }] },
      { people: [{ password: { x: "2" } }] },
    );
    expect(inside.map((d) => maskDifference(d, secrets))).toMatchObject([
      { path: "/people/0/password/x", before: MASK, after: MASK },
    ]);
  });

  test("never appear in a plan", () => {
    const current = documentAt("192.168.1.1");
    const patch = { people: [{ id: "a", password: "very secret" }] };
    const first = planChanges(current, [{ section: "lan", patch }], sections);
    expect(first.plan.problems).toEqual([]);
    const renewed = { people: [{ id: "a", password: "more secret", age: 3 }] };
    const second = planChanges(first.next, [{ section: "lan", patch: renewed }], sections);
    const wrong = { people: [{ id: "a", password: ["wrong secret"] }] };
    const third = planChanges(second.next, [{ section: "lan", patch: wrong }], sections);
    expect(third.plan.problems).toMatchObject([{ section: "lan", path: "/people/0/password" }]);
    expect(JSON.stringify([first.plan, second.plan, third.plan])).not.toContain('secret"');
  });
});

test("a plan names problems by their place, and a section nobody has", () => {
  const current = documentAt("192.168.1.1");
  const { plan } = planChanges(
    current,
    [
      { section: "lan", patch: { address: "10.0.0.1", surprise: 1 } },
      { section: "voice", patch: { a: 1 } },
    ],
    sections,
  );
  expect(plan.problems.map((p) => `${p.section}${p.path}`)).toEqual([
    "lan/address",
    "lan/surprise",
    "voice",
  ]);
});

test("several patches of one section apply in their order", () => {
  const { plan, next } = planChanges(
    documentAt("192.168.1.1"),
    [
      { section: "lan", patch: { domain: "first" } },
      { section: "lan", patch: { domain: "second" } },
    ],
    sections,
  );
  expect(plan.differences).toMatchObject([{ path: "/domain", before: "home", after: "second" }]);
  expect(next.lan?.value).toMatchObject({ domain: "second" });
});

test("a password is long enough, and every character is equally likely", () => {
  const counts = new Map<string, number>();
  let octet = 0;
  // Every octet equally often: a modulo would show as an excess of the first characters.
  const draw = (length: number) => Uint8Array.from({ length }, () => octet++ & 0xff);
  for (let n = 0; n < 256; n += 1) {
    const password = makePassword(64, draw);
    expect(Math.log2(PASSWORD_ALPHABET.length) * password.length).toBeGreaterThanOrEqual(64);
    for (const c of password) counts.set(c, (counts.get(c) ?? 0) + 1);
  }
  expect(counts.size).toBe(PASSWORD_ALPHABET.length);
  expect(Math.max(...counts.values()) / Math.min(...counts.values())).toBeLessThan(1.2);
  expect(PASSWORD_ALPHABET).not.toMatch(/[0Oo1lIi2Zz5SsB8uvUV]/);
  expect(new Set(PASSWORD_ALPHABET).size).toBe(PASSWORD_ALPHABET.length);
});

test("every fault speaks both languages", () => {
  for (const code of FAULT_CODES) {
    const fault = faultOf(code);
    expect(fault.text.fr.length * fault.text.en.length).toBeGreaterThan(100);
    expect(fault.text.fr).not.toBe(fault.text.en);
  }
});

describe("import of anything", () => {
  const current = documentAt("192.168.1.1");

  /** The whole path of an import without its passphrase; throws only where we are wrong. */
  function importText(text: string): string {
    const backup = readBackup(text);
    if (!backup.ok) return backup.error.code;
    const values = backupValues(backup.value, undefined, current, sections);
    if (!values.ok) return values.error.code;
    const { plan, next } = planValues(current, values.value, sections);
    if (plan.problems.length > 0) return "config_invalid";
    canonicalJson(next);
    return "ok";
  }

  test("a backup of ours is taken", () => {
    expect(importText(JSON.stringify(makeBackup(current, sections)))).toBe("ok");
  });

  test("a backup cut at every character is refused", () => {
    const text = JSON.stringify(makeBackup(current, sections));
    for (let length = 0; length < text.length; length += 1) {
      expect(importText(text.slice(0, length))).toBe("import_not_json");
    }
  });

  test(
    "never throws, and never lets in what the schema refuses",
    () => {
      const base = makeBackup(current, sections);
      const odd = fc.oneof(
        json,
        fc.constantFrom<Json>(MASK, [], {}, null, -1, "__proto__", { __proto__: null }),
      );
      const places = ["format", "version", "sections", "versions", "secrets"] as const;
      const forged = fc.oneof(
        fc.string(),
        json.map((value) => JSON.stringify(value)),
        fc
          .tuple(fc.constantFrom(...places), odd)
          .map(([place, value]) => JSON.stringify({ ...base, [place]: value })),
        fc
          .tuple(
            fc.constantFrom("lan", "wan", "voice", "constructor"),
            odd,
            fc.integer({ min: -1, max: 4 }),
          )
          .map(([name, value, version]) =>
            JSON.stringify({
              ...base,
              sections: { ...base.sections, [name]: value },
              versions: { ...base.versions, [name]: version },
            }),
          ),
        fc
          .tuple(fc.constantFrom("address", "domain", "people", "toString"), odd)
          .map(([key, value]) => {
            const lan = base.sections.lan as Record<string, Json>;
            return JSON.stringify({
              ...base,
              sections: { ...base.sections, lan: { ...lan, [key]: value } },
            });
          }),
      );
      const seen = new Set<string>();
      fc.assert(
        fc.property(forged, (text) => {
          const outcome = importText(text);
          expect([...FAULT_CODES, "ok"]).toContain(outcome);
          seen.add(outcome);
        }),
        {
          numRuns: 1_000_000,
          interruptAfterTimeLimit: fuzzMilliseconds(1500),
          markInterruptAsFailure: false,
        },
      );
      // A fuzz that never gets past the door proves nothing.
      for (const outcome of ["ok", "config_invalid", "import_wrong_format", "unknown_section"]) {
        expect(seen).toContain(outcome);
      }
    },
    fuzzMilliseconds(1500) + 20_000,
  );
});

function at(value: unknown, tokens: readonly string[]): unknown {
  return tokens.reduce<unknown>(
    (inside, token) =>
      typeof inside === "object" && inside !== null && Object.hasOwn(inside, token)
        ? (inside as Record<string, unknown>)[token]
        : undefined,
    value,
  );
}

test("the box's own section of version 1 loses the password of people, and nothing else", () => {
  const old = { device: { name: "Chez Zoé", adminPassword: "a secret of version 1" } };
  expect(section.migrations[1]?.(old)).toEqual({ device: { name: "Chez Zoé" } });
  expect(section.migrations[1]?.("nonsense")).toBe("nonsense");
});
