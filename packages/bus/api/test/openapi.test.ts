import { describe, expect, test } from "vitest";
import { allRoutes } from "../src/index.ts";
import { openApiDocument } from "../src/openapi.ts";

interface Json {
  readonly [key: string]: unknown;
}
interface Operation extends Json {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly $ref?: string;
  }[];
  readonly responses: Readonly<Record<string, Json>>;
  readonly security: readonly Json[];
}

const document = openApiDocument();
const paths = document.paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

describe("the document", () => {
  test("is OpenAPI 3.1 of exactly the operations of the table", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(document.info).toMatchObject({ title: "Passerelle", version: "1.0.0" });
    const keys = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    expect(keys.sort()).toEqual(allRoutes.map(([key]) => key).sort());
  });

  test("has only references that lead somewhere", () => {
    const references = [...walk(document)].flatMap((node) =>
      typeof node.$ref === "string" ? [node.$ref] : [],
    );
    expect(new Set(references).size).toBeGreaterThan(2);
    for (const reference of references) {
      const [root, ...steps] = reference.split("/");
      expect(root).toBe("#");
      const target = steps.reduce<unknown>(
        (at, step) => (at as Json | undefined)?.[step],
        document,
      );
      expect(target, reference).toBeTypeOf("object");
    }
  });

  test("names each operation once, in letters and digits", () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-zA-Z0-9]+$/);
  });

  test("declares every parameter of a path, and each once", () => {
    for (const { path, method, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = operation.parameters.filter((one) => one.in === "path");
      expect(
        declared.map(({ name }) => name),
        `${method} ${path}`,
      ).toEqual(inPath);
      for (const one of declared) expect(one).toMatchObject({ required: true });
      const names = operation.parameters.map((one) => one.$ref ?? `${one.in} ${one.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test("says of each operation what it answers, and what a stranger gets", () => {
    for (const { path, method, operation } of operations) {
      const statuses = Object.keys(operation.responses);
      expect(statuses, `${method} ${path}`).toContain("default");
      expect(statuses.some((status) => /^(101|2..)$/.test(status))).toBe(true);
      expect(statuses.includes("401"), `${method} ${path}`).toBe(operation.security.length > 0);
      for (const response of Object.values(operation.responses)) {
        expect(response.description).toBeTypeOf("string");
      }
    }
  });

  test("has schemas of JSON Schema 2020-12 only: known words, and no empty one by mistake", () => {
    const known = new Set([
      ...["type", "enum", "const", "properties", "required", "additionalProperties", "items"],
      ...["oneOf", "anyOf", "allOf", "minLength", "maxLength", "pattern", "minimum", "maximum"],
      ...["minItems", "maxItems", "description", "propertyNames", "$ref"],
    ]);
    for (const schema of schemas(document)) {
      for (const word of Object.keys(schema)) expect(known.has(word), word).toBe(true);
      if (typeof schema.pattern === "string")
        expect(() => new RegExp(schema.pattern as string, "u")).not.toThrow();
    }
  });

  test("says in words what only code checks", () => {
    const text = JSON.stringify(paths["/nat/port-mappings"]);
    expect(text).toContain("an IPv4 address such as 192.168.1.1");
    const before = paths["/event-log"]?.get?.parameters.find(({ name }) => name === "before");
    expect(before).toMatchObject({ schema: { type: "integer", minimum: 0 } });
  });

  test("names every channel where the events are", () => {
    expect(paths["/events"]?.get?.description).toContain("- hosts (read): what GET /hosts answers");
    expect(paths["/events"]?.get?.responses).toHaveProperty("101");
  });
});

function* walk(node: unknown): Generator<Json> {
  if (typeof node !== "object" || node === null) return;
  if (!Array.isArray(node)) yield node as Json;
  for (const value of Object.values(node)) yield* walk(value);
}

/** Every schema, however deep. */
function* schemas(node: unknown): Generator<Json> {
  for (const inner of walk(node)) {
    if (isSchema(inner.schema)) yield* insideOf(inner.schema);
  }
}

function* insideOf(schema: Json): Generator<Json> {
  yield schema;
  const { properties, items, additionalProperties, oneOf, anyOf } = schema;
  const inner = [
    ...Object.values((properties ?? {}) as Json),
    ...[items, additionalProperties].filter((one) => typeof one === "object"),
    ...((oneOf ?? anyOf ?? []) as readonly unknown[]),
  ];
  for (const one of inner) if (isSchema(one)) yield* insideOf(one);
}

function isSchema(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}
