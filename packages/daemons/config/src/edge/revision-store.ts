import { rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ConfigAuthor, RevisionInfo } from "@passerelle/contract";
import type { Fault, Result } from "@passerelle/result";
import type { Clock } from "@passerelle/service";
import type { Store, StoreError } from "@passerelle/store";
import { type Instant, instant, remaining, type WallTime, wallTime } from "@passerelle/time";
import { asDocument, type Document } from "../core/document.ts";
import type { HeadRecord, NewRevision, Write } from "../core/effect.ts";
import type { Moment, Rollback } from "../core/state.ts";

/** The revisions on the disk: what the core decided, given calendar time and the name of the boot. */
export interface RevisionStore {
  /** Everything of the write in one durable transaction. */
  write(write: Write): Result<void, StoreError>;
  head(): StoredHead | undefined;
  document(revision: number): Document | undefined;
  /** Every document kept, newest first, read one by one. */
  documents(): Iterable<Document>;
  /** Newest first. */
  history(limit: number): RevisionInfo[];
  /** Leaves nothing of what was forgotten in the file, nor in damaged ones that were put aside. */
  scrub(): Promise<void>;
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
];

export const REVISIONS_KEPT = 500;

export function createRevisionStore(
  store: Store,
  path: string,
  clock: Pick<Clock, "now" | "wall" | "bootId">,
): RevisionStore {
  function writeAll(write: Write): void {
    if (write.forget) store.run("DELETE FROM revision");
    if (write.add !== undefined) add(write.add);
    for (const { revision, phase } of write.settle) {
      store.run("UPDATE revision SET phase = ? WHERE revision = ?", phase, revision);
    }
    setHead(write.head, write.add?.revision ?? 0);
    prune(write.head);
  }

  function add(revision: NewRevision): void {
    store.run(
      "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      revision.revision,
      revision.parent ?? null,
      JSON.stringify(revision.author),
      revision.note ?? null,
      revision.phase,
      clock.wall(),
      JSON.stringify(revision.differences),
      JSON.stringify(revision.document),
    );
  }

  function setHead(head: HeadRecord, newest: number): void {
    const { probation, lastRollback } = head;
    store.run(
      `INSERT INTO head VALUES (1, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
         confirmed = excluded.confirmed,
         newest = max(newest, excluded.newest),
         probation = excluded.probation,
         last_rollback = excluded.last_rollback`,
      head.confirmed,
      newest,
      probation === undefined ? null : JSON.stringify(stamp(probation)),
      lastRollback === undefined ? null : JSON.stringify(toStored(lastRollback)),
    );
  }

  function stamp(probation: NonNullable<HeadRecord["probation"]>): StoredProbation {
    const left = remaining(clock.now(), probation.deadline);
    return { ...probation, bootId: clock.bootId, wallDeadline: wallTime(clock.wall() + left) };
  }

  function toStored(rollback: Rollback): StoredRollback {
    return { ...rollback, at: toWall(rollback.at, clock) };
  }

  function prune(head: HeadRecord): void {
    store.run(
      `DELETE FROM revision WHERE revision NOT IN (?, ?) AND revision <=
         (SELECT revision FROM revision ORDER BY revision DESC LIMIT 1 OFFSET ?)`,
      head.confirmed,
      head.probation?.revision ?? 0,
      REVISIONS_KEPT,
    );
  }

  return {
    write: (write) => store.attempt(() => writeAll(write)),
    head: () => {
      const row = store.get<HeadRow>("SELECT * FROM head");
      return row === undefined ? undefined : readHead(row, clock.bootId);
    },
    document: (revision) => {
      const row = store.get<DocumentRow>(
        "SELECT document FROM revision WHERE revision = ?",
        revision,
      );
      return row === undefined ? undefined : asDocument(JSON.parse(row.document));
    },
    *documents() {
      const rows = store.all<{ revision: number }>(
        "SELECT revision FROM revision ORDER BY revision DESC",
      );
      for (const { revision } of rows) {
        const document = this.document(revision);
        if (document !== undefined) yield document;
      }
    },
    history: (limit) =>
      store
        .all<RevisionRow>(
          `SELECT revision, parent, author, note, phase, at, differences
           FROM revision ORDER BY revision DESC LIMIT ?`,
          limit,
        )
        .map(toRevisionInfo),
    scrub: async () => {
      store.run("VACUUM");
      store.get("PRAGMA wal_checkpoint(TRUNCATE)");
      const aside = `${basename(path)}.corrupt-`;
      for (const name of await readdir(dirname(path))) {
        if (name.startsWith(aside)) rmSync(join(dirname(path), name));
      }
    },
  };
}

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
