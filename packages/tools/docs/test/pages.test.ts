import { allTopics, section } from "@passerelle/contract";
import * as v from "valibot";
import { expect, test } from "vitest";
import { accessPage } from "../src/page-access.ts";
import { busPage } from "../src/page-bus.ts";
import { sectionOf } from "../src/page-configuration.ts";
import { schemaText } from "../src/schema-text.ts";

test("a schema as text", () => {
  const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
  const schema = v.strictObject({
    port,
    same: port,
    name: v.optional(v.pipe(v.string(), v.minLength(1), v.regex(/^[a-z]+$/, "lower case"))),
    level: v.optional(v.picklist(["low", "high"]), "low"),
    way: v.variant("kind", [
      v.strictObject({ kind: v.literal("up"), since: v.number() }),
      v.strictObject({ kind: v.picklist(["down", "off"]) }),
    ]),
    list: v.pipe(v.array(v.union([v.string(), v.number()])), v.maxLength(3)),
    map: v.record(v.string(), v.unknown()),
    none: v.nullable(v.strictObject({})),
  });
  expect(`${schemaText(schema, new Map([[port, "port"]]))}\n`).toMatchInlineSnapshot(`
    "{
      port: port
      same: port
      name?: string /* 1 or more, lower case */
      level?: "low" | "high" /* default "low" */
      way:
        | {
            kind: "up"
            since: number
          }
        | {
            kind: "down" | "off"
          }
      list: (string | number)[] /* 3 at most */
      map: { [string]: unknown }
      none: {} | null
    }
    "
  `);
});

test("the page of the bus has every topic, the access lists every cell", () => {
  const bus = busPage();
  const access = accessPage();
  for (const topic of allTopics) {
    expect(bus).toContain(`### \`${topic.name}\`\n`);
    expect(bus).toContain(topic.about);
    expect(access).toContain(`| \`${topic.name}\` |`);
  }
  expect(access).toMatch(/`gw\/v1\/config\/cmd\/read\/wan` \| PR \| · \| · \| P \| · \|/);
});

test("a config.ts with no section, or with two, is noticed", () => {
  const one = section({
    name: "wan",
    version: 1,
    migrations: {},
    schema: v.strictObject({}),
    defaults: () => ({}),
    secrets: [],
    impact: () => [],
    validate: () => [],
  });
  expect(sectionOf({ section: one, wanSection: one, limit: 3 }).name).toBe("wan");
  expect(() => sectionOf({ limit: 3 })).toThrow("0 sections");
  expect(() => sectionOf({ one, other: { ...one } })).toThrow("2 sections");
});
