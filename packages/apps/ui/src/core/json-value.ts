/** Values of the configuration as the API shows them. */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** How the API shows a secret. Sent back, it means "as it is". */
export const MASK = "•••";

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, index) => sameJson(one, b[index]));
  }
  if (isRecord(a) && isRecord(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => sameJson(a[key], b[key]));
  }
  return a === b;
}

/**
 * The merge patch (RFC 7396) that makes one value of another; undefined where they are the same. A secret that is
 * missing in the second is kept: a backup without secrets does not mean that they go.
 */
export function patchBetween(before: unknown, after: unknown): JsonRecord | undefined {
  if (!isRecord(before) || !isRecord(after)) return undefined;
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key], after[key]];
    if (sameJson(was, is)) continue;
    if (is === undefined) {
      if (was !== MASK) patch[key] = null;
      continue;
    }
    const inner = patchBetween(was, is);
    if (inner !== undefined) patch[key] = inner;
    else if (!isRecord(was) || !isRecord(is)) patch[key] = is;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Marks that can't be seen, and those that turn a line around, as JSON would escape them. */
export function visible(text: string): string {
  return text.replace(/[\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, (mark) =>
    [...mark].map((one) => `\\u{${one.codePointAt(0)?.toString(16) ?? ""}}`).join(""),
  );
}

/** A value in one line, cut where it is long. */
export function shortJson(value: unknown): string {
  const text = visible(typeof value === "string" ? value : (JSON.stringify(value) ?? "–"));
  return text.length > SHORT ? `${text.slice(0, SHORT - 1)}…` : text;
}

const SHORT = 120;
