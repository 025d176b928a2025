/** Fields that may be missing are written as undefined, and `known` takes those out. */
export type Maybe<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Only for types whose every field may be absent: for another the argument is `never`. */
type AllOptional<T> = Partial<T> extends T ? Maybe<T> : never;

/** The fields that are known. Undefined is never stored, so that JSON and a comparison agree. */
export function known<T extends object>(fields: AllOptional<T>): T {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  // What is left of fields that may all be absent is a T; fromEntries cannot say so.
  return Object.fromEntries(kept) as T;
}

/** The same, and undefined where nothing at all is known. */
export function knownOrNone<T extends object>(fields: AllOptional<T>): T | undefined {
  const kept = known<T>(fields);
  return Object.keys(kept).length === 0 ? undefined : kept;
}
