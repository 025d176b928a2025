import type { SystemLogEntry } from "@passerelle/contract";
import type { Clock, Logger } from "@passerelle/service";
import {
  createGroupCommit,
  type GroupCommit,
  openStore,
  type Store,
  StoreError,
  type StoreOptions,
} from "@passerelle/store";
import { milliseconds, seconds } from "@passerelle/time";
import type { LogLine } from "../core/effect.ts";
import { EMPTY_MEMORY, type Memory } from "../core/state.ts";

export const LINES_MAX = 10_000;
/** Lines that wait for room on a full disk; older ones are lost then, newer ones matter more. */
const WAITING_MAX = 500;
/** Some lines come together (a device, its lease, its opening): one fsync for them. */
const GROUP_WAIT = milliseconds(50);
const RETRY_AFTER = seconds(10);

export interface LogStoreOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** A line is on the disk, with its number. */
  readonly logged: (entry: SystemLogEntry) => void;
  /** Writing began to fail, or works again. */
  readonly failing: (failing: boolean) => void;
  /** Absent: a file of SQLite. */
  readonly open?: (options: StoreOptions) => Store;
}

/** The event log and what the daemon must know after a restart, in one durable file (synchronous=FULL). */
export class LogStore {
  readonly #options: LogStoreOptions;
  readonly #store: Store | undefined;
  readonly #group: GroupCommit | undefined;
  #waiting: SystemLogEntry[] = [];
  #memory: Memory | undefined;
  /** The group that is on its way holds everything that waited when it was made. */
  #isQueued = false;
  #failing = false;
  #retry: { cancel(): void } | undefined;
  #nextId = 1;
  /** The damaged file of an earlier life was put aside. */
  readonly wasReplaced: boolean;
  /** There was no file: a new box, or one that was reset. */
  readonly isNew: boolean;

