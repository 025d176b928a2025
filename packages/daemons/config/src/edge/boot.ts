import type { Logger } from "@passerelle/service";
import { snapshotOf } from "../core/apply.ts";
import type { Document, Sections } from "../core/document.ts";
import type { NewRevision } from "../core/effect.ts";
import { faultOf } from "../core/faults.ts";
import type { Loaded } from "../core/input.ts";
import { load, restoreDocument } from "../core/restore.ts";
import type { Digest, Rollback, Snapshot } from "../core/state.ts";
import type { RevisionStore, StoredHead } from "./revision-store.ts";

export interface BootOptions {
  readonly revisions: RevisionStore;
  readonly sections: Sections;
  readonly digest: Digest;
  /** For a new box: throws DefaultsError where the overrides are not valid. */
  readonly factory: () => Document;
  /** For a box that runs already: without the overrides where they are not valid. */
  readonly plainFactory: () => Document;
  readonly safetyCopy: Document | undefined;
  /** Where the file was found damaged: said on the bus. */
  readonly lost?: Rollback["fault"];
  readonly log: Logger;
  readonly now: () => Rollback["at"];
}

/** Reads the store and makes what it holds fit this release; what had to be changed becomes a revision of its own. */
export function bootFrom(options: BootOptions): Loaded {
  const head = options.revisions.head();
  return head === undefined ? firstBoot(options) : nextBoot(options, head);
}

function firstBoot(options: BootOptions): Loaded {
  const { revisions, safetyCopy, sections, factory, plainFactory, lost } = options;
  const restored =
    safetyCopy === undefined
      ? { document: factory(), notes: ["factory defaults"] }
      : restoreDocument(safetyCopy, sections, () => [], plainFactory);
  const note = safetyCopy === undefined ? "" : ["the safety copy", ...restored.notes].join("; ");
  const rollback =
    lost === undefined
      ? {}
      : { lastRollback: { from: 0, to: FIRST_REVISION, at: options.now(), fault: lost } };
  const add = revisionOf(FIRST_REVISION, undefined, restored.document, note, "factory");
  const written = revisions.write({
    name: `add ${FIRST_REVISION}`,
    add,
    settle: [],
    head: { confirmed: FIRST_REVISION, ...rollback },
    forget: false,
  });
  if (!written.ok) options.log.error("config_not_stored", { code: written.error.code });
  const head = snapshot(options, FIRST_REVISION, restored.document);
  return { kind: "loaded", head, newest: FIRST_REVISION, ...rollback };
}

function nextBoot(options: BootOptions, stored: StoredHead): Loaded {
  const { revisions, sections, plainFactory } = options;
  const document = revisions.document(stored.confirmed) ?? {};
  const restored = restoreDocument(document, sections, () => revisions.documents(), plainFactory);
  const { confirmed, newest, probation } = stored;
  const rollback = stored.lastRollback === undefined ? {} : { lastRollback: stored.lastRollback };
  if (restored.notes.length === 0) {
    const head = snapshot(options, confirmed, restored.document);
    const loaded: Loaded = { kind: "loaded", head, newest, ...rollback };
    if (probation === undefined) return loaded;
    const tried = usable(options, revisions.document(probation.revision));
    return {
      ...loaded,
      probation: {
        ...probation,
        ...(tried === undefined ? {} : { snapshot: snapshot(options, probation.revision, tried) }),
      },
    };
  }
  // Another release runs now: what was on probation under the old one is not resumed under this one.
  const revision = newest + 1;
  options.log.warn("config_restored", { revision, notes: restored.notes });
  const undone =
    probation === undefined
      ? rollback
      : {
          lastRollback: {
            from: probation.revision,
            to: revision,
            at: options.now(),
            fault: faultOf("interrupted_by_reboot"),
          },
        };
  const note = restored.notes.join("; ");
  const written = revisions.write({
    name: `add ${revision}`,
    add: revisionOf(revision, confirmed, restored.document, note, "upgrade"),
    settle: probation === undefined ? [] : [{ revision: probation.revision, phase: "rolled_back" }],
    head: { confirmed: revision, ...undone },
    forget: false,
  });
  if (written.ok) {
    const head = snapshot(options, revision, restored.document);
    return { kind: "loaded", head, newest: revision, ...undone };
  }
  // Without room to write, what was restored serves from memory and is restored again at the next start.
  options.log.error("config_not_stored", { code: written.error.code });
  const head = snapshot(options, confirmed, restored.document);
  return { kind: "loaded", head, newest, ...undone };
}

/** The document of a probation if this release takes it as it is. */
function usable({ sections }: BootOptions, document: Document | undefined): Document | undefined {
  if (document === undefined) return undefined;
  const fits = [...sections].every(([name, known]) => {
    const section = document[name];
    return section?.version === known.section.version && load(section, known).ok;
  });
  return fits ? document : undefined;
}

function snapshot(options: BootOptions, revision: number, document: Document): Snapshot {
  return snapshotOf(revision, document, options.sections, options.digest);
}

function revisionOf(
  revision: number,
  parent: number | undefined,
  document: Document,
  note: string,
  author: "factory" | "upgrade",
): NewRevision {
  return {
    revision,
    ...(parent === undefined ? {} : { parent }),
    author: { name: author, origin: "box" },
    ...(note === "" ? {} : { note: note.slice(0, NOTE_CHARACTERS_MAX) }),
    phase: "confirmed",
    differences: [],
    document,
  };
}

const FIRST_REVISION = 1;
/** The limit of a note in the contract. */
const NOTE_CHARACTERS_MAX = 500;
