import { lstatSync } from "node:fs";
import { join } from "node:path";
import { walkTree } from "./walk.ts";

/** Where the octets are: the files directly in each folder, as a table for a person. */
export function largestFolders(tree: string, count: number): string {
  const sizes = new Map<string, number>();
  for (const { path, kind } of walkTree(tree)) {
    if (kind !== "file") continue;
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    sizes.set(folder, (sizes.get(folder) ?? 0) + lstatSync(join(tree, path)).size);
  }
  return [...sizes]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([folder, octets]) => `${megabytes(octets).padStart(10)}  /${folder}`)
    .join("\n");
}

export function megabytes(octets: number): string {
  return `${(octets / 1e6).toFixed(1)} MB`;
}
