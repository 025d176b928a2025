/** JSON merge patches (RFC 7396): made from two values, and put on one. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function applyPatch(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const members = new Map(Object.entries(isObject(value) ? value : {}));
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) members.delete(key);
    else members.set(key, applyPatch(members.get(key), change));
  }
  return Object.fromEntries(members);
}

/** The patch that leads from one object to the other; a list that differs comes whole. */
export function patchBetween(before: JsonObject, after: JsonObject): JsonObject {
  const patch = new Map<string, unknown>();
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch.set(key, null);
  for (const [key, next] of Object.entries(after)) {
    const previous = Object.hasOwn(before, key) ? before[key] : undefined;
    if (isObject(previous) && isObject(next)) {
      const inner = patchBetween(previous, next);
      if (Object.keys(inner).length > 0) patch.set(key, inner);
    } else if (!isEqual(previous, next)) patch.set(key, next);
  }
  return Object.fromEntries(patch);
}

/** Both came from JSON; the order of members is no difference. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, n) => isEqual(item, b[n]));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
    );
  }
  return a === b;
}
