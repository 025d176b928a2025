import { join } from "node:path";
import type { Fault } from "@passerelle/result";
import type { Clock, Logger } from "@passerelle/service";
import { openStore, type Store, StoreError } from "@passerelle/store";
import { afterBoot, NO_ATTEMPTS } from "../core/attempts.ts";
import { doorFault } from "../core/faults.ts";
import { type Book, EMPTY_BOOK } from "../core/state.ts";
import {
  readStoredApp,
  readStoredAttempts,
  readStoredRequest,
  readStoredSession,
} from "../schema-store.ts";

/** web.db: who may come in. Secrets of apps and the hash of the password are here and nowhere else. */
export interface DoorStore {
  /** As an earlier process left it. */
  load(): Book;
  /** Writes what changed since the last time, with the password where there is a new one. False: it is not on the disk. */
  save(book: Book, passwordHash?: string): boolean;
  /** Of the password a person chose; undefined: the label's is valid. */
  readonly passwordHash: string | undefined;
  secretOf(app: string): string | undefined;
  /** Written with the next `save`, together with the request that it belongs to. */
  holdSecret(request: string, secret: string): void;
  /** Present while the disk does not take what we write, or after the file was lost. */
  readonly fault: Fault | undefined;
  close(): void;
}

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE session (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
   CREATE TABLE app (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
   CREATE TABLE request (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
   CREATE TABLE secret (id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
];

/** A disk that can't be used keeps nobody out: the door works from memory, with the label's password. */
export function openDoorStore(directory: string, clock: Clock, log: Logger): DoorStore {
  try {
    const store = openStore({ path: join(directory, "web.db"), migrations: MIGRATIONS });
    const wasLost = store.opening.kind === "replaced";
    if (wasLost) log.error("web_store_replaced", { movedTo: store.opening.movedTo });
    return new SqliteDoorStore(store, clock, log, wasLost);
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    log.error("web_store_unusable", { code: thrown.code, reason: thrown.message });
    return new SqliteDoorStore(undefined, clock, log, false);
  }
}

type Row = { readonly id: string; readonly document: string };
type Table = "session" | "app" | "request";

class SqliteDoorStore implements DoorStore {
  readonly #store: Store | undefined;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #wasLost: boolean;
  /** What the disk has: rows are compared by reference, for the book is never changed in place. */
  #saved: Book = EMPTY_BOOK;
  #passwordHash: string | undefined;
  readonly #secrets = new Map<string, string>();
  readonly #held = new Set<string>();
  #isFailing = false;

  constructor(store: Store | undefined, clock: Clock, log: Logger, wasLost: boolean) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#wasLost = wasLost;
    this.#isFailing = store === undefined;
  }

  get passwordHash(): string | undefined {
    return this.#passwordHash;
  }

  get fault(): Fault | undefined {
    if (this.#isFailing) return doorFault("not_saved");
    return this.#wasLost ? doorFault("access_lost") : undefined;
  }

  load(): Book {
    if (this.#store === undefined) return EMPTY_BOOK;
    this.#passwordHash = this.#fact("password");
    const sameBoot = this.#fact("boot") === this.#clock.bootId;
    for (const { id, value } of this.#store.all<{ id: string; value: string }>(
      "SELECT id, value FROM secret",
    ))
      this.#secrets.set(id, value);
    const apps = this.#rows("app", readStoredApp);
    const stored = readStoredAttempts(this.#fact("attempts") ?? "") ?? NO_ATTEMPTS;
    const found: Book = {
      ...EMPTY_BOOK,
      apps,
      sessions: this.#rows("session", readStoredSession),
      requests: this.#rows("request", readStoredRequest),
      attempts: stored,
    };
    this.#saved = found;
    // Nobody knows how long the box was off: what was promised for a time ends, what slows guessing starts again.
    const book = sameBoot
      ? { ...found, sessions: withOwner(found) }
      : {
          ...found,
          sessions: new Map(),
          requests: new Map(),
          attempts: afterBoot(stored, this.#clock.now()),
        };
    this.save(book);
    return book;
  }

  save(book: Book, passwordHash?: string): boolean {
    if (passwordHash === undefined && sameRows(book, this.#saved) && !this.#isFailing) return true;
    const store = this.#store;
    if (store === undefined) {
      this.#saved = book;
      return false;
    }
    const saved = this.#saved;
    const written = store.attempt(() => {
      this.#setFact("boot", this.#clock.bootId);
      if (passwordHash !== undefined) this.#setFact("password", passwordHash);
      if (book.attempts !== saved.attempts) {
        const { sources, ...rest } = book.attempts;
        this.#setFact("attempts", JSON.stringify({ ...rest, sources: [...sources] }));
      }
      this.#put("session", saved.sessions, book.sessions);
      this.#put("app", saved.apps, book.apps);
      this.#put("request", saved.requests, book.requests);
      this.#putSecrets(store, book);
    });
    if (!written.ok) {
      if (!this.#isFailing) this.#log.error("web_store_failed", { code: written.error.code });
      this.#isFailing = true;
      return false;
    }
    this.#isFailing = false;
    this.#held.clear();
    this.#passwordHash = passwordHash ?? this.#passwordHash;
    this.#saved = book;
    return true;
  }

  secretOf(app: string): string | undefined {
    return this.#secrets.get(app);
  }

  holdSecret(request: string, secret: string): void {
    this.#secrets.set(request, secret);
    this.#held.add(request);
  }

  close(): void {
    this.#store?.close();
  }

  #rows<T>(table: Table, read: (json: string) => T | undefined): ReadonlyMap<string, T> {
    const rows = new Map<string, T>();
    for (const { id, document } of this.#store?.all<Row>(SELECT[table]) ?? []) {
      const value = read(document);
      if (value === undefined) this.#log.warn("web_row_dropped", { table });
      else rows.set(id, value);
    }
    return rows;
  }

  #put<T>(table: Table, before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): void {
    if (before === after) return;
    for (const id of before.keys()) if (!after.has(id)) this.#store?.run(REMOVE[table], id);
    for (const [id, value] of after)
      if (before.get(id) !== value) this.#store?.run(PUT[table], id, JSON.stringify(value, listed));
  }

  /** A secret is kept for as long as its app or its request. */
  #putSecrets(store: Store, book: Book): void {
    for (const [id, secret] of this.#secrets) {
      if (!book.apps.has(id) && !book.requests.has(id)) {
        this.#secrets.delete(id);
        store.run("DELETE FROM secret WHERE id = ?", id);
      } else if (this.#held.has(id)) {
        store.run("INSERT OR REPLACE INTO secret (id, value) VALUES (?, ?)", id, secret);
      }
    }
  }

  #fact(name: string): string | undefined {
    return this.#store?.get<{ value: string }>("SELECT value FROM fact WHERE name = ?", name)
      ?.value;
  }

  #setFact(name: string, value: string): void {
    this.#store?.run("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", name, value);
  }
}

/** Rows that one of a damaged table may have left alone. */
function withOwner(book: Book): Book["sessions"] {
  return new Map(
    [...book.sessions].filter(
      ([, { owner }]) => owner.kind === "person" || book.apps.has(owner.app),
    ),
  );
}

function sameRows(a: Book, b: Book): boolean {
  return (
    a.sessions === b.sessions &&
    a.apps === b.apps &&
    a.requests === b.requests &&
    a.attempts === b.attempts
  );
}

/** Sets become lists. */
function listed(_: string, value: unknown): unknown {
  return value instanceof Set ? [...value] : value;
}

const SELECT: Readonly<Record<Table, string>> = {
  session: "SELECT id, document FROM session",
  app: "SELECT id, document FROM app",
  request: "SELECT id, document FROM request",
};
const REMOVE: Readonly<Record<Table, string>> = {
  session: "DELETE FROM session WHERE id = ?",
  app: "DELETE FROM app WHERE id = ?",
  request: "DELETE FROM request WHERE id = ?",
};
const PUT: Readonly<Record<Table, string>> = {
  session: "INSERT OR REPLACE INTO session (id, document) VALUES (?, ?)",
  app: "INSERT OR REPLACE INTO app (id, document) VALUES (?, ?)",
  request: "INSERT OR REPLACE INTO request (id, document) VALUES (?, ?)",
};
