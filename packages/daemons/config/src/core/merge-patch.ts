import { isObject, type Json, type JsonObject } from "./json.ts";

/**
 * JSON merge patch, RFC 7396 section 2: null removes a member, an object goes inside, anything else replaces.
 * Both values have passed `asJson`, so the depth is bounded.
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  // "If the target is not an object, it is ignored and its contents replaced by an empty object."
  const merged = new Map(Object.entries(isJsonObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

function isJsonObject(value: Json | undefined): value is JsonObject {
  return isObject(value);
}
