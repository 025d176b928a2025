import { isJsonObject, type Json } from "@passerelle/json";
import { err, ok, type Result } from "@passerelle/result";
import { formatPointer } from "./pointer.ts";

/** Nothing of ours is nearly as deep; a document that is was made to hurt. */
export const DEPTH_MAX = 32;
/** Characters of a document: an import, or all sections together. */
export const DOCUMENT_CHARACTERS_MAX = 1_000_000;

export interface JsonProblem {
  readonly code: "too_deep" | "forbidden_key" | "not_json";
  readonly path: string;
}

/** Tells whether a value that came from outside is plain JSON of bounded depth, without keys that are traps in JavaScript. */
export function asJson(value: unknown): Result<Json, JsonProblem> {
  const problem = findProblem(value, []);
  return problem === undefined ? ok(value as Json) : err(problem);
}

/**
 * One text for one value: keys in the order of their UTF-16 code units, no blanks (RFC 8785 section 3.2).
 * Throws for what JSON can't say: sections are JSON, so that would be our own mistake.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  if (isJsonObject(value)) {
    const members = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
    return `{${members.join(",")}}`;
  }
  const scalar =
    value === null ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value));
  if (!scalar) throw new Error(`invariant: a section is JSON, not ${typeof value}`);
  return JSON.stringify(value);
}

export function sameJson(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

function findProblem(value: unknown, path: readonly string[]): JsonProblem | undefined {
  if (path.length > DEPTH_MAX) return { code: "too_deep", path: formatPointer(path) };
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return undefined;
  if (!Array.isArray(value) && !isJsonObject(value)) {
    return { code: "not_json", path: formatPointer(path) };
  }
  for (const [key, item] of Object.entries(value)) {
    // Setting this key on an ordinary object changes its prototype.
    if (key === "__proto__") return { code: "forbidden_key", path: formatPointer([...path, key]) };
    const problem = findProblem(item, [...path, key]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
