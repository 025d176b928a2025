import { isRecord, type JsonRecord, listOf, recordOf, textOf } from "./json-value.ts";

const DEPTH_MAX = 7;
const PROPERTIES_MAX = 60;

/** A JSON schema as a person of the trade would write it down: names, kinds, bounds. */
export function schemaText(schema: unknown, schemas: JsonRecord, depth = 0): string {
  if (!isRecord(schema)) return "any";
  if (depth > DEPTH_MAX) return "…";
  const reference = textOf(schema.$ref)?.split("/").at(-1);
  if (reference !== undefined) return reference;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) {
    return choices.map((one) => schemaText(one, schemas, depth)).join(" | ");
  }
  if (Array.isArray(schema.allOf)) {
    return schema.allOf.map((one) => schemaText(one, schemas, depth)).join(" & ");
  }
  switch (schema.type) {
    case "object":
      return objectText(schema, schemas, depth);
    case "array":
      return `[${schemaText(schema.items, schemas, depth)}]${bounds(schema.minItems, schema.maxItems)}`;
    case "string":
      return `string${bounds(schema.minLength, schema.maxLength)}`;
    case "integer":
    case "number":
      return `${schema.type}${bounds(schema.minimum, schema.maximum)}`;
    default:
      return textOf(schema.type) ?? "any";
  }
}

function objectText(schema: JsonRecord, schemas: JsonRecord, depth: number): string {
  const required = listOf(schema.required);
  const indent = "  ".repeat(depth + 1);
  const all = Object.entries(recordOf(schema.properties));
  const lines = all.slice(0, PROPERTIES_MAX).map(([name, one]) => {
    const mark = required.includes(name) ? "" : "?";
    return `${indent}${name}${mark}: ${schemaText(one, schemas, depth + 1)}`;
  });
  if (all.length > PROPERTIES_MAX) lines.push(`${indent}…`);
  if (isRecord(schema.additionalProperties)) {
    const rest = schemaText(schema.additionalProperties, schemas, depth + 1);
    lines.push(`${indent}[name]: ${rest}`);
  }
  if (lines.length === 0) return "{}";
  return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
}

function bounds(least: unknown, most: unknown): string {
  if (least === undefined && most === undefined) return "";
  return ` (${least ?? ""}…${most ?? ""})`;
}

/** The smallest value that has the shape, to be filled in. */
export function exampleOf(schema: unknown, depth = 0): unknown {
  if (!isRecord(schema) || depth > DEPTH_MAX) return null;
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return exampleOf(choices[0], depth);
  switch (schema.type) {
    case "object": {
      const properties = recordOf(schema.properties);
      const names = listOf(schema.required).flatMap((name) => textOf(name) ?? []);
      return Object.fromEntries(
        names.map((name) => [name, exampleOf(properties[name], depth + 1)]),
      );
    }
    case "array":
      return Number(schema.minItems ?? 0) > 0 ? [exampleOf(schema.items, depth + 1)] : [];
    case "string":
      return "…";
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    case "boolean":
      return true;
    default:
      return null;
  }
}
