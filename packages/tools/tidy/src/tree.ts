import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

/** A file of the project as the rules see it. Tests plant such files without a disk. */
export interface ProjectFile {
  /** From the root, with slashes: packages/base/net/src/ipv4.ts */
  readonly path: string;
  readonly text: string;
}

/** One broken rule, with what to do about it. */
export interface Violation {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** A rule looks at the whole tree, so that it can also miss something that should be there. */
export interface Rule {
  readonly name: string;
  readonly about: string;
  readonly check: (files: readonly ProjectFile[]) => readonly Violation[];
}

/** What git tracks or would track: build output and node_modules are not the project. */
export function readProject(root: string): readonly ProjectFile[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const files: ProjectFile[] = [];
  for (const path of listed.split("\0")) {
    if (!/\.(tsx?|css|json|md|c|h|yml|sh)$/.test(path) || path === "package-lock.json") continue;
    try {
      files.push({ path, text: readFileSync(join(root, path), "utf8") });
    } catch {
      // Deleted in the working tree and still in the index: not part of what we check.
    }
  }
  return files;
}

export interface ImportOf {
  readonly specifier: string;
  readonly line: number;
}

/** A syntax node as oxc gives it; the rules read a few fields only. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Static imports, re-exports and `import("…")`, type-only ones too: the law holds for types as well. */
export function importsOf(file: ProjectFile): readonly ImportOf[] {
  const found: ImportOf[] = [];
  walk(programOf(file), (node) => {
    if (!/^(Import|ExportNamed|ExportAll)(Declaration|Expression)$/.test(node.type)) return;
    const source = node.source as { readonly value?: unknown; readonly start?: number } | null;
    if (typeof source?.value === "string") {
      found.push({ specifier: source.value, line: lineAt(file.text, node.start) });
    }
  });
  return found;
}

export function programOf(file: ProjectFile): SyntaxNode {
  return parseSync(file.path, file.text).program as unknown as SyntaxNode;
}

export function walk(node: unknown, visit: (node: SyntaxNode) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, visit);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  if ("type" in node && typeof node.type === "string") visit(node as SyntaxNode);
  for (const value of Object.values(node)) {
    if (typeof value === "object" && value !== null) walk(value, visit);
  }
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset && i < text.length; i += 1) if (text[i] === "\n") line += 1;
  return line;
}

export function isSource(path: string): boolean {
  return (
    /\.tsx?$/.test(path) && /^packages\/[^/]+\/[^/]+\/(src|.*\.ts$)/.test(path) && !isTest(path)
  );
}

export function isTest(path: string): boolean {
  return /^packages\/[^/]+\/[^/]+\/test\//.test(path) || path.startsWith("test/");
}
