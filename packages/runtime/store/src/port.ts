import type { Result } from "@passerelle/result";
import type { StoreError } from "./store-error.ts";

export interface StoreOptions {
  readonly path: string;
  /** Steps of the schema, in order; version n of the file has run the first n. Never edit one that was released. */
  readonly migrations: readonly Migration[];
  /** false only for statistics that may be lost at a power cut. */
  readonly durable?: boolean;
}

/**
 * SQL of one step. An additive one (a new table, a column that may be null) leaves a file that releases before it can
 * use: they go on with it after an upgrade that was undone. Before any other step the file is kept as it was.
 */
export type Migration = string | { readonly additive: string };

/**
 * A daemon's SQLite file: WAL, `synchronous=FULL`, migrations by number. Calls are synchronous: a commit
 * blocks the loop for one fsync, so hot writers use `GroupCommit`.
 */
export interface Store {
  /** How the file was found; one that was replaced lost what it had, and the caller must say so to people. */
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
  /** Damaged, or of a newer release that kept no copy: it begins empty. */
  | { readonly kind: "replaced"; readonly movedTo: string; readonly reason: string }
  /** A newer release had changed it: it is as it was before that. */
  | { readonly kind: "went_back"; readonly movedTo: string; readonly reason: string };

export type SqlValue = string | number | bigint | Uint8Array | null;

export interface RunResult {
  /** Rows inserted, changed or deleted. */
  readonly changes: number;
  readonly lastInsertRowid: number | bigint;
}
