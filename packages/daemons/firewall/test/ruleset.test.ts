import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileRuleset, renderRuleset } from "../src/core/render.ts";
import { modelOf } from "../src/core/wanted.ts";
import { type Facts, wantedOf } from "./facts.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const SEPARATOR = "-- expect --\n";

/** Each file: facts as JSON (after a comment that says what it is about), then the whole ruleset. */
describe("facts become exactly these rules", () => {
  for (const file of readdirSync(GOLDEN).filter((name) => name.endsWith(".ruleset"))) {
    test(file, () => {
      const path = join(GOLDEN, file);
      const [given = "", expected = ""] = readFileSync(path, "utf8").split(SEPARATOR);
      const facts = JSON.parse(given.replaceAll(/^#.*$/gm, "")) as Facts;
      const rules = renderRuleset(modelOf(wantedOf(facts)));
      if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, given + SEPARATOR + rules);
      else expect(rules).toBe(expected);
    });
  }
});

const HOME: Facts = {
  networks: ["br-lan lan 192.168.1.1/24", "br-guest guest 192.168.2.1/24"],
  wan: ["wan0", "81.250.0.100"],
};

describe("what must hold for any facts", () => {
  const cases: Facts[] = [
    {},
    { networks: ["br-lan lan 192.168.1.1/24"] },
    { wan: ["wan0"] },
    HOME,
    { ...HOME, networks: ["br-lan lan 10.0.0.1/8", ...(HOME.networks ?? [])] },
    { ...HOME, config: { dmz: "192.168.1.9", blocked: ["02:00:00:00:00:01"] } },
  ];
  test("the same facts make the same text", () => {
    for (const facts of cases) {
      expect(renderRuleset(modelOf(wantedOf(facts)))).toBe(renderRuleset(modelOf(wantedOf(facts))));
    }
  });
  test("every ruleset has the same chains and sets, so that any replaces any in place", () => {
    const shape = (facts: Facts) => {
      const { chains, sets } = compileRuleset(modelOf(wantedOf(facts)));
      return JSON.stringify([sets, chains.map(({ name, hook }) => ({ name, hook }))]);
    };
    expect(new Set(cases.map(shape)).size).toBe(1);
  });
  test("input and forward end in a drop", () => {
    for (const facts of cases) {
      for (const chain of compileRuleset(modelOf(wantedOf(facts))).chains) {
        if (chain.name === "input" || chain.name === "forward") {
          expect(chain.hook?.policy).toBe("drop");
        }
      }
    }
  });
});

describe("forwards", () => {
  const rulesOf = (facts: Facts) =>
    compileRuleset(modelOf(wantedOf(facts))).chains.find((c) => c.name === "forwards")?.rules;
  const forward = {
    id: "a",
    enabled: true,
    protocol: "tcp",
    port: 80,
    to: "192.168.1.5",
  } as const;
  test("only to a device of the LAN: no guest, no stranger, not ourselves", () => {
    for (const to of ["192.168.2.5", "8.8.8.8", "192.168.1.1"]) {
      expect(rulesOf({ ...HOME, config: { forwards: [{ ...forward, to }] } })).toEqual([]);
    }
    expect(rulesOf({ ...HOME, config: { forwards: [forward] } })).toHaveLength(1);
  });
  test("none of our addresses is a device, in whichever network of one interface", () => {
    const networks = ["br-lan lan 192.168.1.254/24", "br-lan lan 192.168.1.1/24"];
    for (const to of ["192.168.1.1", "192.168.1.254"]) {
      const facts = { ...HOME, networks, config: { forwards: [{ ...forward, to }] } };
      expect(rulesOf(facts)).toEqual([]);
    }
    // It is one network all the same.
    const { body } = compileRuleset(modelOf(wantedOf({ ...HOME, networks })));
    expect(body.split("ip saddr 192.168.1.0/24 accept")).toHaveLength(2);
  });
  test("one that is switched off makes no rule", () => {
    expect(rulesOf({ ...HOME, config: { forwards: [{ ...forward, enabled: false }] } })).toEqual(
      [],
    );
  });
});
