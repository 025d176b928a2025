import type { StoredAnswer } from "./stored-answer.ts";

/** Places a question can stand in. */
export const WAYS = 8;

export interface StoredTable {
  /** The hash of each place, so that most misses never touch an answer. */
  readonly tags: Int32Array;
  readonly answers: (StoredAnswer | undefined)[];
  /** Number of sets minus one; sets are a power of two. */
  readonly mask: number;
}

export function tableOf(entries: number): StoredTable {
  if (entries === 0) return { tags: new Int32Array(0), answers: [], mask: 0 };
  let sets = 1;
  while (sets * WAYS < entries) sets *= 2;
  return {
    tags: new Int32Array(sets * WAYS),
    answers: new Array<StoredAnswer | undefined>(sets * WAYS).fill(undefined),
    mask: sets - 1,
  };
}