  constructor(options: LogStoreOptions) {
    this.#options = options;
    this.#store = this.#open();
    this.wasReplaced = this.#store?.opening.kind === "replaced";
    this.isNew = this.#store?.opening.kind === "created";
    if (this.#store === undefined) return;
    const { clock } = options;
    this.#group = createGroupCommit({
      store: this.#store,
      later: (wait, callback) => clock.later(wait, callback),
      wait: GROUP_WAIT,
    });
    const row = this.#store.get<{ seq: number }>(
      "SELECT seq FROM sqlite_sequence WHERE name = 'lines'",
    );
    this.#nextId = (row?.seq ?? 0) + 1;
  }

  /** What an earlier life left, as `check` understands it. */
  remembered(check: (value: unknown) => Memory | undefined): Memory {
    const text = this.setting("memory");
    if (text === undefined) return EMPTY_MEMORY;
    try {
      return check(JSON.parse(text)) ?? EMPTY_MEMORY;
    } catch {
      return EMPTY_MEMORY;
    }
  }

  keep(lines: readonly LogLine[], memory: Memory | undefined): void {
    for (const line of lines) {
      const { at, text, ...rest } = line;
      const entry: SystemLogEntry = {
        ...rest,
        id: this.#nextId,
        at: at ?? this.#options.clock.wall(),
        text: { ...text },
      };
      this.#nextId += 1;
      this.#waiting.push(entry);
    }
    if (this.#waiting.length > WAITING_MAX)
      this.#waiting.splice(0, this.#waiting.length - WAITING_MAX);
    if (memory !== undefined) this.#memory = memory;
    this.#enqueue();
  }

  page(query: {
    readonly category?: string | undefined;
    readonly before?: number | undefined;
    readonly limit: number;
  }): { entries: SystemLogEntry[]; more: boolean } {
    const { category, before, limit } = query;
    const fits = (entry: SystemLogEntry): boolean =>
      (category === undefined || entry.category === category) &&
      (before === undefined || entry.id < before);
    // A line that waits a moment for its fsync has no number yet that would stand after a power cut.
    const waiting = this.#failing ? this.#waiting.filter(fits).toReversed() : [];
    const rows = this.#read<Row>(
      `SELECT id, at, category, severity, code, fr, en, actor, source FROM lines
       WHERE id < ? AND (? IS NULL OR category = ?) ORDER BY id DESC LIMIT ?`,
      ...[before ?? Number.MAX_SAFE_INTEGER, category ?? null, category ?? null, limit + 1],
    );
    // A line that waits may be written already, its group not yet told.
    const ids = new Set(waiting.map(({ id }) => id));
    const all = [...waiting, ...rows.filter(({ id }) => !ids.has(id)).map(entryOf)];
    return { entries: all.slice(0, limit), more: all.length > limit };
  }

  /** A small durable value of its own. */
  setting(key: string): string | undefined {
    return this.#read<{ value: string }>("SELECT value FROM settings WHERE key = ?", key)[0]?.value;
  }

  /** False where it could not be written. When it returns true the value is on the disk. */
  set(key: string, value: string | undefined): boolean {
    const store = this.#store;
    if (store === undefined) return false;
    const done = store.attempt(() => writeSetting(store, key, value));
    return done.ok;
  }

  /** Writes what waits, now. */
  flush(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#enqueue();
    this.#group?.flush();
  }

  close(): void {
    this.flush();
    this.#retry?.cancel();
    this.#store?.close();
  }

  dump(): unknown {
    return { waiting: this.#waiting.length, failing: this.#failing, nextId: this.#nextId };
  }

  #enqueue(): void {
    const [store, group] = [this.#store, this.#group];
    if (store === undefined || group === undefined) return;
    if (this.#isQueued || this.#retry !== undefined) return;
    if (this.#waiting.length === 0 && this.#memory === undefined) return;
    this.#isQueued = true;
    let lines: readonly SystemLogEntry[] = [];
    let memory: Memory | undefined;
    group.enqueue(
      () => {
        lines = [...this.#waiting];
        memory = this.#memory;
        writeLines(store, lines);
        if (memory !== undefined) writeSetting(store, "memory", JSON.stringify(memory));
      },
      (result) => {
        this.#isQueued = false;
        if (result.ok) this.#written(lines, memory);
        else this.#failed(result.error);
      },
    );
  }

  #written(lines: readonly SystemLogEntry[], memory: Memory | undefined): void {
    const done = new Set(lines.map(({ id }) => id));
    this.#waiting = this.#waiting.filter(({ id }) => !done.has(id));
    if (this.#memory === memory) this.#memory = undefined;
    this.#report(false);
    for (const line of lines) this.#options.logged(line);
    this.#enqueue();
  }

  #failed(error: StoreError): void {
    if (!this.#failing) this.#options.log.error("log_not_written", { code: error.code });
    this.#report(true);
    this.#retry = this.#options.clock.later(RETRY_AFTER, () => {
      this.#retry = undefined;
      this.#enqueue();
    });
  }

  #report(failing: boolean): void {
    if (this.#failing === failing) return;
    this.#failing = failing;
    this.#options.failing(failing);
  }

  #read<Row>(sql: string, ...values: readonly (string | number | null)[]): readonly Row[] {
    try {
      return this.#store?.all<Row>(sql, ...values) ?? [];
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#options.log.error("log_not_read", { code: error.code });
      return [];
    }
  }

  /** Without its file the daemon still measures and still tells; only the past is missing. */
  #open(): Store | undefined {
    try {
      const open = this.#options.open ?? openStore;
      return open({ path: `${this.#options.directory}/events.db`, migrations: MIGRATIONS });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#options.log.error("log_not_opened", { code: error.code });
      this.#failing = true;
      this.#options.failing(true);
      return undefined;
    }
  }
}

interface Row {
  readonly id: number;
  readonly at: number;
  readonly category: SystemLogEntry["category"];
  readonly severity: SystemLogEntry["severity"];
  readonly code: string;
  readonly fr: string;
  readonly en: string;
  readonly actor: string | null;
  readonly source: string | null;
}

/** AUTOINCREMENT: the number of a line that was deleted is never used again. */
const MIGRATIONS = [
  `CREATE TABLE lines (
     id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, category TEXT NOT NULL, severity TEXT NOT NULL,
     code TEXT NOT NULL, fr TEXT NOT NULL, en TEXT NOT NULL, actor TEXT, source TEXT
   ) STRICT;
   CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
];

function writeLines(store: Store, lines: readonly SystemLogEntry[]): void {
  const last = lines.at(-1);
  if (last === undefined) return;
  for (const { id, at, category, severity, code, text, actor, source } of lines) {
    store.run(
      "INSERT INTO lines (id, at, category, severity, code, fr, en, actor, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ...[id, at, category, severity, code, text.fr, text.en, actor ?? null, source ?? null],
    );
  }
  store.run("DELETE FROM lines WHERE id <= ?", last.id - LINES_MAX);
}

function writeSetting(store: Store, key: string, value: string | undefined): void {
  if (value === undefined) store.run("DELETE FROM settings WHERE key = ?", key);
  else {
    store.run(
      "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      ...[key, value],
    );
  }
}

function entryOf(row: Row): SystemLogEntry {
  const { fr, en, actor, source, ...rest } = row;
  return {
    ...rest,
    text: { fr, en },
    ...(actor === null ? {} : { actor }),
    ...(source === null ? {} : { source }),
  };
}
