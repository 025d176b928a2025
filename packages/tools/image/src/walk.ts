import { readdirSync } from "node:fs";
import { join } from "node:path";

export interface TreeEntry {
  /** From the root of the tree, without a slash before it. */
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/**
 * What is in a tree, in the order of the paths. No link is followed (Node's own recursive reading does): an absolute one
 * leads out of the tree, into this machine.
 */
export function walkTree(tree: string, below = ""): readonly TreeEntry[] {
  return readdirSync(join(tree, below), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): TreeEntry[] => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return [{ path, kind: "folder" }, ...walkTree(tree, path)];
      const kind = entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : "other";
      return [{ path, kind }];
    });
}
