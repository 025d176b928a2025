import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { makePrivateDirectory, replaceFile } from "./files.ts";

/**
 * A factory reset is one file: `<state>/factory-reset` with a number. Each process compares it, before it opens
 * anything, with the number in its own directory, and where they differ erases what is there and notes the new one. Killed
 * at any moment, it ends at the next start; it is never half.
 *
 * Files are unlinked, not overwritten: on flash the controller writes elsewhere, so that overwriting reaches nothing of the
 * old cells and only wears them.
 */
const MARKER = "factory-reset";
/** On a board each process has a user of its own, and all must read the order. */
const ORDER_MODE = 0o644;
const NOTED = ".reset";

/**
 * While the boot in which the reset was ordered lasts, daemons that still run may hand old values to one that was
 * restarted: until the reboot a directory is erased at each start and not noted as done. The runtime directory is
 * emptied by the boot, and with it this sign.
 */
const PENDING = "factory-reset-pending";

/** The kill tests stop here. */
export type ResetStep = (name: "erased" | "synced" | "noted") => void;

/** Orders it: when this returns, nothing can stop it any more. Throws where it can't be written; nothing happens then. */
export function orderFactoryReset(
  directories: { readonly state: string; readonly runtime: string },
  id: string,
): void {
  makePrivateDirectory(directories.runtime);
  // First: without it the marker would be acted upon, and noted, before the reboot.
  replaceFile(join(directories.runtime, PENDING), `${id}\n`, ORDER_MODE);
  try {
    replaceFile(join(directories.state, MARKER), `${id}\n`, ORDER_MODE);
  } catch (error) {
    rmSync(join(directories.runtime, PENDING), { force: true });
    throw error;
  }
}

/** True where a reset was ordered and the box has not rebooted since. */
export function isResetPending(directories: {
  readonly state: string;
  readonly runtime: string;
}): boolean {
  const id = readId(join(directories.state, MARKER));
  return id !== undefined && readId(join(directories.runtime, PENDING)) === id;
}

/** True where what this service had was erased by a reset, and it has noted so. */
export function wasReset(serviceDirectory: string): boolean {
  return existsSync(join(serviceDirectory, NOTED));
}

/** Erases what a service has where a reset was ordered that it has not noted. Answers whether it did. */
export function eraseWhereOrdered(
  directories: { readonly state: string; readonly runtime: string },
  service: string,
  step: ResetStep = () => undefined,
): boolean {
  const id = readId(join(directories.state, MARKER));
  const own = join(directories.state, service);
  if (id === undefined || readId(join(own, NOTED)) === id) return false;
  makePrivateDirectory(own);
  for (const name of readdirSync(own)) {
    rmSync(join(own, name), { recursive: true, force: true });
    step("erased");
  }
  // Crash files of a process that knew no service yet; they hold inputs.
  for (const name of readdirSync(directories.state)) {
    if (/^crash-.*\.json/.test(name)) removeOwn(join(directories.state, name));
  }
  sync(own);
  sync(directories.state);
  step("synced");
  if (!isResetPending(directories)) replaceFile(join(own, NOTED), `${id}\n`);
  step("noted");
  return true;
}

/** Another user's file is erased by a process of that user. */
function removeOwn(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EACCES" && code !== "EPERM") throw error;
  }
}

function readId(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8").trim();
    // Half a number is none: the file is replaced whole, so this is another program's.
    return /^[0-9a-f]{32}$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function sync(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
