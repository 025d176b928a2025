import { isJsonObject } from "@passerelle/json";
import { sameJson } from "./json.ts";
import { formatPointer, type PointerTokens } from "./pointer.ts";

/** One place where two values differ; `before` absent: added, `after` absent: removed. */
export interface Difference {
  /** JSON pointer (RFC 6901). */
  readonly path: string;
  readonly tokens: PointerTokens;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** The smallest places where two JSON values differ. Beyond `DIFFERENCES_MAX` the whole value is one difference. */
export function differences(before: unknown, after: unknown): readonly Difference[] {
  const found: Difference[] = [];
  collect(before, after, [], found);
  return found.length <= DIFFERENCES_MAX ? found : [difference([], before, after)];
}

function collect(
  before: unknown,
  after: unknown,
  tokens: PointerTokens,
  found: Difference[],
): void {
  if (found.length > DIFFERENCES_MAX) return;
  const inside =
    (isJsonObject(before) && isJsonObject(after)) ||
    (Array.isArray(before) && Array.isArray(after));
  if (!inside) {
    const same =
      before === undefined || after === undefined ? before === after : sameJson(before, after);
    if (!same) found.push(difference(tokens, before, after));
    return;
  }
  const old = new Map(Object.entries(before));
  const fresh = new Map(Object.entries(after));
  for (const key of new Set([...old.keys(), ...fresh.keys()])) {
    collect(old.get(key), fresh.get(key), [...tokens, key], found);
  }
}

function difference(tokens: PointerTokens, before: unknown, after: unknown): Difference {
  return {
    path: formatPointer(tokens),
    tokens,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

/** More than a person reads; an import of everything shows each section as one. */
const DIFFERENCES_MAX = 200;
