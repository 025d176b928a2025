/** Why the store could not do what it was asked; stable codes, documented in README.md. */
export type StoreErrorCode =
  /** No space (or no quota) left: nothing was written, what was stored is whole; works again once there is room. */
  | "store_full"
  /** The device failed, or is read-only: nothing was written. */
  | "store_io"
  /** The file is damaged; the next `openStore` moves it aside. */
  | "store_corrupt"
  /** Another process holds the file. */
  | "store_busy"
  /** A constraint of the schema refused this one write. */
  | "store_constraint"
  /** The file was written by a newer release; `openStore` makes room for one that this release knows. */
  | "store_too_new"
  /** Anything else, e.g. wrong SQL: our own mistake. */
  | "store_failed";

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }

  /** True where the file system, not the statement, is at fault: the whole transaction is lost. */
  get concernsEverything(): boolean {
    return this.code !== "store_constraint" && this.code !== "store_failed";
  }
}

/** Turns what SQLite threw into a StoreError; undefined for any other error. */
export function toStoreError(thrown: unknown): StoreError | undefined {
  if (thrown instanceof StoreError) return thrown;
  if (!(thrown instanceof Error) || !("code" in thrown) || typeof thrown.code !== "string") {
    return undefined;
  }
  if (!thrown.code.startsWith("SQLITE_")) return undefined;
  return new StoreError(storeErrorCode(thrown.code), `${thrown.code}: ${thrown.message}`, {
    cause: thrown,
  });
}

/** @param sqliteCode name of an extended result code, https://www.sqlite.org/rescode.html */
export function storeErrorCode(sqliteCode: string): StoreErrorCode {
  const match = CODES.find(([prefix]) => sqliteCode.startsWith(prefix));
  return match === undefined ? "store_failed" : match[1];
}

const CODES: readonly (readonly [string, StoreErrorCode])[] = [
  ["SQLITE_FULL", "store_full"],
  // The shared-memory file could not grow: the same lack of space under another name.
  ["SQLITE_IOERR_SHMSIZE", "store_full"],
  ["SQLITE_IOERR_CORRUPTFS", "store_corrupt"],
  ["SQLITE_IOERR", "store_io"],
  ["SQLITE_READONLY", "store_io"],
  ["SQLITE_CANTOPEN", "store_io"],
  ["SQLITE_CORRUPT", "store_corrupt"],
  ["SQLITE_NOTADB", "store_corrupt"],
  ["SQLITE_BUSY", "store_busy"],
  ["SQLITE_LOCKED", "store_busy"],
  ["SQLITE_CONSTRAINT", "store_constraint"],
];
