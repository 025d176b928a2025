import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "./fail.ts";
import type { LockedPackage } from "./lock.ts";
import type { Mirror } from "./mirror.ts";
import { run } from "./run.ts";

/** Takes what is pinned into the cache. Returns the file of each package. A file is looked at anew at each build. */
export function fetchPackages(
  packages: readonly LockedPackage[],
  mirror: () => Mirror,
  cache: string,
): ReadonlyMap<string, string> {
  const directory = join(cache, "deb");
  mkdirSync(directory, { recursive: true });
  const fileOf = (entry: LockedPackage): string => join(directory, `${entry.sha256}.deb`);
  const missing = packages.filter((entry) => !isWhole(fileOf(entry), entry.sha256));
  if (missing.length > 0) download(missing, mirror(), fileOf);
  return new Map(packages.map((entry) => [entry.name, fileOf(entry)]));
}

function download(
  packages: readonly LockedPackage[],
  mirror: Mirror,
  fileOf: (entry: LockedPackage) => string,
): void {
  const total = packages.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  process.stderr.write(
    `image: fetching ${packages.length} packages, ${Math.ceil(total / 1e6)} MB\n`,
  );
  for (const entry of packages) {
    const base = entry.suite.endsWith("-security") ? mirror.security : mirror.main;
    const target = fileOf(entry);
    const part = `${target}.${process.pid}`;
    try {
      // apt's own downloader: it goes the way this machine's apt goes, and checks the hash.
      run([
        "/usr/lib/apt/apt-helper",
        "download-file",
        `${base}/${entry.path}`,
        part,
        `SHA256:${entry.sha256}`,
      ]);
      if (!isWhole(part, entry.sha256)) throw new BuildError("other octets than the lock names");
      renameSync(part, target);
    } catch (error) {
      for (const path of [part, `${part}.FAILED`]) rmSync(path, { force: true });
      throw notFetched(entry, error);
    }
  }
}

/** A mirror drops a version when a newer one is out: that is no fault of the machine, and there is something to do. */
export function notFetched(entry: LockedPackage, error: unknown): BuildError {
  const said = error instanceof Error ? error.message : String(error);
  const why = /404/.test(said)
    ? "the mirror no longer has it"
    : /hash sum mismatch|other octets/i.test(said)
      ? "the mirror has other octets under this name"
      : "it could not be fetched";
  return new BuildError(
    `${entry.name} ${entry.version}: ${why} (${entry.path}).\n` +
      "If a newer version replaced it, run `make image-lock`, read the diff of board/common/packages.lock.json, commit it.\n" +
      said,
  );
}

function isWhole(path: string, sha256: string): boolean {
  return (
    existsSync(path) && createHash("sha256").update(readFileSync(path)).digest("hex") === sha256
  );
}
