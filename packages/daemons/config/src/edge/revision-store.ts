import type { ConfigAuthor, RevisionInfo } from "@passerelle/contract";
import type { Fault, Result } from "@passerelle/result";
import type { Clock } from "@passerelle/service";
import { forgetAside, type Store, type StoreError } from "@passerelle/store";
import { type Instant, instant, remaining, type WallTime, wallTime } from "@passerelle/time";
import { asDocument, type Document } from "../core/document.ts";
import type { HeadRecord, NewRevision, Write } from "../core/effect.ts";
import type { Moment, Rollback } from "../core/state.ts";

/** The revisions on the disk: what the core decided, given calendar time and the name of the boot. */
export class RevisionStore {
  readonly #store: Store;
  readonly #path: string;
  readonly #clock: Pick<Clock, "now" | "wall" | "bootId">;

  constructor(store: Store, path: string, clock: Pick<Clock, "now" | "wall" | "bootId">) {
    this.#store = store;
    this.#path = path;
    this.#clock = clock;
  }

  /** Everything of the write in one durable transaction. */
  write(write: Write): Result<void, StoreError> {
    return this.#store.attempt(() => this.#writeAll(write));
  }

  head(): StoredHead | undefined {
    const row = this.#store.get<HeadRow>("SELECT * FROM head");
    return row === undefined ? undefined : readHead(row, this.#clock.bootId);
  }

  document(revision: number): Document | undefined {
    const row = this.#store.get<DocumentRow>(
      "SELECT document FROM revision WHERE revision = ?",
      revision,
    );
    return row === undefined ? undefined : asDocument(JSON.parse(row.document));
  }

  /** Every document kept, newest first, read one by one. */
  *documents(): Iterable<Document> {
    const rows = this.#store.all<{ revision: number }>(
      "SELECT revision FROM revision ORDER BY revision DESC",
    );
    for (const { revision } of rows) {
      const document = this.document(revision);
      if (document !== undefined) yield document;
    }
  }

  /** Newest first. */
  history(limit: number): RevisionInfo[] {
    return this.#store
      .all<RevisionRow>(
        `SELECT revision, parent, author, note, phase, at, differences
         FROM revision ORDER BY revision DESC LIMIT ?`,
        limit,
      )
      .map(toRevisionInfo);
  }

  /** Leaves nothing of what was forgotten in the file, nor in those beside it. */
  scrub(): void {
    this.#store.run("VACUUM");
    this.#store.get("PRAGMA wal_checkpoint(TRUNCATE)");
    forgetAside(this.#path);
  }

  #writeAll(write: Write): void {
    if (write.forget) this.#store.run("DELETE FROM revision");
    if (write.add !== undefined) this.#add(write.add);
    for (const { revision, phase } of write.settle) {
      this.#store.run("UPDATE revision SET phase = ? WHERE revision = ?", phase, revision);
    }
    this.#setHead(write.head, write.add?.revision ?? 0);
    this.#prune(write.head);
  }

  #add(revision: NewRevision): void {
    this.#store.run(
      "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      revision.revision,
      revision.parent ?? null,
      JSON.stringify(revision.author),
      revision.note ?? null,
      revision.phase,
      this.#clock.wall(),
      JSON.stringify(revision.differences),
      JSON.stringify(revision.document),
    );
  }

  #setHead(head: HeadRecord, newest: number): void {
    const { probation, lastRollback } = head;
    this.#store.run(
      `INSERT INTO head VALUES (1, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
         confirmed = excluded.confirmed,
         newest = max(newest, excluded.newest),
         probation = excluded.probation,
         last_rollback = excluded.last_rollback`,
      head.confirmed,
      newest,
      probation === undefined ? null : JSON.stringify(this.#stamp(probation)),
      lastRollback === undefined ? null : JSON.stringify(this.#toStored(lastRollback)),
    );
  }

  #stamp(probation: NonNullable<HeadRecord["probation"]>): StoredProbation {
    const clock = this.#clock;
    const left = remaining(clock.now(), probation.deadline);
    return { ...probation, bootId: clock.bootId, wallDeadline: wallTime(clock.wall() + left) };
  }

  #toStored(rollback: Rollback): StoredRollback {
    return { ...rollback, at: toWall(rollback.at, this.#clock) };
  }

  #prune(head: HeadRecord): void {
    this.#store.run(
      `DELETE FROM revision WHERE revision NOT IN (?, ?) AND revision <=
         (SELECT revision FROM revision ORDER BY revision DESC LIMIT 1 OFFSET ?)`,
      head.confirmed,
      head.probation?.revision ?? 0,
      REVISIONS_KEPT,
    );
  }
}

