import { BuildError } from "./fail.ts";

/** What depmod wrote about one kernel: modules.dep and modules.builtin. */
export interface ModuleIndex {
  /** Path below the kernel's folder, with its suffixes, to what has to be loaded before it. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** By name. */
  readonly paths: ReadonlyMap<string, string>;
  /** Names of what is in the kernel itself. */
  readonly builtin: ReadonlySet<string>;
}

export function readModuleIndex(modulesDep: string, modulesBuiltin: string): ModuleIndex {
  const needs = new Map<string, readonly string[]>();
  const paths = new Map<string, string>();
  for (const line of modulesDep.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const path = line.slice(0, colon);
    const needed = line.slice(colon + 1).split(" ");
    needs.set(
      path,
      needed.filter((word) => word !== ""),
    );
    paths.set(nameOf(path), path);
  }
  const builtin = modulesBuiltin.split("\n").filter((line) => line !== "");
  return { needs, paths, builtin: new Set(builtin.map(nameOf)) };
}

/** The paths of the modules and of all that they need, so that each comes after what it needs. */
export function loadOrder(index: ModuleIndex, names: readonly string[]): readonly string[] {
  const order = new Set<string>();
  for (const name of names) {
    const path = index.paths.get(nameOf(name));
    if (path === undefined) {
      if (index.builtin.has(nameOf(name))) continue;
      throw new BuildError(`the kernel has no module ${name}`);
    }
    // depmod lists all that is needed, also from afar, and what has to be first is last.
    for (const needed of (index.needs.get(path) ?? []).toReversed()) order.add(needed);
    order.add(path);
  }
  return [...order];
}

/** As modprobe sees it: no folder, no suffix, and a dash is an underscore. */
export function nameOf(path: string): string {
  const file = path.split("/").at(-1) ?? "";
  return file.replace(/\.ko(\.xz|\.zst|\.gz)?$/, "").replaceAll("-", "_");
}
