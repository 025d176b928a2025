/** How to go from one JSON value to another. */
export type Difference =
  | { readonly kind: "same" }
  /** RFC 7396. */
  | { readonly kind: "patch"; readonly patch: JsonMembers }
  /** A merge patch can't say it (null is a value here, or one of the two is no object): the whole value. */
  | { readonly kind: "whole" };

export interface JsonMembers {
  readonly [key: string]: unknown;
}

/** The smallest merge patch that turns `before` into `after`. Both are JSON: no undefined, no function. */
export function differenceOf(before: unknown, after: unknown): Difference {
  if (isSame(before, after)) return { kind: "same" };
  if (!isMembers(before) || !isMembers(after)) return { kind: "whole" };
  const patch = patchOf(before, after);
  return patch === undefined ? { kind: "whole" } : { kind: "patch", patch };
}

/** RFC 7396 section 2. */
export function applyPatch(target: unknown, patch: unknown): unknown {
  if (!isMembers(patch)) return patch;
  const merged = new Map(Object.entries(isMembers(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, applyPatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

function patchOf(before: JsonMembers, after: JsonMembers): JsonMembers | undefined {
  const patch = new Map<string, unknown>();
  const old = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(after)) {
    const known = old.get(key);
    const isNew = !old.has(key);
    old.delete(key);
    if (!isNew && isSame(known, value)) continue;
    if (!isNew && isMembers(known) && isMembers(value)) {
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
  return isMembers(value) && Object.values(value).some(holdsNull);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  if (!isMembers(a) || !isMembers(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
  );
}

function isMembers(value: unknown): value is JsonMembers {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
