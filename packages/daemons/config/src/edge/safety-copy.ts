import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { asDocument, type Document } from "../core/document.ts";

/**
 * The last confirmed document once more, beside the database: one damaged page must not cost a family its line
 * password. Written to a new file, flushed and renamed, so that it is always the old copy or the new one.
 */
export function writeSafetyCopy(path: string, document: Document): void {
  const fresh = `${path}.new`;
  const file = openSync(fresh, "w", 0o600);
  try {
    writeFileSync(file, `${JSON.stringify(document)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Undefined where there is none, or none that can be read. */
export function readSafetyCopy(path: string): Document | undefined {
  try {
    return asDocument(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}
