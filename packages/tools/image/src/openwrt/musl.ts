import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fetchPackages } from "../fetch.ts";
import type { LockedPackage } from "../lock.ts";
import { hostMirror } from "../mirror.ts";
import { CACHE, ROOT } from "../paths.ts";
import { run } from "../run.ts";
import { unpack } from "../tree.ts";

/**
 * The libc.so and the headers of musl 1.2.5, which OpenWrt 24.10 and 25.12 have as well. Where the mirror has a newer
 * one, take its version, path, size and SHA-256 from the suite's list of packages.
 */
const MUSL: readonly LockedPackage[] = [
  {
    name: "musl",
    version: "1.2.5-3.1~deb13u1",
    architecture: "arm64",
    suite: "trixie",
    path: "pool/main/m/musl/musl_1.2.5-3.1~deb13u1_arm64.deb",
    sizeBytes: 412_440,
    sha256: "46cf1fcaa2d49d1573ef0ceabdb36e04a359a9a37d8e4304024f9018682e3f35",
    groups: [],
  },
  {
    name: "musl-dev",
    version: "1.2.5-3.1~deb13u1",
    architecture: "arm64",
    suite: "trixie",
    path: "pool/main/m/musl/musl-dev_1.2.5-3.1~deb13u1_arm64.deb",
    sizeBytes: 598_316,
    sha256: "384ea029e3694baac696d3993d93246f9a4b3741c493697e1ceb7256d8820748",
    groups: [],
  },
];

const COMPILER = "aarch64-linux-gnu-gcc";
const FLAGS = [
  ..."-std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden".split(" "),
  ..."-fstack-protector-strong -Wl,-z,relro,-z,now,-z,noexecstack -s".split(" "),
];

/**
 * Our addon for a Node that is linked against musl, cross-built with the compiler for glibc: it is told to see no header
 * and no library but musl's, the compiler's own and the kernel's. Returns the file.
 */
export function buildMuslAddon(directory: string): string {
  const musl = unpackMusl(directory);
  const kernel = join(directory, "kernel");
  rmSync(kernel, { recursive: true, force: true });
  mkdirSync(kernel, { recursive: true });
  for (const name of ["linux", "asm", "asm-generic"]) {
    symlinkSync(join("/usr/aarch64-linux-gnu/include", name), join(kernel, name));
  }
  const ask = (word: string): string => run([COMPILER, word]).trim();
  const target = join(directory, "passerelle_native.node");
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith(".c"));
  run([
    COMPILER,
    ...FLAGS,
    "-nostdinc",
    ...[join(musl, "include/aarch64-linux-musl"), ask("-print-file-name=include"), kernel].flatMap(
      (path) => ["-isystem", path],
    ),
    `-I${nodeHeaders()}`,
    // No start files either: glibc's would name symbols that musl has not.
    "-nostdlib",
    ...["-o", target, ...sources.map((name) => join(SOURCES, name))],
    ...[`-L${join(musl, "lib/aarch64-linux-musl")}`, "-lc", ask("-print-libgcc-file-name")],
  ]);
  return target;
}

const SOURCES = join(ROOT, "packages/platform/native/src");

/** musl's /usr. */
function unpackMusl(directory: string): string {
  const tree = join(directory, "musl");
  unpack(MUSL, fetchPackages(MUSL, hostMirror, CACHE), tree);
  // With the archive there the linker would put a second libc into the addon where it does not find the shared one.
  rmSync(join(tree, "usr/lib/aarch64-linux-musl/libc.a"));
  return join(tree, "usr");
}

/** The same for every architecture: whichever Node package is installed has them. */
function nodeHeaders(): string {
  const modules = join(ROOT, "node_modules");
  const name = readdirSync(modules).find(
    (one) =>
      one.startsWith("node-linux-") && existsSync(join(modules, one, "include/node/node_api.h")),
  );
  if (name === undefined) throw new Error("Node's headers are missing: run npm ci");
  return join(modules, name, "include/node");
}
