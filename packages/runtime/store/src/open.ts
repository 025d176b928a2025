import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { err, ok, type Result } from "@passerelle/result";
import Database from "better-sqlite3";
import { moveCorruptAside, moveNewerAside, newestKept, syncDirectory } from "./aside.ts";
import type { RunResult, SqlValue, Store, StoreOpening, StoreOptions } from "./port.ts";
import { keepCopy, migrate } from "./schema.ts";
import { StoreError, toStoreError } from "./store-error.ts";

/**
 * Opens the file, checks it, and runs the migrations that it has not run. A corrupt file is moved aside as
 * `<path>.corrupt-<n>`, never deleted, and an empty one takes its place. One that a newer release changed beyond what this
 * one knows goes to `<path>.newer`, and the file as it was before that takes its place. Throws `StoreError` where the
 * file can't be used for any other reason.
 */
export function openStore(options: StoreOptions): Store {
  const existed = existsSync(options.path);
  const first = tryOpen(options);
  if (first.ok) {
    return createStore(first.value, existed ? { kind: "opened" } : { kind: "created" });
  }
  const opening = makeRoom(options, first.error);
  if (opening === undefined) throw first.error;
  const second = tryOpen(options);
  if (!second.ok) throw second.error;
  return createStore(second.value, opening);
}

/** Moves a file away that can't be used; undefined where that would not help. */
function makeRoom({ path, migrations }: StoreOptions, error: StoreError): StoreOpening | undefined {
  const reason = error.message;
  if (error.code === "store_corrupt") {
    return { kind: "replaced", movedTo: moveCorruptAside(path), reason };
  }
  if (error.code !== "store_too_new") return undefined;
  const kept = newestKept(path, migrations.length);
  const movedTo = moveNewerAside(path, kept);
  return { kind: kept === undefined ? "replaced" : "went_back", movedTo, reason };
}

function createStore(database: Database.Database, opening: StoreOpening): Store {
  const prepared = new Map<string, Database.Statement<SqlValue[], unknown>>();
  function statement(sql: string): Database.Statement<SqlValue[], unknown> {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    // Statements are written in the code, not made from input; the limit only catches the mistake of making them.
    if (prepared.size >= STATEMENTS_MAX) prepared.clear();
    const fresh = database.prepare<SqlValue[], unknown>(sql);
    prepared.set(sql, fresh);
    return fresh;
  }
  const store: Store = {
    opening,
    run: (sql, ...values): RunResult => translated(() => statement(sql).run(...values)),
    get: <Row>(sql: string, ...values: readonly SqlValue[]) =>
      translated(() => statement(sql).get(...values)) as Row | undefined,
    all: <Row>(sql: string, ...values: readonly SqlValue[]) =>
      translated(() => statement(sql).all(...values)) as readonly Row[],
    // Immediate: a transaction that is going to write takes the lock first, so it can't fail half-way for it.
    transaction: (body) => translated(() => database.transaction(body).immediate()),
    attempt: (body) => {
      try {
        return ok(store.transaction(body));
      } catch (thrown) {
        if (thrown instanceof StoreError) return err(thrown);
        throw thrown;
      }
    },
    close: () => {
      prepared.clear();
      database.close();
    },
  };
  return store;
}

function tryOpen(options: StoreOptions): Result<Database.Database, StoreError> {
  // better-sqlite3 would throw a TypeError without a code.
  if (!existsSync(dirname(options.path))) {
    return err(new StoreError("store_io", `no folder ${dirname(options.path)}`));
  }
  let database: Database.Database | undefined;
  try {
    database = new Database(options.path, { timeout: BUSY_MS });
    // One process owns the file. Exclusive before WAL also keeps the WAL index in memory, so that a file can
    // be opened and read while the disk is full (https://www.sqlite.org/wal.html, section 8).
    database.pragma("locking_mode = EXCLUSIVE");
    database.pragma("journal_mode = WAL");
    // In WAL mode NORMAL may lose acknowledged commits at a power cut, FULL does not.
    database.pragma(`synchronous = ${options.durable === false ? "NORMAL" : "FULL"}`);
    database.pragma("foreign_keys = ON");
    database.pragma(`journal_size_limit = ${WAL_BYTES_KEPT}`);
    const verdict = database.pragma("quick_check(1)", { simple: true });
    if (verdict !== "ok") throw new StoreError("store_corrupt", `quick_check: ${String(verdict)}`);
    const opened = database;
    migrate(opened, options.migrations, (version) => {
      if (options.durable !== false) keepCopy(opened, options.path, version);
    });
    // The name of a new file must survive a power cut as well as its contents.
    syncDirectory(options.path);
    return ok(database);
  } catch (thrown) {
    database?.close();
    const error = toStoreError(thrown);
    if (error === undefined) throw thrown;
    return err(error);
  }
}

function translated<T>(body: () => T): T {
  try {
    return body();
  } catch (thrown) {
    throw toStoreError(thrown) ?? thrown;
  }
}

/** How long a daemon that starts waits for the one it follows to let go of the file. */
const BUSY_MS = 5000;
/** What of the log stays on the disk after a checkpoint. */
const WAL_BYTES_KEPT = 1024 * 1024;
const STATEMENTS_MAX = 256;
