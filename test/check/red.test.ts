import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * Every tool behind `make check` is seen red: in a copy of the tree one mistake is planted at a time, and
 * the tool that should catch it must fail and name the file. A check that cannot fail is no check.
 */
const root = resolve(import.meta.dirname, "../..");
let copy = "";

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "passerelle-red-"));
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  for (const path of listed.split("\0").filter((p) => /\.(tsx?|css|svg|html|json|md)$/.test(p))) {
    try {
      cpSync(join(root, path), join(copy, path));
    } catch {
      // Deleted in the working tree: not part of the copy.
    }
  }
  cpSync(join(root, ".gitignore"), join(copy, ".gitignore"));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  execFileSync("git", ["init", "-q"], { cwd: copy });
  execFileSync("git", ["add", "-A"], { cwd: copy });
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface Run {
  readonly code: number | null;
  readonly output: string;
}

function tool(command: string, ...argv: readonly string[]): Run {
  const run = spawnSync(join(root, "node_modules/.bin", command), argv, {
    cwd: copy,
    encoding: "utf8",
  });
  return { code: run.status, output: run.stdout + run.stderr };
}

function planted(path: string, text: string, run: () => Run): Run {
  const full = join(copy, path);
  let before: string | undefined;
  try {
    before = readFileSync(full, "utf8");
  } catch {
    mkdirSync(dirname(full), { recursive: true });
  }
  writeFileSync(full, text);
  try {
    return run();
  } finally {
    if (before === undefined) rmSync(full);
    else writeFileSync(full, before);
  }
}

const types = (): Run => tool("tsc", "-p", "tsconfig.json");
const pureTypes = (): Run => tool("tsc", "-p", "tsconfig.pure.json");
const pageTypes = (): Run => tool("tsc", "-p", "tsconfig.ui.json");
const lint = (): Run => tool("biome", "check", "--error-on-warnings", ".");
const promises = (): Run =>
  tool("oxlint", "--type-aware", "--deny-warnings", "-c", "oxlint.json", "packages", "test");
const deadCode = (): Run => tool("knip", "--no-config-hints");
const pages = (): Run => tool("node", "packages/tools/docs/src/main.ts", "--check");

const PURE = "packages/base/time/src/planted.ts";
const PAGE = "packages/apps/ui/src/planted.tsx";
const EDGE = "packages/platform/process/src/planted.ts";

describe("make check is red for", () => {
  test.each<[string, string, string, () => Run]>([
    ["a wrong type", PURE, 'export const wait: number = "30";\n', types],
    [
      "seconds where a Duration is meant",
      PURE,
      'import { after, instant } from "./index.ts";\nexport const late = after(instant(0), 30);\n',
      types,
    ],
    [
      "an index that may be undefined",
      PURE,
      "export const first = (list: readonly number[]): number => list[0];\n",
      types,
    ],
    ["an enum", PURE, "export enum Colour { Red }\n", types],
    [
      "a union member without its case",
      PURE,
      'export function name(k: "a" | "b"): string {\n  switch (k) {\n    case "a":\n      return k;\n  }\n}\n',
      types,
    ],
    [
      "a timer in base",
      PURE,
      "export const late = (f: () => void) => setTimeout(f, 1);\n",
      pureTypes,
    ],
    [
      "node:fs in base",
      PURE,
      'import { readFileSync } from "node:fs";\nexport const read = readFileSync;\n',
      pureTypes,
    ],
    ["Buffer in base", PURE, 'export const b = Buffer.from("a");\n', pureTypes],
    ["the wall clock in base", PURE, "export const now = (): number => Date.now();\n", lint],
    ["any", PURE, "export const x: any = 1;\n", lint],
    ["a non-null assertion", PURE, "export const x = (a?: number): number => a!;\n", lint],
    ["an unformatted file", PURE, "export   const x=1\n", lint],
    [
      "a floating promise",
      EDGE,
      "async function f(): Promise<void> {}\nexport function g(): void {\n  f();\n}\n",
      promises,
    ],
    [
      "a promise where a boolean is meant",
      EDGE,
      "export async function f(p: Promise<boolean>): Promise<number> {\n  if (p) return 1;\n  return 2;\n}\n",
      promises,
    ],
    [
      "a circle of imports",
      "packages/base/machine/src/rng.ts",
      'import { ignored } from "./index.ts";\nexport const again = ignored;\n',
      promises,
    ],
    [
      "a word that is missing in French",
      "packages/apps/ui/src/words/fr/planted.ts",
      'import type { homeEn } from "../en/home.ts";\nimport type { TranslationOf } from "../words.ts";\n\nexport const planted: TranslationOf<typeof homeEn> = { "home.title": "Accueil" };\n',
      pageTypes,
    ],
    [
      "a word that does not exist",
      PAGE,
      'import { t } from "./words/index.ts";\n\nexport const P = () => <p>{t("home.nothing")}</p>;\n',
      pageTypes,
    ],
    [
      "a word that is not filled in",
      PAGE,
      'import { t } from "./words/index.ts";\n\nexport const P = () => <p>{t("table.rows")}</p>;\n',
      pageTypes,
    ],
    ["Node in a page", PAGE, "export const P = () => <p>{process.pid}</p>;\n", pageTypes],
    ["an unformatted page", PAGE, "export const  P = () => <p />;\n", lint],
    ["a picture without a text", PAGE, 'export const P = () => <img src="/x.svg" />;\n', lint],
    [
      "a floating promise in a page",
      PAGE,
      "async function f(): Promise<void> {}\nexport function P() {\n  f();\n  return <p />;\n}\n",
      promises,
    ],
    ["a page nobody shows", PAGE, "export const P = () => <p />;\n", deadCode],
    ["a file nobody imports", PURE, "export const lonely = 1;\n", deadCode],
    ["a generated page that is not current", "docs/bus.md", "# Bus\n", pages],
  ])(
    "%s",
    (_name, path, text, run) => {
      const red = planted(path, text, run);
      expect(red.code).not.toBe(0);
      expect(red.output).toContain(path.split("/").at(-1));
    },
    60_000,
  );
});
