import { closeSync, lstatSync, openSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { type ElfFacts, readElf } from "./elf.ts";
import { BuildError } from "./fail.ts";
import { walkTree } from "./walk.ts";

export interface ElfFile {
  /** From the root of the tree, without a slash before it. */
  readonly path: string;
  readonly facts: ElfFacts;
}

/** Every program and library of the tree; kernel modules are relocatable objects and judged by the kernel. */
export function elfFiles(tree: string): readonly ElfFile[] {
  const found: ElfFile[] = [];
  for (const { path, kind } of walkTree(tree)) {
    if (kind !== "file") continue;
    if (path.startsWith("usr/lib/modules/") || !hasElfMagic(join(tree, path))) continue;
    const facts = readElf(readFileSync(join(tree, path)));
    if (facts === undefined) throw new BuildError(`/${path} is a broken ELF file`);
    found.push({ path, facts });
  }
  return found;
}

/**
 * Fails where a program that stayed can't start: a library that it names is not in the tree. This is what says that a
 * package left out was one too many.
 */
export function checkLinks(files: readonly ElfFile[], names: ReadonlySet<string>): void {
  const missing = files.flatMap(({ path, facts }) =>
    facts.needed.filter((name) => !names.has(name)).map((name) => `/${path} needs ${name}`),
  );
  if (missing.length > 0) throw new BuildError(`libraries are not there:\n${missing.join("\n")}`);
}

/** Names by which a library can be asked for: files and links of the library folders. */
export function libraryNames(tree: string): ReadonlySet<string> {
  return new Set(
    walkTree(tree, "usr/lib")
      .filter(({ kind, path }) => kind !== "folder" && /\.so(\.|$)/.test(basename(path)))
      .map(({ path }) => basename(path)),
  );
}

/** Links that lead nowhere in the tree, and to none of the places that are there only on a running box. */
export function danglingLinks(tree: string): readonly string[] {
  return walkTree(tree)
    .filter(({ kind }) => kind === "link")
    .map(({ path }) => `/${path}`)
    .filter((path) => !leadsSomewhere(tree, path));
}

/** True where an absolute path of the box is in the tree, by whatever links. */
export function leadsSomewhere(tree: string, path: string): boolean {
  return resolves(tree, path, LINKS_MAX);
}

function resolves(tree: string, path: string, hops: number): boolean {
  if (hops === 0) return false;
  let at = "/";
  for (const part of path.split("/").filter((p) => p !== "")) {
    at = posix.join(at, part);
    const found = lstatSync(join(tree, at), { throwIfNoEntry: false });
    if (found === undefined) return false;
    if (!found.isSymbolicLink()) continue;
    const rest = path.slice(at.length);
    const target = posix.resolve(posix.dirname(at), readlinkSync(join(tree, at)));
    if (LATER.test(target)) return true;
    return resolves(tree, posix.join(target, rest), hops - 1);
  }
  return true;
}

/** Libraries that no program names: candidates to leave out, or loaded by name (dlopen). For a person to read. */
export function unnamedLibraries(files: readonly ElfFile[]): readonly string[] {
  const named = new Set(files.flatMap(({ facts }) => facts.needed));
  return files
    .filter(
      ({ facts, path }) =>
        facts.soname !== undefined && !named.has(facts.soname) && !named.has(basename(path)),
    )
    .map(({ path }) => path);
}

function hasElfMagic(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(4);
    return readSync(file, head, 0, 4, 0) === 4 && head.toString("latin1") === "\x7fELF";
  } finally {
    closeSync(file);
  }
}

/** Filled when the box runs; /dev/null masks a unit. */
const LATER = /^\/(run|dev|proc|sys|data|tmp)(\/|$)/;
const LINKS_MAX = 16;
