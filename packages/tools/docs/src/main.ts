import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { allRoutes, STATUSES } from "@passerelle/api";
import { cliPage } from "@passerelle/cli/page";
import { collectLines } from "./event-lines.ts";
import { collectFaults, NOT_FAULTS, type SourceText } from "./faults.ts";
import { accessPage } from "./page-access.ts";
import { busPage } from "./page-bus.ts";
import { configurationPage } from "./page-configuration.ts";
import { errorsPage } from "./page-errors.ts";
import { eventLogPage } from "./page-event-log.ts";
import { openApiPage } from "./page-openapi.ts";
import { undocumentedErrors, undocumentedStatuses } from "./route-errors.ts";

// Writes the generated pages; with --check only says which are not current, and exits 1.

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
/** Layers in which a `code` is said to people; below them it is an error of a decoder or of the system. */
const FAULT_LAYERS = ["apps", "bus", "daemons", "runtime"];

const isCheck = process.argv.includes("--check");
const sources = readSources();
const lines = collectLines(sources);
const { faults, problems: wrongFaults } = collectFaults(
  sources,
  NOT_FAULTS,
  new Set(lines.map(({ code }) => code)),
);
const documented = new Set(faults.map(({ code }) => code));
const problems = [
  ...wrongFaults,
  ...undocumentedErrors(allRoutes, documented),
  ...undocumentedStatuses(Object.keys(STATUSES), documented),
];
const pages: ReadonlyMap<string, string> = new Map([
  ["docs/bus.md", busPage()],
  ["docs/access-lists.md", accessPage()],
  ["docs/configuration.md", await configurationPage()],
  ["docs/cli.md", cliPage()],
  ["docs/errors.md", errorsPage(faults)],
  ["docs/event-log.md", eventLogPage(lines)],
  ["docs/openapi.json", openApiPage()],
]);
const stale = [...pages].filter(([path, text]) => readPage(path) !== text).map(([path]) => path);

if (isCheck) {
  for (const path of stale) process.stderr.write(`${path} is not current: run make docs\n`);
} else {
  mkdirSync(join(ROOT, "docs"), { recursive: true });
  for (const [path, text] of pages) writeFileSync(join(ROOT, path), text);
  for (const path of stale) process.stdout.write(`${path} written\n`);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0 || (isCheck && stale.length > 0)) process.exitCode = 1;

function readPage(path: string): string | undefined {
  const whole = join(ROOT, path);
  return existsSync(whole) ? readFileSync(whole, "utf8") : undefined;
}

function readSources(): readonly SourceText[] {
  const paths = FAULT_LAYERS.flatMap((layer) =>
    readdirSync(join(ROOT, "packages", layer), { recursive: true, encoding: "utf8" })
      .map((path) => `packages/${layer}/${path}`)
      .filter((path) => /^packages\/[^/]+\/[^/]+\/src\/.*\.ts$/.test(path)),
  ).sort();
  if (paths.length === 0) throw new Error("saw no source: the check is blind");
  return paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}
