import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "./fail.ts";
import type { LockedPackage } from "./lock.ts";
import { run } from "./run.ts";

/**
 * Unpacks packages into an empty directory, without a maintainer script: their order is that of their names, after the
 * one that has the links of a merged /usr.
 */
export function unpack(
  packages: readonly LockedPackage[],
  files: ReadonlyMap<string, string>,
  tree: string,
): void {
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  for (const { name } of inOrder(packages)) {
    const file = files.get(name);
    if (file === undefined) throw new BuildError(`invariant: ${name} was fetched`);
    run(["dpkg-deb", "--extract", file, tree]);
  }
}

export function inOrder(packages: readonly LockedPackage[]): readonly LockedPackage[] {
  const rank = ({ name }: LockedPackage): string => `${name === "base-files" ? 0 : 1}${name}`;
  return [...packages].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** Lays the overlay of the repository over the tree, as it is: paths as on the box. Its README stays here. */
export function layOver(overlay: string, tree: string): void {
  if (!existsSync(overlay)) return;
  cpSync(overlay, tree, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: false,
    filter: (source) => source !== join(overlay, "README.md"),
  });
}