export interface StoredHead {
  readonly confirmed: number;
  readonly newest: number;
  readonly lastRollback?: Rollback;
  readonly probation?: StoredProbation & { readonly sameBoot: boolean };
}

interface StoredProbation {
  readonly revision: number;
  readonly tokenHash: string;
  readonly author: ConfigAuthor;
  /** Monotonic: holds within `bootId`. */
  readonly deadline: Instant;
  readonly bootId: string;
  /** For people who read the file. */
  readonly wallDeadline: WallTime;
}

/** How a roll-back is kept: in calendar time, which still means something after a reboot. */
interface StoredRollback {
  readonly from: number;
  readonly to: number;
  readonly at: WallTime;
  readonly fault: Fault;
}

/** Released migrations are never edited. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE revision (
     revision INTEGER PRIMARY KEY,
     parent INTEGER,
     author TEXT NOT NULL,
     note TEXT,
     phase TEXT NOT NULL CHECK (phase IN ('probation', 'confirmed', 'rolled_back')),
     at INTEGER NOT NULL,
     differences TEXT NOT NULL,
     document TEXT NOT NULL
   ) STRICT;
   -- A revision never changes; only what became of it does.
   CREATE TRIGGER revision_is_immutable BEFORE UPDATE OF
     revision, parent, author, note, at, differences, document ON revision
   BEGIN SELECT raise(ABORT, 'a revision is immutable'); END;
   CREATE TABLE head (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     confirmed INTEGER NOT NULL REFERENCES revision (revision) DEFERRABLE INITIALLY DEFERRED,
     newest INTEGER NOT NULL,
     probation TEXT,
     last_rollback TEXT
   ) STRICT;`,
  `CREATE TABLE digest_key (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     key BLOB NOT NULL CHECK (length(key) = 32)
   ) STRICT;`,
];

export const REVISIONS_KEPT = 500;

export function toWall(moment: Moment, clock: Pick<Clock, "now" | "wall">): WallTime {
  if (moment.kind === "wall") return moment.at;
  return wallTime(Math.max(0, Math.round(clock.wall() - (clock.now() - moment.at))));
}

function readHead(row: HeadRow, bootId: string): StoredHead {
  const probation =
    row.probation === null ? undefined : (JSON.parse(row.probation) as StoredProbation);
  const rollback =
    row.last_rollback === null ? undefined : (JSON.parse(row.last_rollback) as StoredRollback);
  return {
    confirmed: row.confirmed,
    newest: row.newest,
    ...(probation === undefined
      ? {}
      : {
          probation: {
            ...probation,
            deadline: instant(probation.deadline),
            sameBoot: probation.bootId === bootId,
          },
        }),
    ...(rollback === undefined
      ? {}
      : { lastRollback: { ...rollback, at: { kind: "wall", at: rollback.at } } }),
  };
}

function toRevisionInfo(row: RevisionRow): RevisionInfo {
  return {
    revision: row.revision,
    ...(row.parent === null ? {} : { parent: row.parent }),
    author: JSON.parse(row.author) as ConfigAuthor,
    at: row.at,
    phase: row.phase,
    ...(row.note === null ? {} : { note: row.note }),
    differences: JSON.parse(row.differences) as RevisionInfo["differences"],
  };
}

interface HeadRow {
  readonly confirmed: number;
  readonly newest: number;
  readonly probation: string | null;
  readonly last_rollback: string | null;
}

interface DocumentRow {
  readonly document: string;
}

interface RevisionRow {
  readonly revision: number;
  readonly parent: number | null;
  readonly author: string;
  readonly note: string | null;
  readonly phase: RevisionInfo["phase"];
  readonly at: number;
  readonly differences: string;
}
