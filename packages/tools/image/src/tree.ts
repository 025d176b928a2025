import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { BuildError } from "./fail.ts";
import type { LockedPackage } from "./lock.ts";
import { run } from "./run.ts";
import { walkTree } from "./walk.ts";

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

/** Lays the overlay of the repository over the tree: paths as on the box, every file as git has it. Its page stays here. */
export function layOver(overlay: string, tree: string): void {
  for (const { path, kind } of walkTree(overlay)) {
    const from = join(overlay, path);
    const to = join(tree, path);
    if (path === "README.md") continue;
    if (kind === "folder") {
      mkdirSync(to, { recursive: true });
      continue;
    }
    rmSync(to, { force: true });
    if (kind === "link") symlinkSync(readlinkSync(from), to);
    else {
      copyFileSync(from, to);
      // git knows two modes; the rest is this checkout's.
      chmodSync(to, (statSync(from).mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}
