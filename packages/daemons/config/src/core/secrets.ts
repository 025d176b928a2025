import { isJsonObject, type Json } from "@passerelle/json";
import type { Difference } from "./difference.ts";
import { canonicalJson } from "./json.ts";
import { formatPointer, type PointerTokens, parsePointer } from "./pointer.ts";

/** What a person sees in the place of a secret; sent back, it means "unchanged". */
export const MASK = "•••";

/** Where the secrets of a section are; "*" stands for any key or array item. */
export type SecretPaths = readonly PointerTokens[];

/** @param pointers `Section.secrets`; a wrong one is our own mistake */
export function secretPaths(pointers: readonly string[]): SecretPaths {
  return pointers.map((pointer) => {
    const tokens = parsePointer(pointer);
    if (tokens === undefined || tokens.length === 0) {
      throw new Error(`invariant: a secret has a JSON pointer, not "${pointer}"`);
    }
    return tokens;
  });
}

/** The value with each secret shown as MASK. */
export function mask(value: unknown, secrets: SecretPaths): unknown {
  return rewrite(value, secrets, () => MASK);
}

/** The value without its secrets. */
export function withoutSecrets(value: unknown, secrets: SecretPaths): unknown {
  return rewrite(value, secrets, () => undefined);
}

/** Each secret that the value has. */
export function listSecrets(
  value: unknown,
  secrets: SecretPaths,
): readonly { readonly path: string; readonly value: unknown }[] {
  const found: { path: string; value: unknown }[] = [];
  rewrite(value, secrets, (secret, tokens) => {
    found.push({ path: formatPointer(tokens), value: secret });
    return secret;
  });
  return found;
}

/** A difference as a person may see it: that a secret changed, not what it was or is. */
export function maskDifference(difference: Difference, secrets: SecretPaths): Difference {
  const inside = secrets.flatMap((secret) => below(secret, difference.tokens));
  const { before, after, ...rest } = difference;
  return {
    ...rest,
    ...(before === undefined ? {} : { before: maskFrom(before, inside) }),
    ...(after === undefined ? {} : { after: maskFrom(after, inside) }),
  };
}

/**
 * Puts the previous secrets where the value says MASK. In an array the previous item is the one that looks the
 * same masked, else the one with the same `id` or `name`, else, where items have neither, the one in the same
 * place: so items may be moved and changed without taking each other's secrets. What stays masked is reported.
 */
export function unmask(
  value: Json,
  previous: unknown,
  secrets: SecretPaths,
): { readonly value: Json; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  return { value: restore(value, previous, secrets, [], unknown), unknown };
}

/** Puts MASK where the value has no secret but the previous one has: an export without secrets means "unchanged". */
export function maskMissing(value: Json, previous: unknown, secrets: SecretPaths): Json {
  if (secrets.length === 0) return value;
  if (Array.isArray(value)) {
    const counterpart = counterparts(previous, secrets);
    return value.map((item: Json, index) =>
      maskMissing(item, counterpart(item, index), follow(secrets, String(index))),
    );
  }
  if (!isJsonObject(value)) return value;
  const members = new Map(Object.entries(value as Readonly<Record<string, Json>>));
  const old = isJsonObject(previous) ? previous : {};
  for (const key of Object.keys(old)) {
    if (!members.has(key) && secrets.some((s) => s.length === 1 && matches(s[0], key))) {
      members.set(key, MASK);
    }
  }
  for (const [key, item] of members) {
    members.set(key, maskMissing(item, old[key], follow(secrets, key)));
  }
  return Object.fromEntries(members);
}

function restore(
  value: Json,
  previous: unknown,
  secrets: SecretPaths,
  tokens: PointerTokens,
  unknown: string[],
): Json {
  if (secrets.some((secret) => secret.length === 0) && value === MASK) {
    if (previous !== undefined && previous !== MASK) return previous as Json;
    unknown.push(formatPointer(tokens));
    return value;
  }
  if (secrets.length === 0) return value;
  if (Array.isArray(value)) {
    const counterpart = counterparts(previous, secrets);
    return value.map((item: Json, index) => {
      const old = counterpart(item, index);
      const key = String(index);
      return restore(item, old, follow(secrets, key), [...tokens, key], unknown);
    });
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Json>>).map(([key, item]) => {
      const old = isJsonObject(previous) ? previous[key] : undefined;
      return [key, restore(item, old, follow(secrets, key), [...tokens, key], unknown)];
    }),
  );
}

/** Finds the item of the previous array that an item stands for. Looks each up once: lists of strangers may be long. */
function counterparts(
  previous: unknown,
  secrets: SecretPaths,
): (item: Json, index: number) => unknown {
  if (!Array.isArray(previous)) return () => undefined;
  const inside = secrets.filter((secret) => secret[0] === "*").map((secret) => secret.slice(1));
  // Where the items themselves are the secrets, nothing but their place tells them apart.
  if (inside.some((secret) => secret.length === 0)) return (_, index) => previous[index];
  const seen = (item: unknown): string => canonicalJson(mask(item, inside));
  const bySight = groupBy(previous, seen);
  const byIdentity = groupBy(previous, identity);
  return (item, index) => {
    // Of items that look the same, the first stands for the first, the second for the second.
    const same = bySight.get(seen(item))?.shift();
    if (same !== undefined) return same;
    const name = identity(item);
    return name === undefined ? previous[index] : byIdentity.get(name)?.[0];
  };
}

function groupBy(
  items: readonly unknown[],
  key: (item: unknown) => string | undefined,
): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of items) {
    const name = key(item);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}

function identity(item: unknown): string | undefined {
  if (!isJsonObject(item)) return undefined;
  const key = IDENTITY_KEYS.find((name) => typeof item[name] === "string");
  return key === undefined ? undefined : `${key} ${String(item[key])}`;
}

function rewrite(
  value: unknown,
  secrets: SecretPaths,
  replace: (secret: unknown, tokens: PointerTokens) => unknown,
  tokens: PointerTokens = [],
): unknown {
  if (secrets.length === 0 || value === undefined) return value;
  if (secrets.some((secret) => secret.length === 0)) return replace(value, tokens);
  if (!Array.isArray(value) && !isJsonObject(value)) return value;
  const entries = Object.entries(value)
    .map(([key, item]) => [key, rewrite(item, follow(secrets, key), replace, [...tokens, key])])
    .filter(([, item]) => item !== undefined);
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

/** The rest of each path one step further inside. */
function follow(secrets: SecretPaths, key: string): SecretPaths {
  return secrets
    .filter((secret) => secret.length > 0 && matches(secret[0], key))
    .map((secret) => secret.slice(1));
}

/** The rest of `secret` below the place `tokens`; [[]] where the place is the secret or inside it; [] where they part. */
function below(secret: PointerTokens, tokens: PointerTokens): readonly PointerTokens[] {
  const shared = Math.min(secret.length, tokens.length);
  for (let i = 0; i < shared; i += 1) if (!matches(secret[i], tokens[i] ?? "")) return [];
  return [secret.slice(shared)];
}

function maskFrom(value: unknown, secrets: SecretPaths): unknown {
  return mask(value, secrets);
}

function matches(pattern: string | undefined, key: string): boolean {
  return pattern === "*" || pattern === key;
}

const IDENTITY_KEYS = ["id", "name"] as const;
