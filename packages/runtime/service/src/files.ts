import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** A directory that only its owner enters. */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/**
 * Replaces a file as a whole: after a power cut there is the old one or the new one, never half of one
 * and never an empty one. Readable by its owner alone, unless `mode` says otherwise.
 */
export function replaceFile(path: string, content: string, mode = 0o600): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, "w", 0o600);
  try {
    // Whatever the umask is.
    if (mode !== 0o600) fchmodSync(file, mode);
    writeSync(file, content);
    fsyncSync(file);
  } catch (error) {
    // On a full disk the half that was written would only make it fuller.
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  // The name is on the disk only when its directory is.
  const directory = openSync(dirname(path), "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
