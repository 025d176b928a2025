import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { BuildError } from "./fail.ts";
import { run } from "./run.ts";

/** Keeps the modules that are asked for and what they need, uncompressed (the squashfs compresses better), and indexes them. */
export function chooseModules(
  tree: string,
  wanted: readonly string[],
): { version: string; count: number } {
  const modules = join(tree, "usr/lib/modules");
  const versions = readdirSync(modules);
  const [version] = versions;
  if (version === undefined || versions.length > 1) {
    throw new BuildError(`the tree has one kernel: ${versions.join(" ")}`);
  }
  const home = join(modules, version);
  const all = readdirSync(join(home, "kernel"), { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ko.xz"),
  );
  const builtin = new Set(
    readFileSync(join(home, "modules.builtin"), "utf8")
      .split("\n")
      .map((line) => moduleName(line)),
  );
  const kept = new Set<string>();
  const byName = new Map(all.map((path) => [moduleName(path), path]));
  let next = firstChoice(all, wanted, builtin);
  while (next.length > 0) {
    const files = next.map((path) => join(home, "kernel", path));
    // Batches: an argument list has an end.
    for (let at = 0; at < files.length; at += BATCH)
      run(["xz", "-d", "-f", ...files.slice(at, at + BATCH)]);
    for (const path of next) kept.add(path);
    const needed = files.flatMap((file) =>
      dependenciesOf(readFileSync(file.slice(0, -".xz".length))),
    );
    next = [...new Set(needed)].flatMap((name) => {
      const path = byName.get(name);
      if (path === undefined && !builtin.has(name)) throw new BuildError(`no module ${name}`);
      return path === undefined || kept.has(path) ? [] : [path];
    });
  }
  keepOnly(home, kept);
  run(["depmod", "-b", tree, version]);
  return { version, count: kept.size };
}

/** A name that the kernel knows no more is a mistake in the board: it is said, not skipped. */
function firstChoice(
  all: readonly string[],
  wanted: readonly string[],
  builtin: ReadonlySet<string>,
): readonly string[] {
  const chosen = new Set<string>();
  for (const word of wanted) {
    const found = word.includes("/")
      ? all.filter((path) => path.startsWith(word.replace(/\*$/, "")))
      : all.filter((path) => moduleName(path) === moduleName(word));
    if (found.length === 0 && !builtin.has(moduleName(word))) {
      throw new BuildError(`the kernel has no module "${word}"`);
    }
    for (const path of found) chosen.add(path);
  }
  return [...chosen].sort();
}

/** `depends=` and `softdep=pre:` of a module's .modinfo, as the names of files have them. */
export function dependenciesOf(module: Buffer): readonly string[] {
  const text = module.toString("latin1");
  const names: string[] = [];
  for (const [, list = ""] of text.matchAll(/\0depends=([^\0]*)/g)) names.push(...list.split(","));
  return names.filter((name) => name !== "").map(moduleName);
}

/** virtio-rng.ko.xz, drivers/…/virtio_rng.ko and virtio-rng are one module to the kernel. */
export function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.xz)?$/, "")
    .replaceAll("-", "_");
}

function keepOnly(home: string, kept: ReadonlySet<string>): void {
  const whole = join(home, "kernel");
  const chosen = join(home, "chosen");
  for (const path of kept) {
    const plain = path.slice(0, -".xz".length);
    mkdirSync(join(chosen, dirname(plain)), { recursive: true });
    renameSync(join(whole, plain), join(chosen, plain));
  }
  rmSync(whole, { recursive: true });
  renameSync(chosen, whole);
}

const BATCH = 200;
