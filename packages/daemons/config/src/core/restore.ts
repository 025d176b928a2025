import type { FactoryEntropy } from "@passerelle/contract";
import { isJsonObject, type Json, mergePatch } from "@passerelle/json";
import { err, ok, type Result } from "@passerelle/result";
import {
  type Document,
  type KnownSection,
  migrate,
  type Problem,
  type Sections,
  type StoredSection,
  validate,
} from "./document.ts";
import { asJson } from "./json.ts";

/** Merge patches (RFC 7396) of the factory's values, by section: what this board or this lab has of its own. */
export type DefaultsOverride = Readonly<Record<string, unknown>>;

export type SectionProblem = Problem & { readonly section: string };

/** The document of a new box, or of one that forgot everything. Problems are in the overrides or in our own defaults. */
export function factoryDocument(
  sections: Sections,
  entropy: FactoryEntropy,
  overrides: DefaultsOverride,
): Result<Document, readonly SectionProblem[]> {
  const problems: SectionProblem[] = [];
  for (const section of Object.keys(overrides)) {
    // Overrides of daemons that this process does not host are for another one.
    if (!isJsonObject(overrides[section])) {
      problems.push({ section, path: "", message: "a merge patch is an object" });
    }
  }
  const made = [...sections].flatMap(([name, known]) => {
    const value = factoryValue(known, entropy, overrides[name]);
    if (value.ok) return [[name, value.value] as const];
    problems.push(...value.error.map((problem) => ({ section: name, ...problem })));
    return [];
  });
  return problems.length === 0 ? ok(Object.fromEntries(made)) : err(problems);
}

/** What became of a stored document under this release. */
export interface Restored {
  readonly document: Document;
  /** What was done to it, for the note of the revision that records it; empty: it is as it was stored. */
  readonly notes: readonly string[];
}

/**
 * Makes a stored document fit this release: migrates old sections, fills in those of new daemons, keeps those it
 * does not know. A section that can't be used is taken from the newest older revision where it can (after an
 * upgrade that was undone, say), else from the factory: one bad section never costs the others.
 */
export function restoreDocument(
  stored: Document,
  sections: Sections,
  older: () => Iterable<Document>,
  factory: () => Document,
): Restored {
  const notes: string[] = [];
  let document = stored;
  for (const [name, known] of sections) {
    const was = ownSection(stored, name);
    const now = was === undefined ? undefined : load(was, known);
    if (was !== undefined && now?.ok === true) {
      if (was.version !== known.section.version) {
        notes.push(`${name}: version ${was.version} to ${known.section.version}`);
        document = { ...document, [name]: now.value };
      }
      continue;
    }
    const found = now === undefined ? undefined : firstUsable(name, known, older());
    const source = found === undefined ? "factory" : "an older revision";
    const reason = now === undefined ? "new" : `unusable (${describe(now)})`;
    notes.push(`${name}: ${reason}, taken from ${source}`);
    const replacement = found ?? ownSection(factory(), name);
    if (replacement === undefined) throw new Error("invariant: the factory has every section");
    document = { ...document, [name]: replacement };
  }
  return { document, notes };
}

/** The stored section as this release would have stored it. */
export function load(
  stored: StoredSection,
  known: KnownSection,
): Result<StoredSection, readonly Problem[]> {
  const migrated = migrate(stored, known.section);
  if (!migrated.ok) return err([migrated.error]);
  const valid = validate(migrated.value, known);
  return valid.ok ? ok({ version: known.section.version, value: valid.value }) : valid;
}

function factoryValue(
  known: KnownSection,
  entropy: FactoryEntropy,
  override: unknown,
): Result<StoredSection, readonly Problem[]> {
  const made = asJson(known.section.defaults(entropy));
  if (!made.ok) return err([{ path: made.error.path, message: made.error.code }]);
  let value: Json = made.value;
  if (override !== undefined) {
    const patch = asJson(override);
    if (!patch.ok) return err([{ path: patch.error.path, message: patch.error.code }]);
    value = mergePatch(value, patch.value);
  }
  const valid = validate(value, known);
  return valid.ok ? ok({ version: known.section.version, value: valid.value }) : valid;
}

function firstUsable(
  name: string,
  known: KnownSection,
  older: Iterable<Document>,
): StoredSection | undefined {
  for (const document of older) {
    const stored = ownSection(document, name);
    const loaded = stored === undefined ? undefined : load(stored, known);
    if (loaded?.ok === true) return loaded.value;
  }
  return undefined;
}

function ownSection(document: Document, name: string): StoredSection | undefined {
  return Object.hasOwn(document, name) ? document[name] : undefined;
}

function describe(result: Result<unknown, readonly Problem[]>): string {
  const [first] = result.ok ? [] : result.error;
  return first === undefined ? "" : `${first.path} ${first.message}`.trim().slice(0, 80);
}
