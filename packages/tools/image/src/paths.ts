import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Board } from "./board.ts";
import { BuildError } from "./fail.ts";
import type { PackageGroups } from "./resolve.ts";

/** The checkout this file is in. */
export const ROOT = fileURLToPath(new URL("../../../../", import.meta.url)).replace(/\/$/, "");
export const COMMON = join(ROOT, "board/common");
export const OVERLAY = join(ROOT, "rootfs");
/** What one board lays over that. */
export const boardOverlay = (board: string): string => join(ROOT, "board", board, "rootfs");
export const LOCK_FILE = join(COMMON, "packages.lock.json");

/** Where one build puts what it makes. `PASSERELLE_IMAGE_DIR` moves it, so that two builds can be compared. */
export interface Places {
  /** What others take: build/image/BOARD. */
  readonly out: string;
  /** The unpacked trees, of use to tests. */
  readonly work: string;
}

export function placesOf(board: string): Places {
  const top = process.env.PASSERELLE_IMAGE_DIR ?? join(ROOT, "build/image");
  return { out: join(top, board), work: join(top, board, "work") };
}

/** Downloads, named by their content: shared by every build. */
export const CACHE = join(ROOT, "build/cache");

export async function loadBoard(name: string): Promise<Board> {
  const path = join(ROOT, "board", name, "board.ts");
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(path)) {
    throw new BuildError(`there is no board "${name}": see board/README.md`);
  }
  const { BOARD } = (await import(pathToFileURL(path).href)) as { BOARD: Board };
  if (BOARD.name !== name)
    throw new BuildError(`board/${name}/board.ts calls itself ${BOARD.name}`);
  return BOARD;
}

/** The packages of the image and what of their closure is left out, with reasons: board/common/packages.ts. */
export interface PackageChoice {
  readonly PACKAGE_GROUPS: PackageGroups;
  readonly LEFT_OUT: Readonly<Record<string, string>>;
}

export async function loadPackageChoice(): Promise<PackageChoice> {
  return (await import(pathToFileURL(join(COMMON, "packages.ts")).href)) as PackageChoice;
}

export async function loadModules(): Promise<readonly string[]> {
  const path = pathToFileURL(join(COMMON, "modules.ts")).href;
  return ((await import(path)) as { ROUTER_MODULES: readonly string[] }).ROUTER_MODULES;
}
