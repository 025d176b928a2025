/**
 * A daemon's SQLite file: WAL, `synchronous=FULL`, migrations by number. `better-sqlite3` is synchronous,
 * so a commit blocks the loop for one fsync: hot writers use `GroupCommit`.
 */
export interface StoreOptions {
  readonly path: string;
  /** SQL of each schema version, in order; version n of the file has run the first n. */
  readonly migrations: readonly string[];
  /** false only for statistics that may be lost at a power cut. */
  readonly durable?: boolean;
}
