import { isJsonObject, isSameJson, type JsonObject } from "@passerelle/json";

/** The patch that leads from one object to the other; a list that differs comes whole. */
export function patchBetween(before: JsonObject, after: JsonObject): JsonObject {
  const patch = new Map<string, unknown>();
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch.set(key, null);
  for (const [key, next] of Object.entries(after)) {
    const previous = Object.hasOwn(before, key) ? before[key] : undefined;
    if (isJsonObject(previous) && isJsonObject(next)) {
      const inner = patchBetween(previous, next);
      if (Object.keys(inner).length > 0) patch.set(key, inner);
    } else if (!isSameJson(previous, next)) patch.set(key, next);
  }
  return Object.fromEntries(patch);
}
