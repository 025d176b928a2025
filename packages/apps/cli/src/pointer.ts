import { isJsonObject, type JsonObject } from "@passerelle/json";

/** JSON pointers (RFC 6901) into a section, on values that are never changed in place. */

/** `lan/networks/0/address` → the section `lan` and the tokens after it. */
export function parsePath(path: string): { readonly section: string; readonly tokens: string[] } {
  const [section = "", ...rest] = path.replace(/^\/|\/$/g, "").split("/");
  return {
    section,
    tokens: rest.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~")),
  };
}

/** Undefined where nothing is there. */
export function valueAt(value: unknown, tokens: readonly string[]): unknown {
  let here = value;
  for (const token of tokens) {
    if (Array.isArray(here))
      here = isIndex(token, here.length - 1) ? here[Number(token)] : undefined;
    else if (isJsonObject(here) && Object.hasOwn(here, token)) here = here[token];
    else return undefined;
  }
  return here;
}

/** Undefined where there is no such place. "-" is the place after the last item of a list. */
export function withValueAt(
  value: unknown,
  tokens: readonly string[],
  next: unknown,
): { readonly value: unknown } | undefined {
  const [token, ...rest] = tokens;
  if (token === undefined) return { value: next };
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const index = token === "-" ? items.length : isIndex(token, items.length) ? Number(token) : -1;
    if (index < 0) return undefined;
    const inner = withValueAt(items[index], rest, next);
    return inner === undefined ? undefined : { value: items.toSpliced(index, 1, inner.value) };
  }
  if (value !== undefined && !isJsonObject(value)) return undefined;
  const inner = withValueAt(memberOf(value, token), rest, next);
  return inner === undefined ? undefined : { value: { ...value, [token]: inner.value } };
}

/** Undefined where there is nothing to take away. */
export function without(
  value: unknown,
  tokens: readonly string[],
): { readonly value: unknown } | undefined {
  const [token, ...rest] = tokens;
  if (token === undefined || valueAt(value, tokens) === undefined) return undefined;
  if (rest.length > 0) {
    const inner = without(valueAt(value, [token]), rest);
    return inner === undefined ? undefined : withValueAt(value, [token], inner.value);
  }
  if (Array.isArray(value)) return { value: value.toSpliced(Number(token), 1) };
  if (!isJsonObject(value)) return undefined;
  return { value: Object.fromEntries(Object.entries(value).filter(([key]) => key !== token)) };
}

function memberOf(value: JsonObject | undefined, token: string): unknown {
  return value !== undefined && Object.hasOwn(value, token) ? value[token] : undefined;
}

function isIndex(token: string, max: number): boolean {
  return /^(0|[1-9][0-9]{0,8})$/.test(token) && Number(token) <= max;
}
