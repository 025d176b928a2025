import type { ProjectFile, Rule, Violation } from "./tree.ts";

/** Every daemon looks like its neighbours: who knows one knows all. */
const SECTIONS = [
  "Does",
  "Does not",
  "Config",
  "Bus topics",
  "Kernel resources it owns",
  "Failure modes",
];
const FILES = ["README.md", "src/service.ts", "src/config.ts"];

export const daemonsRule: Rule = {
  name: "daemons",
  about: "A daemon has README, service, config, core, a transition table and scenarios.",
  check: (files) => {
    const names = new Set(
      files.flatMap(
        (file) => /^packages\/daemons\/([^/]+)\/package\.json$/.exec(file.path)?.[1] ?? [],
      ),
    );
    return [...names].flatMap((name) => checkDaemon(name, files));
  },
};

function checkDaemon(name: string, files: readonly ProjectFile[]): Violation[] {
  const folder = `packages/daemons/${name}`;
  const own = files.filter((file) => file.path.startsWith(`${folder}/`));
  const has = (pattern: RegExp): boolean =>
    own.some((f) => pattern.test(f.path.slice(folder.length + 1)));
  const missing = (what: string): Violation => ({
    rule: "daemons",
    path: folder,
    line: 0,
    message: what,
  });
  const violations: Violation[] = FILES.filter(
    (path) => !own.some((file) => file.path === `${folder}/${path}`),
  ).map((path) => missing(`has no ${path}`));
  if (!has(/^src\/core\//)) violations.push(missing("has no src/core/"));
  if (!has(/^src\/edge\//)) violations.push(missing("has no src/edge/"));
  if (!has(/^test\/.*transitions?.*\.test\.ts$/))
    violations.push(missing("has no transition table test"));
  const readme = own.find((file) => file.path === `${folder}/README.md`)?.text ?? "";
  for (const section of SECTIONS) {
    if (!readme.split("\n").includes(`## ${section}`)) {
      violations.push(missing(`README.md has no section "## ${section}"`));
    }
  }
  return violations;
}
