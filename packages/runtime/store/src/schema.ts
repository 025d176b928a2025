import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import type Database from "better-sqlite3";
import { forgetKeptBut, keptPath, syncDirectory } from "./aside.ts";
import type { Migration } from "./port.ts";
import { StoreError } from "./store-error.ts";

/**
 * Two numbers of the file's head say what it is: `user_version`, how many migrations it has run, and `application_id`,
 * the last of them that was not additive: a release that knows so many can use it.
 */

/**
 * Brings the file to this release's schema. Before a step that an older release could not follow, `keep` has the file
 * copied: a release that does not prove itself is left again, and the one before must find what it knows. Throws
 * StoreError `store_too_new` where the file is of a newer release.
 */
export function migrate(
  database: Database.Database,
  migrations: readonly Migration[],
  keep: (version: number) => void,
): void {
  const found = Number(database.pragma("user_version", { simple: true }));
  const said = Number(database.pragma("application_id", { simple: true }));
  // Files of the first releases do not say it: all of their steps were needed.
  const needed = said === 0 ? found : said;
  if (needed > migrations.length) {
    throw new StoreError(
      "store_too_new",
      `the file has version ${found}, this release knows ${migrations.length}`,
    );
  }
  if (found > 0 && migrations.slice(found).some((step) => typeof step === "string")) keep(found);
  // Each step and its number commit together: a crash leaves one version or the next, never between.
  for (const [index, step] of migrations.entries()) {
    if (index < found) continue;
    database
      .transaction(() => {
        database.exec(typeof step === "string" ? step : step.additive);
        database.pragma(`user_version = ${index + 1}`);
        const last = typeof step === "string" ? index + 1 : needed;
        if (last > said) database.pragma(`application_id = ${last}`);
      })
      .immediate();
  }
}

/** Copies the open file beside itself: the copy is whole and on the disk, or not there. */
export function keepCopy(database: Database.Database, path: string, version: number): void {
  const target = keptPath(path, version);
  const fresh = `${target}.new`;
  if (existsSync(fresh)) rmSync(fresh);
  database.prepare("VACUUM INTO ?").run(fresh);
  const file = openSync(fresh, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, target);
  syncDirectory(path);
  forgetKeptBut(path, version);
}
