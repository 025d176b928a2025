import type { Result } from "@passerelle/result";
import type { StoreError } from "./store-error.ts";

export interface StoreOptions {
  readonly path: string;
  /** SQL of each schema version, in order; version n of the file has run the first n. Never edit one that was released. */
  readonly migrations: readonly string[];
  /** false only for statistics that may be lost at a power cut. */
  readonly durable?: boolean;
}

/**
 * A daemon's SQLite file: WAL, `synchronous=FULL`, migrations by number. Calls are synchronous: a commit
 * blocks the loop for one fsync, so hot writers use `GroupCommit`.
 */
export interface Store {
  /** How the file was found; a corrupt one was moved aside and the caller must say so to people. */
  readonly opening: StoreOpening;
  /** Runs one statement that changes something. Throws `StoreError`. */
  run(sql: string, ...values: readonly SqlValue[]): RunResult;
  /** The first row, if any. `Row` is what the caller's own schema says; nothing checks it. Throws `StoreError`. */
  get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined;
  all<Row>(sql: string, ...values: readonly SqlValue[]): readonly Row[];
  /**
   * Everything in `body` or nothing. When it returns, the commit is on the disk (where `durable`). Inside
   * another transaction it is a savepoint. What `body` throws passes through after the roll-back.
   */
  transaction<T>(body: () => T): T;
  /** The same, with the store's own failures as values; anything else that `body` throws passes through. */
  attempt<T>(body: () => T): Result<T, StoreError>;
  close(): void;
}

export type StoreOpening =
  | { readonly kind: "created" }
  | { readonly kind: "opened" }
  | { readonly kind: "replaced_corrupt"; readonly movedTo: string; readonly reason: string };

export type SqlValue = string | number | bigint | Uint8Array | null;

export interface RunResult {
  /** Rows inserted, changed or deleted. */
  readonly changes: number;
  readonly lastInsertRowid: number | bigint;
}
