/** Success or failure as a value. A peer's mistake is a Result; our own mistake throws. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** Why bytes could not be read: a stable code, and the offset where reading stopped. */
export interface DecodeError {
  readonly code: string;
  /** Offset in octets from the start of the message. */
  readonly at: number;
}

/** A fault shown to people: a stable code, one sentence in their language, and what to do next. */
export interface Fault {
  /** Stable, snake_case, never translated; documented in docs/errors.md. */
  readonly code: string;
  readonly text: Sentence;
  /** What the person can do next; absent where there is nothing to do. */
  readonly next?: Sentence;
  /** What the system said, for the expert page. */
  readonly raw?: string;
}

/** One sentence in every language the box speaks. */
export interface Sentence {
  readonly fr: string;
  readonly en: string;
}

/** Ends the process when a belief of ours is broken (never for a peer's mistake). */
export function invariant(condition: boolean, belief: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${belief}`);
}

/** Makes the compiler prove that a switch met every member of a union. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
