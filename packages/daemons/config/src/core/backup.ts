import type { DaemonName } from "@passerelle/contract";
import { isJsonObject, type Json } from "@passerelle/json";
import { err, type Fault, ok, type Result } from "@passerelle/result";
import { type Document, migrate, type Sections, sectionValue } from "./document.ts";
import { faultOf } from "./faults.ts";
import { asJson, DOCUMENT_CHARACTERS_MAX } from "./json.ts";
import { formatPointer, parsePointer } from "./pointer.ts";
import { listSecrets, maskMissing, withoutSecrets } from "./secrets.ts";

/** What `export` gives and `import` takes. */
export interface Backup {
  readonly format: typeof BACKUP_FORMAT;
  readonly version: typeof BACKUP_VERSION;
  /** Without secrets. */
  readonly sections: Readonly<Record<string, Json>>;
  /** Section name → version of its shape. */
  readonly versions: Readonly<Record<string, number>>;
  /** `Secret[]` as JSON, encrypted. */
  readonly secrets?: SealedSecrets;
}

export interface SealedSecrets {
  readonly kdf: "scrypt";
  /** N = 2^costExponent, r = 8, p = 1. */
  readonly costExponent: number;
  readonly salt: string;
  readonly cipher: "aes-256-gcm";
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

interface Secret {
  readonly section: string;
  readonly path: string;
  readonly value: unknown;
}

export const BACKUP_FORMAT = "passerelle-config";
export const BACKUP_VERSION = 1;

export function makeBackup(document: Document, sections: Sections): Backup {
  const known = [...sections].filter(([name]) => Object.hasOwn(document, name));
  return {
    format: BACKUP_FORMAT,
    version: BACKUP_VERSION,
    sections: Object.fromEntries(
      known.map(([name, { secrets }]) => [
        name,
        withoutSecrets(sectionValue(document, name), secrets) as Json,
      ]),
    ),
    versions: Object.fromEntries(known.map(([name, { section }]) => [name, section.version])),
  };
}

/** The secrets of a document as the text to encrypt. */
export function secretsText(document: Document, sections: Sections): string {
  const all: Secret[] = [...sections].flatMap(([section, known]) =>
    listSecrets(sectionValue(document, section), known.secrets).map((secret) => ({
      section,
      ...secret,
    })),
  );
  return JSON.stringify(all);
}

/** Reads the outer shape of a document that anybody may have written. */
export function readBackup(text: string): Result<Backup, Fault> {
  if (text.length > DOCUMENT_CHARACTERS_MAX) return err(faultOf("import_too_big"));
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  const value = parsed.value;
  if (!isJsonObject(value) || value.format !== BACKUP_FORMAT) return wrong("/format");
  if (!Number.isInteger(value.version) || Number(value.version) < 1) return wrong("/version");
  if (Number(value.version) > BACKUP_VERSION) {
    return err(faultOf("import_too_new", "/version"));
  }
  for (const key of Object.keys(value)) {
    if (!BACKUP_KEYS.includes(key)) return wrong(formatPointer([key]));
  }
  const { sections, versions } = value;
  if (!isJsonObject(sections)) return wrong("/sections");
  if (!isJsonObject(versions)) return wrong("/versions");
  for (const [name, section] of Object.entries(sections)) {
    if (!isJsonObject(section)) return wrong(formatPointer(["sections", name]));
    const version = Object.hasOwn(versions, name) ? versions[name] : undefined;
    if (!Number.isInteger(version) || Number(version) < 1) {
      return wrong(formatPointer(["versions", name]));
    }
  }
  if (value.secrets !== undefined && !isSealed(value.secrets)) return wrong("/secrets");
  return ok(value as unknown as Backup);
}

/**
 * The values that a backup asks for, at the versions of today. Secrets come from `opened` (what was encrypted), and
 * where a backup has none, those of `current` stay: they are masked here, which the plan reads as "unchanged".
 */
export function backupValues(
  backup: Backup,
  opened: string | undefined,
  current: Document,
  sections: Sections,
): Result<ReadonlyMap<DaemonName, unknown>, Fault> {
  const secrets = opened === undefined ? ok([]) : readSecrets(opened);
  if (!secrets.ok) return secrets;
  const values = new Map<DaemonName, unknown>();
  for (const [name, plain] of Object.entries(backup.sections)) {
    const daemon = [...sections.keys()].find((known) => known === name);
    const known = daemon === undefined ? undefined : sections.get(daemon);
    const pointer = formatPointer(["sections", name]);
    if (daemon === undefined || known === undefined) {
      return err(faultOf("unknown_section", pointer));
    }
    const version = backup.versions[name] ?? 1;
    if (version > known.section.version) {
      return err(faultOf("import_too_new", formatPointer(["versions", name])));
    }
    const own = secrets.value.filter((secret) => secret.section === name);
    const full = own.reduce<Json>(
      (value, secret) => setAt(value, parsePointer(secret.path) ?? [], secret.value as Json),
      plain,
    );
    const migrated = migrate({ version, value: full }, known.section);
    if (!migrated.ok) {
      return err(faultOf("config_invalid", `${pointer}: ${migrated.error.message}`));
    }
    const value = asJson(migrated.value);
    if (!value.ok) return err(faultOf("config_invalid", `${pointer}${value.error.path}`));
    values.set(daemon, maskMissing(value.value, sectionValue(current, name), known.secrets));
  }
  return ok(values);
}

function parseJson(text: string): Result<Json, Fault> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err(faultOf("import_not_json"));
  }
  const checked = asJson(value);
  return checked.ok
    ? checked
    : err(faultOf("import_wrong_format", `${checked.error.path}: ${checked.error.code}`));
}

