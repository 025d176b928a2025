import { readFileSync } from "node:fs";
import type { PackageGroupName } from "./board.ts";
import { BuildError } from "./fail.ts";
import { LOCK_FILE } from "./paths.ts";

/** One Debian package, pinned: the octets are these or the build fails. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: "arm64" | "all";
  /** Of the archive that has it, without its host. */
  readonly suite: string;
  /** Below the base of its archive. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** The groups whose closure has it. */
  readonly groups: readonly PackageGroupName[];
}

export interface Lock {
  readonly packages: readonly LockedPackage[];
}

/** The packages of these groups, each once. */
export function packagesOf(
  lock: Lock,
  groups: readonly PackageGroupName[],
): readonly LockedPackage[] {
  return lock.packages.filter((entry) => entry.groups.some((group) => groups.includes(group)));
}

export function readLock(path = LOCK_FILE): Lock {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new BuildError("board/common/packages.lock.json is not there: run make image-lock");
  }
  return checkLock(JSON.parse(text) as Lock);
}

/** One line a package, so that a diff shows what changed. */
export function formatLock(lock: Lock): string {
  const lines = [...lock.packages]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => `    ${JSON.stringify(entry)}`);
  return `{\n  "packages": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

/** A lock edited by hand can name a path outside the pool or leave out a hash: neither gets to a program. */
export function checkLock(lock: Lock): Lock {
  const names = new Set<string>();
  for (const entry of lock.packages) {
    const sound =
      /^[a-z0-9][a-z0-9+.-]+$/.test(entry.name) &&
      /^[0-9A-Za-z.+~:-]+$/.test(entry.version) &&
      /^pool\/[A-Za-z0-9+._~%/-]+\.deb$/.test(entry.path) &&
      !entry.path.includes("..") &&
      /^[0-9a-f]{64}$/.test(entry.sha256) &&
      entry.sizeBytes > 0 &&
      entry.groups.length > 0;
    if (!sound) throw new BuildError(`packages.lock.json: the entry of ${entry.name} is not sound`);
    if (names.has(entry.name))
      throw new BuildError(`packages.lock.json: ${entry.name} is there twice`);
    names.add(entry.name);
  }
  return lock;
}
