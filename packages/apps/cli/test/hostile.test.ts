import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { visible, visibleJson } from "../src/visible.ts";
import { answers, HOSTILE } from "./support/answers.ts";
import { FixtureBox, problemOf } from "./support/fixture-box.ts";
import { TestWorld } from "./support/test-world.ts";

/** What would act on a terminal, or show another text than the one that is there. Our line feeds end our lines. */
const DANGEROUS = /(?!\n)[\p{C}\p{Zl}\p{Zp}]/u;
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[(?:0|1|2|31|32|33)m`, "g");

/** Texts of every kind of character, the dangerous ones often. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom(
        "\u001b[2J",
        "\u001b]0;x\u0007",
        "\u009b31m",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ud800",
        "\n",
        "\r",
        "\u2028",
        "\u{e0041}",
        "\0",
        "\b",
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

test("visible: nothing dangerous stays, and harmless text is not touched", () => {
  fc.assert(
    fc.property(text, (input) => {
      const output = visible(input);
      expect(output).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      if (!/[\p{C}\p{Zl}\p{Zp}]/u.test(input)) expect(output).toBe(input);
    }),
  );
  expect(visible("Été à la maison 🏠 日本")).toBe("Été à la maison 🏠 日本");
  expect(visible(HOSTILE)).toBe("\\u001b[2J\\u202eevil\\nname\\u009b31m");
  expect(visible("\u{e0041}")).toBe("\\u{e0041}");
});

test("visibleJson: nothing dangerous stays, and it is JSON of exactly the same value", () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.jsonValue(), fc.dictionary(text, text)), (value) => {
      for (const indent of [undefined, 2]) {
        const output = visibleJson(value, indent);
        expect(output).not.toMatch(DANGEROUS);
        expect(JSON.stringify(JSON.parse(output))).toBe(JSON.stringify(value));
      }
    }),
  );
});

/** Commands that show what strangers wrote. */
const SHOWING: readonly (readonly string[])[] = [
  ["status"],
  ["devices"],
  ["devices", "show", "d-1"],
  ["devices", "rename", "d-1", "x"],
  ["devices", "wake", "d-1"],
  ["devices", "show", "same"],
  ["ports"],
  ["ports", "open", "80", "192.0.2.1"],
  ["config", "get"],
  ["config", "get", "wan/credentials/login"],
  ["config", "history"],
  ["config", "set", "firewall/x", "1"],
  ["config", "diff"],
  ["config", "rollback"],
  ["events", "wan"],
  ["log"],
  ["diag", "slow"],
  ["diag", "jobs"],
  ["support-bundle"],
  ["sessions"],
  ["apps"],
  ["api", "GET", "/hosts"],
  ["api", "GET", "/jobs/j-1/file"],
];

/** Every text of the fixture that is not a word of the API's own becomes the stranger's. */
function poisoned<T>(value: T, stranger: string): T {
  const keep = /^(d-[0-9]|s-1|j-1|tok-1|[0-9a-f:.]+(\/\d+)?|[a-z_]+)$/;
  const walk = (here: unknown, key: string): unknown => {
    if (typeof here === "string")
      return keep.test(here) && key !== "name" && key !== "hostname" ? here : stranger;
    if (Array.isArray(here)) return here.map((item) => walk(item, key));
    if (typeof here !== "object" || here === null) return here;
    return Object.fromEntries(Object.entries(here).map(([name, item]) => [name, walk(item, name)]));
  };
  return walk(value, "") as T;
}

describe("whatever strangers call themselves", () => {
  test.each(SHOWING.map((words) => [words.join(" "), words] as const))(
    "%s is harmless, with colours and without",
    async (_, words) => {
      await fc.assert(
        fc.asyncProperty(text, fc.boolean(), async (stranger, isTerminal) => {
          const box = new FixtureBox();
          box.answers = poisoned(answers, stranger);
          box.streams = [[{ type: "snapshot", seq: 1, channel: "wan", value: { x: stranger } }]];
          const world = new TestWorld(() => box.door());
          world.isTerminal = isTerminal;
          await world.run(...words);
          const shown = `${world.out}${world.err}`;
          expect(isTerminal ? shown.replace(COLOUR, "") : shown).not.toMatch(DANGEROUS);
        }),
        { numRuns: 25 },
      );
    },
  );

  test("one line a device, however many line feeds a name has", async () => {
    const box = new FixtureBox();
    const world = new TestWorld(() => box.door());
    await world.run("devices");
    expect(world.out.trimEnd().split("\n")).toHaveLength(5);
  });

  test("an error of the box, or of our own words, is harmless too", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (stranger) => {
        const box = new FixtureBox();
        box.problems.set("*", {
          ...problemOf("not_allowed", 403, stranger),
          text: { fr: stranger, en: stranger },
          next: { fr: stranger, en: stranger },
        });
        const world = new TestWorld(() => box.door());
        for (const words of [
          ["devices"],
          ["devices", "--json"],
          [stranger],
          ["log", "--category", stranger],
        ]) {
          await world.run(...words);
          expect(`${world.out}${world.err}`).not.toMatch(DANGEROUS);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("colour", () => {
  const coloured = async (isTerminal: boolean, env: Record<string, string>): Promise<boolean> => {
    const world = new TestWorld(() => new FixtureBox().door());
    world.isTerminal = isTerminal;
    world.env = env;
    await world.run("devices");
    return world.out.includes("\u001b[");
  };

  test("is for terminals, and NO_COLOR is honoured", async () => {
    expect(await coloured(true, {})).toBe(true);
    expect(await coloured(true, { NO_COLOR: "" })).toBe(true);
    expect(await coloured(true, { NO_COLOR: "1" })).toBe(false);
    expect(await coloured(true, { TERM: "dumb" })).toBe(false);
    expect(await coloured(false, {})).toBe(false);
  });
});
