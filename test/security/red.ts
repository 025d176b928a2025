/**
 * `make red`: takes each defence of `defences.ts` away in a copy of the tree and looks whether its test notices.
 * First every test is seen green, so that red means the defence. Words after the program choose rows.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFENCES, type Defence } from "./defences.ts";

const ROOT = join(import.meta.dirname, "../..");
const LIMIT_MS = 300_000;

const [, , ...rows] = process.argv;
const chosen = DEFENCES.filter(({ row }) => rows.length === 0 || rows.includes(row));
const copy = mkdtempSync(join(tmpdir(), "passerelle-red-"));
let missed = 0;
try {
  copyTree();
  for (const defence of chosen) {
    const verdict = tryOne(defence);
    if (verdict !== "red") missed += 1;
    console.log(`${defence.row}  ${verdict}  without ${defence.without}: ${defence.judge.name}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - missed} seen red, ${missed} not`);
process.exitCode = missed === 0 ? 0 : 1;

/** The packages find each other by links in node_modules: it is copied with them (hard links cost nothing). */
function copyTree(): void {
  for (const name of [
    "packages",
    "test",
    "bin",
    "package.json",
    "tsconfig.json",
    "vitest.config.ts",
    "vite.config.ts",
    "tsconfig.pure.json",
    "tsconfig.ui.json",
  ])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
  must(["cp", "-a", "--link", join(ROOT, "node_modules"), join(copy, "node_modules")]);
  cpSync(join(ROOT, "build/native"), join(copy, "build/native"), { recursive: true });
  for (const name of ["docs", "README.md", "Makefile", "CHANGELOG.md"])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
}

/** "red": it failed without the defence and holds with it. */
function tryOne(defence: Defence): "red" | "GREEN" | "BROKEN" {
  if (!holds(defence)) return "BROKEN";
  const before = defence.edits.map(
    ({ file }) => [file, readFileSync(join(copy, file), "utf8")] as const,
  );
  for (const { file, text, instead } of defence.edits) {
    const path = join(copy, file);
    writeFileSync(
      path,
      readFileSync(path, "utf8").replace(text, () => instead),
    );
  }
  if (defence.builds) build();
  const isRed = !holds(defence);
  // Last first: a file edited twice gets its first text back.
  for (const [file, text] of before.reverse()) writeFileSync(join(copy, file), text);
  if (defence.builds) build();
  return isRed ? "red" : "GREEN";
}

function holds({ judge }: Defence): boolean {
  const { project, file, name } = judge;
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const report = join(copy, "red.json");
  rmSync(report, { force: true });
  spawnSync(
    join(copy, "node_modules/.bin/vitest"),
    ["run", "--project", project, file, "-t", pattern, "--reporter=json", `--outputFile=${report}`],
    {
      cwd: copy,
      encoding: "utf8",
      timeout: LIMIT_MS,
      env: { ...process.env, PATH: `${join(copy, "node_modules/.bin")}:${process.env.PATH}` },
    },
  );
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, "utf8"),
  ) as Report;
  if (numPassedTests + numFailedTests === 0 && numFailedTestSuites === 0)
    throw new Error(`no test "${name}" in ${file}`);
  return numFailedTests === 0 && numFailedTestSuites === 0;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
}

function build(): void {
  must([join(copy, "node_modules/.bin/vite"), "build", "--logLevel", "error"]);
}

function must([file = "", ...rest]: readonly string[]): void {
  const run = spawnSync(file, rest, { cwd: copy, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`${file}: ${run.stdout}${run.stderr}`);
}
