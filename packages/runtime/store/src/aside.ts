import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** The files beside a database: damaged ones, those of a newer release, and how it was before a step of its schema. */

/** Renames the file with its log as the next `<path>.corrupt-<n>`; none of them is ever deleted. */
export function moveCorruptAside(path: string): string {
  let n = 1;
  while (existsSync(`${path}.corrupt-${n}`) || existsSync(`${path}.corrupt-${n}-wal`)) n += 1;
  return moveAside(path, `${path}.corrupt-${n}`);
}

/**
 * Renames the file with its log as `<path>.newer`, in the place of one that an earlier way back left; `kept` takes its place.
 * The power may go at any moment: there is a file at `path` all the time where one takes its place.
 */
export function moveNewerAside(path: string, kept: string | undefined): string {
  const target = `${path}.newer`;
  for (const suffix of SUFFIXES) rmSync(target + suffix, { force: true });
  if (kept === undefined) return moveAside(path, target);
  linkSync(path, target);
  // A log that stayed belongs to the other file: SQLite would write it into this one.
  for (const suffix of SUFFIXES.slice(0, -1)) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  renameSync(kept, path);
  syncDirectory(path);
  return target;
}

/** Where the file is kept as it was at a version of its schema. */
export function keptPath(path: string, version: number): string {
  return `${path}.before-${version + 1}`;
}

/** The newest file that was kept and that a release of this version knows. */
export function newestKept(path: string, version: number): string | undefined {
  const usable = keptVersions(path).filter((each) => each <= version);
  return usable.length === 0 ? undefined : keptPath(path, Math.max(...usable));
}

/** Of the files that were kept only this one stays: the release before the last is nobody's way back. */
export function forgetKeptBut(path: string, version: number): void {
  for (const each of keptVersions(path)) if (each !== version) rmSync(keptPath(path, each));
}

/** Deletes all that lies beside the file: for an owner who wants to be forgotten. */
export function forgetAside(path: string): void {
  const prefixes = ["corrupt-", "newer", "before-"].map((kind) => `${basename(path)}.${kind}`);
  for (const name of readdirSync(dirname(path))) {
    if (prefixes.some((prefix) => name.startsWith(prefix))) rmSync(join(dirname(path), name));
  }
  syncDirectory(path);
}

/** A rename is on the disk when this returns. */
export function syncDirectory(path: string): void {
  const directory = openSync(dirname(path), "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function keptVersions(path: string): readonly number[] {
  const prefix = `${basename(path)}.before-`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)) - 1)
    .filter((version) => Number.isInteger(version) && version > 0);
}

/** The main file last, so that a crash between leaves it to be found again. */
function moveAside(path: string, target: string): string {
  for (const suffix of SUFFIXES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  syncDirectory(path);
  return target;
}

const SUFFIXES = ["-shm", "-wal", ""];
