import { isJsonObject, isSameJson, type JsonObject } from "@passerelle/json";

/** How to go from one JSON value to another. */
export type Difference =
  | { readonly kind: "same" }
  /** RFC 7396. */
  | { readonly kind: "patch"; readonly patch: JsonObject }
  /** A merge patch can't say it (null is a value here, or one of the two is no object): the whole value. */
  | { readonly kind: "whole" };

/** The smallest merge patch that turns `before` into `after`. Both are JSON: no undefined, no function. */
export function differenceOf(before: unknown, after: unknown): Difference {
  if (isSameJson(before, after)) return { kind: "same" };
  if (!isJsonObject(before) || !isJsonObject(after)) return { kind: "whole" };
  const patch = patchOf(before, after);
  return patch === undefined ? { kind: "whole" } : { kind: "patch", patch };
}

function patchOf(before: JsonObject, after: JsonObject): JsonObject | undefined {
  const patch = new Map<string, unknown>();
  const old = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(after)) {
    const known = old.get(key);
    const isNew = !old.has(key);
    old.delete(key);
    if (!isNew && isSameJson(known, value)) continue;
    if (!isNew && isJsonObject(known) && isJsonObject(value)) {
      const inner = patchOf(known, value);
      if (inner === undefined) return undefined;
      patch.set(key, inner);
    } else if (holdsNull(value)) return undefined;
    // An object merges into what was there: only a list or a plain value takes the place of an object.
    else patch.set(key, value);
  }
  for (const key of old.keys()) patch.set(key, null);
  return Object.fromEntries(patch);
}

/** Whether a merge would read a null of this value as "remove". Lists are taken as they are. */
function holdsNull(value: unknown): boolean {
  if (value === null) return true;
  return isJsonObject(value) && Object.values(value).some(holdsNull);
}
