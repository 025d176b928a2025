import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PackageGroupName } from "./board.ts";
import { BuildError } from "./fail.ts";
import { checkLock, type Lock, type LockedPackage } from "./lock.ts";
import type { Mirror } from "./mirror.ts";
import { run } from "./run.ts";

/** A group of board/common/packages.ts. */
export interface PackageGroup {
  /** rootfs: extracted into the root file system, with what it needs. boot: its own files, for the boot partition. */
  readonly into: "rootfs" | "boot";
  /** Each with what it is there for. */
  readonly packages: Readonly<Record<string, string>>;
}

export type PackageGroups = Readonly<Record<PackageGroupName, PackageGroup>>;

const SUITE = "trixie";
const ARCHITECTURE = "arm64";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Asks apt which packages the groups need, in a root of its own: nothing is installed and the machine's own lists stay
 * as they are. The lists are signed; apt checks that.
 */
export function resolveLock(groups: PackageGroups, mirror: Mirror, directory: string): Lock {
  const environment = prepareApt(mirror, directory);
  run(["apt-get", "update", "-q"], { env: environment });
  const found = new Map<string, LockedPackage>();
  for (const [name, group] of Object.entries(groups) as [PackageGroupName, PackageGroup][]) {
    const wanted = Object.keys(group.packages);
    if (wanted.length === 0) continue;
    // A group beyond the first needs the first one as well: what both have is marked with both.
    const printed = run(
      [
        ...(["apt-get", "install", "-y", "--print-uris", "--no-install-recommends"] as const),
        ...["-o", "Acquire::ForceHash=sha256", ...wanted],
      ],
      { env: environment },
    );
    const all = parsePrintedUris(printed, mirror, name);
    const entries =
      group.into === "boot" ? all.filter((entry) => wanted.includes(entry.name)) : all;
    for (const entry of entries) {
      const known = found.get(entry.name);
      found.set(
        entry.name,
        known === undefined ? entry : { ...known, groups: [...known.groups, name] },
      );
    }
  }
  if (found.size === 0) throw new BuildError("apt resolved to no package");
  return checkLock({ packages: [...found.values()] });
}

/** `'URI' NAME_VERSION_ARCH.deb SIZE SHA256:…` a line, between lines of other text. */
export function parsePrintedUris(
  printed: string,
  mirror: Mirror,
  group: PackageGroupName,
): readonly LockedPackage[] {
  return printed
    .split("\n")
    .filter((line) => line.startsWith("'"))
    .map((line) => {
      const match = /^'([^']+)' ([^_]+)_([^_]+)_([a-z0-9]+)\.deb (\d+) SHA256:([0-9a-f]{64})$/.exec(
        line,
      );
      if (match === null) throw new BuildError(`apt printed a line we can't read: ${line}`);
      const [, uri = "", name = "", version = "", architecture = "", size = "", sha256 = ""] =
        match;
      const isSecurity = uri.startsWith(`${mirror.security}/`);
      const base = isSecurity ? mirror.security : mirror.main;
      if (!uri.startsWith(`${base}/`)) throw new BuildError(`apt names another archive: ${uri}`);
      return {
        name,
        version: decodeURIComponent(version),
        architecture: architecture === "all" ? "all" : ARCHITECTURE,
        suite: isSecurity ? `${SUITE}-security` : SUITE,
        path: uri.slice(base.length + 1),
        sizeBytes: Number(size),
        sha256,
        groups: [group],
      };
    });
}

/** Returns the environment in which apt is that of the image. */
function prepareApt(mirror: Mirror, directory: string): Readonly<Record<string, string>> {
  rmSync(join(directory, "etc"), { recursive: true, force: true });
  for (const path of [
    "etc/apt.conf.d",
    "etc/preferences.d",
    "state/lists/partial",
    "cache/archives/partial",
  ]) {
    mkdirSync(join(directory, path), { recursive: true });
  }
  // How this machine reaches its mirror (a proxy, say) holds here as well.
  cpSync("/etc/apt/apt.conf.d", join(directory, "etc/apt.conf.d"), { recursive: true });
  const line = (uri: string, suite: string): string =>
    `deb [arch=${ARCHITECTURE} signed-by=${KEYRING}] ${uri} ${suite} main non-free-firmware\n`;
  writeFileSync(
    join(directory, "etc/sources.list"),
    line(mirror.main, SUITE) +
      line(mirror.main, `${SUITE}-updates`) +
      line(mirror.security, `${SUITE}-security`),
  );
  writeFileSync(join(directory, "status"), "");
  const configuration = join(directory, "apt.conf");
  writeFileSync(configuration, aptConfiguration(directory));
  return { APT_CONFIG: configuration };
}

function aptConfiguration(directory: string): string {
  const settings: Readonly<Record<string, string>> = {
    Dir: `${directory}/`,
    "Dir::Etc": "etc",
    "Dir::Etc::sourcelist": "sources.list",
    "Dir::Etc::sourceparts": "-",
    "Dir::Etc::parts": "apt.conf.d",
    "Dir::State": "state",
    "Dir::State::status": `${directory}/status`,
    "Dir::Cache": "cache",
    "APT::Architecture": ARCHITECTURE,
    "APT::Install-Recommends": "false",
    "APT::Sandbox::User": "root",
  };
  const lines = Object.entries(settings).map(
    ([key, value]) => `${key} ${JSON.stringify(value)};\n`,
  );
  return `${lines.join("")}APT::Architectures { "${ARCHITECTURE}"; };\n`;
}
