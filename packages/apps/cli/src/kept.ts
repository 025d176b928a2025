import { join } from "node:path";
import { Failure, ownFailure } from "./failure.ts";
import type { OpenFile, World } from "./world.ts";

/** Files of the person: drafts, tokens. Each box has its own. */

export function draftPath(world: World, door: string): string {
  return join(directoryOf(world), `draft-${door}.json`);
}

/** The one-time token of the last change on probation. */
export function confirmationPath(world: World, door: string): string {
  return join(directoryOf(world), `confirmation-${door}`);
}

export function sessionPath(world: World, door: string): string {
  return join(directoryOf(world), `session-${door}`);
}

/** Undefined: there is no such file. */
export async function readText(world: World, path: string): Promise<string | undefined> {
  try {
    return await world.files.read(path);
  } catch (error) {
    throw ownFailure("file_unreadable", [describe(path, error)]);
  }
}

/** The file that a person named: it must be there. */
export async function mustReadText(world: World, path: string): Promise<string> {
  const content = await readText(world, path);
  if (content === undefined) throw ownFailure("file_unreadable", [path]);
  return content;
}

/** The file that a person named, to be sent as it is. */
export async function mustOpen(world: World, path: string): Promise<OpenFile> {
  let file: OpenFile | undefined;
  try {
    file = await world.files.open(path);
  } catch (error) {
    throw ownFailure("file_unreadable", [describe(path, error)]);
  }
  if (file === undefined) throw ownFailure("file_unreadable", [path]);
  return file;
}

export async function writeFile(
  world: World,
  path: string,
  data: string | AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    await world.files.write(path, data);
  } catch (error) {
    // The box went away while it was being fetched.
    if (error instanceof Failure) throw error;
    throw ownFailure("file_unwritable", [describe(path, error)]);
  }
}

/** XDG base directory specification: what a program remembers from run to run. */
function directoryOf({ env, files }: World): string {
  const base = env.XDG_STATE_HOME ?? "";
  return join(base === "" ? join(files.homeDirectory, ".local/state") : base, "passerelle");
}

function describe(path: string, error: unknown): string {
  return `${path}: ${error instanceof Error ? error.message : String(error)}`;
}
