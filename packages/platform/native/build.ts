/**
 * Builds what is C into build/native/<arch>/ at the top of the repository: the addon, and the holder of PPPoE sessions.
 *
 *     node packages/platform/native/build.ts [--all]
 *
 * The machine's own architecture must build. The other one is skipped with a message where its
 * compiler is missing, unless --all asks for both.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const top = join(here, "../../..");
interface Product {
  readonly name: string;
  readonly sources: readonly string[];
  readonly flags: readonly string[];
}

const PRODUCTS: readonly Product[] = [
  {
    name: "passerelle_native.node",
    sources: filesOf("src", ".c"),
    flags: ["-fPIC", "-shared", "-fvisibility=hidden"],
  },
  {
    name: "passerelle-ppp-holder",
    sources: filesOf("../ppp/holder", ".c"),
    flags: ["-fPIE", "-pie"],
  },
];

const FLAGS = [
  ..."-std=gnu11 -O2 -Wall -Wextra -Werror".split(" "),
  ..."-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2".split(" "),
  ..."-Wl,-z,relro,-z,now,-z,noexecstack -s".split(" "),
];

/** gcc's own name first: it is the native compiler on the machine's own architecture. */
const COMPILERS: Readonly<Record<string, string>> = {
  x64: "x86_64-linux-gnu-gcc",
  arm64: "aarch64-linux-gnu-gcc",
};

/** The headers are the same for both architectures; whichever Node package is installed has them. */
function headers(): string {
  for (const arch of ["x64", "arm64"]) {
    const path = join(top, `node_modules/node-linux-${arch}/include/node`);
    if (existsSync(join(path, "node_api.h"))) return path;
  }
  throw new Error("Node's headers are missing: run npm ci");
}

function filesOf(directory: string, ending: string): readonly string[] {
  const names = readdirSync(join(here, directory)).sort();
  return names.filter((name) => name.endsWith(ending)).map((name) => join(here, directory, name));
}

function isFresh(target: string, sources: readonly string[]): boolean {
  if (!existsSync(target)) return false;
  const built = statSync(target).mtimeMs;
  const made = [...sources, ...filesOf("src", ".h"), fileURLToPath(import.meta.url)];
  return made.every((file) => statSync(file).mtimeMs <= built);
}

function build({ name, sources, flags }: Product, arch: string, required: boolean): void {
  const target = join(top, "build/native", arch, name);
  if (isFresh(target, sources)) return;
  const compiler = arch === process.arch ? "gcc" : (COMPILERS[arch] ?? "gcc");
  if (spawnSync(compiler, ["--version"]).status !== 0) {
    const text = `${name} for ${arch}: no ${compiler}`;
    if (required) throw new Error(text);
    process.stderr.write(`${text}: skipped\n`);
    return;
  }
  mkdirSync(dirname(target), { recursive: true });
  // Compiled beside and renamed, so that a process that has the old one mapped keeps it whole.
  const fresh = `${target}.${process.pid}`;
  const words = [...FLAGS, ...flags, `-I${headers()}`, "-o", fresh, ...sources];
  const result = spawnSync(compiler, words, { stdio: "inherit" });
  if (result.status !== 0) throw new Error(`${name} for ${arch}: ${compiler} failed`);
  renameSync(fresh, target);
  process.stdout.write(`${name} for ${arch}: built\n`);
}

const all = process.argv.includes("--all");
for (const arch of ["x64", "arm64"]) {
  for (const product of PRODUCTS) build(product, arch, all || arch === process.arch);
}
