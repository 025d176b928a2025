import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DriverReport } from "./driver.ts";
import { makePrivateDirectory, replaceFile } from "./files.ts";
import { toJson } from "./journal.ts";

export const CRASH_FILES_MAX = 5;

/** What a crash file holds: the last inputs of each machine replay the bug as a scenario. */
export interface Crash {
  /** The service whose code threw; "process" where that is not known. */
  readonly service: string;
  readonly time: string;
  readonly error: unknown;
  readonly machines: readonly (DriverReport & { readonly service: string })[];
}

/** Writes `crash-<time>.json` and forgets all but the newest. Returns its path. */
export function writeCrashFile(directory: string, crash: Crash): string {
  makePrivateDirectory(directory);
  const path = join(directory, `crash-${crash.time.replaceAll(":", "")}.json`);
  replaceFile(path, `${toJson(crash, 1)}\n`);
  const names = readdirSync(directory)
    .filter((name) => /^crash-.*\.json$/.test(name))
    .sort();
  for (const name of names.slice(0, -CRASH_FILES_MAX)) rmSync(join(directory, name));
  return path;
}
