import type { AnySection, DaemonName } from "@passerelle/contract";
import { isJsonObject, type Json } from "@passerelle/json";
import { err, ok, type Result } from "@passerelle/result";
import { canonicalJson } from "./json.ts";
import { formatPointer } from "./pointer.ts";
import { type SecretPaths, secretPaths } from "./secrets.ts";

/** The whole configuration as it is stored: also sections of daemons that this release does not know. */
export type Document = Readonly<Record<string, StoredSection>>;

export interface StoredSection {
  /** `Section.version` that wrote the value. */
  readonly version: number;
  readonly value: unknown;
}

/** The sections of this release. */
export type Sections = ReadonlyMap<DaemonName, KnownSection>;

export interface KnownSection {
  readonly section: AnySection;
  readonly secrets: SecretPaths;
}

/** Something wrong with a value; `path` is a JSON pointer inside the section. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

export function knownSections(sections: readonly AnySection[]): Sections {
  const byName = new Map(
    sections.map((section) => [section.name, { section, secrets: secretPaths(section.secrets) }]),
  );
  if (byName.size !== sections.length) throw new Error("invariant: one section a daemon");
  return byName;
}

/** Brings a stored value to the version of today, or says why it can't be. */
export function migrate(stored: StoredSection, section: AnySection): Result<unknown, Problem> {
  if (!(stored.version <= section.version)) {
    const message = `version ${stored.version} is newer than ${section.version}`;
    return err({ path: "", message });
  }
  let value = stored.value;
  for (let version = stored.version; version < section.version; version += 1) {
    const migration = section.migrations[version];
    if (migration === undefined) {
      return err({ path: "", message: `no way from version ${version} to ${version + 1}` });
    }
    try {
      value = migration(value);
    } catch (thrown) {
      return err({ path: "", message: `version ${version} to ${version + 1}: ${String(thrown)}` });
    }
  }
  return ok(value);
}

/** Checks a value against the section's shape and rules. The value that comes back is the one to keep. */
export function validate(
  value: unknown,
  { section, secrets }: KnownSection,
): Result<Json, readonly Problem[]> {
  const parsed = safeParse(section, value);
  if (!parsed.ok) {
    return err(parsed.error.map((problem) => withoutSecretText(problem, secrets)));
  }
  try {
    // Throws where a schema lets through what JSON can't say.
    canonicalJson(parsed.value);
    const broken = section.validate(parsed.value);
    return broken.length === 0 ? ok(parsed.value as Json) : err(broken);
  } catch (thrown) {
    // A mistake in one daemon's rules refuses the change; it does not end the daemon that keeps them all.
    return err([{ path: "", message: `the rules of ${section.name} failed: ${String(thrown)}` }]);
  }
}

function safeParse(section: AnySection, value: unknown): Result<unknown, readonly Problem[]> {
  const parsed = section.schema["~run"]({ value }, {});
  if (parsed.issues === undefined && parsed.typed) return ok(parsed.value);
  const issues = (parsed.issues ?? []).slice(0, PROBLEMS_MAX);
  return err(
    issues.map((issue) => ({
      path: formatPointer((issue.path ?? []).map((item) => String(item.key))),
      message: issue.message,
    })),
  );
}

/** A schema's message may quote what it received. */
function withoutSecretText(problem: Problem, secrets: SecretPaths): Problem {
  const near = secrets.some((secret) => problem.path.includes(`/${secret.at(-1) ?? ""}`));
  return near || secrets.some((secret) => secret.at(-1) === "*")
    ? { path: problem.path, message: "This value is not possible here." }
    : problem;
}

/** The values of the sections of this release. */
export function sectionValue(document: Document, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name]?.value : undefined;
}

/** Reads a document that SQLite or a file gave back; undefined where it is not one. */
export function asDocument(value: unknown): Document | undefined {
  if (!isJsonObject(value)) return undefined;
  const whole = Object.values(value).every(
    (stored) => isJsonObject(stored) && Number.isInteger(stored.version) && "value" in stored,
  );
  return whole ? (value as unknown as Document) : undefined;
}

const PROBLEMS_MAX = 32;