function readSecrets(text: string): Result<readonly Secret[], Fault> {
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  const list = parsed.value;
  if (!Array.isArray(list) || list.length > SECRETS_MAX) return wrong("/secrets/data");
  const whole = list.every(
    (item) =>
      isJsonObject(item) &&
      typeof item.section === "string" &&
      typeof item.path === "string" &&
      parsePointer(item.path) !== undefined &&
      item.value !== undefined,
  );
  return whole ? ok(list as unknown as readonly Secret[]) : wrong("/secrets/data");
}

/** Sets a value at a place; a place that is not there is left out, the schema will say what is missing. */
function setAt(target: Json, tokens: readonly string[], value: Json): Json {
  const [token, ...rest] = tokens;
  if (token === undefined) return value;
  if (Array.isArray(target)) {
    const items: readonly Json[] = target;
    // An array of nothing but secrets was emptied by `withoutSecrets`: it fills again in its order.
    if (rest.length === 0 && token === String(items.length)) return [...items, value];
    return items.map((item, index) => (String(index) === token ? setAt(item, rest, value) : item));
  }
  if (!isJsonObject(target)) return target;
  const members = new Map(Object.entries(target as Readonly<Record<string, Json>>));
  const old = members.get(token);
  if (rest.length === 0) members.set(token, value);
  else if (old !== undefined) members.set(token, setAt(old, rest, value));
  return Object.fromEntries(members);
}

function isSealed(value: unknown): value is SealedSecrets {
  return (
    isJsonObject(value) &&
    value.kdf === "scrypt" &&
    value.cipher === "aes-256-gcm" &&
    Number.isInteger(value.costExponent) &&
    // Bounded on both sides: too low is no protection, too high makes the box work for a stranger.
    Number(value.costExponent) >= 14 &&
    Number(value.costExponent) <= 17 &&
    [value.salt, value.iv, value.tag, value.data].every(
      (text) => typeof text === "string" && BASE64.test(text),
    )
  );
}

function wrong(pointer: string): { readonly ok: false; readonly error: Fault } {
  return err(faultOf("import_wrong_format", pointer));
}

const BACKUP_KEYS: readonly string[] = ["format", "version", "sections", "versions", "secrets"];
const SECRETS_MAX = 10_000;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
