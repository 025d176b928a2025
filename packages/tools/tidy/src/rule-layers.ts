import { importsOf, isSource, type ProjectFile, type Rule, type Violation } from "./tree.ts";

/** Who may import whom: the table of ARCHITECTURE.md, "Layers". A row not here may import nothing. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: ["base"],
  protocols: ["base", "protocols"],
  "bus/contract": ["base"],
  "bus/api": ["base", "bus/contract"],
  bus: ["base", "bus"],
  platform: ["base", "protocols", "platform"],
  runtime: ["base", "protocols", "bus", "platform", "runtime"],
  daemons: ["base", "protocols", "bus", "platform", "runtime"],
  // The composition root hosts the daemons; every other app meets them on the bus.
  "apps/passerelle": ["base", "bus", "platform", "runtime", "daemons", "apps/cli"],
  // Programs of people: they meet the box at its web API.
  apps: ["base", "bus/contract", "bus/api"],
  "tools/docs": ["base", "bus/contract", "bus/api", "daemons", "apps/cli"],
  tools: ["base", "tools"],
};

/** Where Node's modules and globals may be used at all. */
const MAY_USE_NODE = /^packages\/(bus\/(client|broker)|platform|runtime|apps|tools)\//;
/** In a daemon only the edge touches the outside; service.ts wires paths, main.ts starts. */
const DAEMON_EDGE = /^packages\/daemons\/[^/]+\/src\/(edge\/|service\.ts|profiles?\.ts)/;
/** The schema library stays replaceable: it is imported where schemas are defined, and where topics are validated. */
const MAY_USE_VALIBOT =
  /^packages\/(bus\/|runtime\/service\/|tools\/docs\/|daemons\/[^/]+\/src\/(config[^/]*|profile[^/]*|schema[^/]*|service)\.ts)/;

interface PackageInfo {
  readonly folder: string;
  readonly layer: string;
  readonly id: string;
  readonly declared: ReadonlySet<string>;
  readonly exports: ReadonlySet<string>;
}

export const layersRule: Rule = {
  name: "layers",
  about: "The folder says who may import whom; daemons meet on the bus; core never imports edge.",
  check: (files) => {
    const packages = readPackages(files);
    const sources = files.filter((file) => isSource(file.path));
    if (sources.length === 0 || packages.size === 0) {
      return [
        { rule: "layers", path: ".", line: 0, message: "saw no source file: the check is blind" },
      ];
    }
    return sources.flatMap((file) => checkFile(file, packages));
  },
};

function checkFile(file: ProjectFile, packages: ReadonlyMap<string, PackageInfo>): Violation[] {
  const own = [...packages.values()].find((p) => file.path.startsWith(`${p.folder}/`));
  if (own === undefined) {
    return [{ rule: "layers", path: file.path, line: 1, message: "is in no package" }];
  }
  const violations: Violation[] = [];
  for (const { specifier, line } of importsOf(file)) {
    const message = judge(file.path, specifier, own, packages);
    if (message !== undefined) violations.push({ rule: "layers", path: file.path, line, message });
  }
  return violations;
}

function judge(
  path: string,
  specifier: string,
  own: PackageInfo,
  packages: ReadonlyMap<string, PackageInfo>,
): string | undefined {
  if (specifier.startsWith(".")) return judgeRelative(path, specifier, own);
  if (specifier.startsWith("node:")) return judgeNode(path, specifier);
  if (specifier.startsWith("@passerelle/")) return judgeOurs(specifier, own, packages);
  const name = specifier.startsWith("@")
    ? specifier.split("/").slice(0, 2).join("/")
    : (specifier.split("/")[0] ?? "");
  if (!own.declared.has(name)) return `imports ${name}, which its package.json does not declare`;
  if (name === "valibot" && !MAY_USE_VALIBOT.test(path)) {
    return "imports the schema library: schemas live in bus/contract and config.ts";
  }
  return undefined;
}

function judgeRelative(path: string, specifier: string, own: PackageInfo): string | undefined {
  const parts = path.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  const target = parts.join("/");
  if (!target.startsWith(`${own.folder}/`)) {
    return `reaches out of its package by ${specifier}: import the package by its name`;
  }
  if (path.startsWith(`${own.folder}/src/core/`) && target.startsWith(`${own.folder}/src/edge/`)) {
    return "core imports edge: return an effect";
  }
  return undefined;
}

function judgeNode(path: string, specifier: string): string | undefined {
  const allowed = path.startsWith("packages/daemons/")
    ? DAEMON_EDGE.test(path)
    : MAY_USE_NODE.test(path);
  if (!allowed) return `uses ${specifier}: only an edge touches the system`;
  if (specifier === "node:child_process" && !/^packages\/(platform|tools)\//.test(path)) {
    return "starts processes: go through platform/process";
  }
  return undefined;
}

function judgeOurs(
  specifier: string,
  own: PackageInfo,
  packages: ReadonlyMap<string, PackageInfo>,
): string | undefined {
  const name = specifier.split("/").slice(0, 2).join("/");
  const target = packages.get(name);
  if (target === undefined) return `imports ${name}, which does not exist`;
  if (!own.declared.has(name) && target !== own) {
    return `imports ${name}, which its package.json does not declare`;
  }
  const subpath = `.${specifier.slice(name.length)}`;
  if (!target.exports.has(subpath)) return `reaches past the exports of ${name}: ${subpath}`;
  const rows = MAY_IMPORT[own.id] ?? MAY_IMPORT[own.layer] ?? [];
  if (!rows.includes(target.layer) && !rows.includes(target.id)) {
    return `${own.id} may not import ${target.id}`;
  }
  return undefined;
}

function readPackages(files: readonly ProjectFile[]): ReadonlyMap<string, PackageInfo> {
  const packages = new Map<string, PackageInfo>();
  for (const file of files) {
    const match = /^(packages\/([^/]+)\/([^/]+))\/package\.json$/.exec(file.path);
    if (match === null) continue;
    const manifest = JSON.parse(file.text) as {
      name: string;
      dependencies?: Record<string, string>;
      exports?: Record<string, string>;
    };
    packages.set(manifest.name, {
      folder: match[1] ?? "",
      layer: match[2] ?? "",
      id: `${match[2]}/${match[3]}`,
      declared: new Set(Object.keys(manifest.dependencies ?? {})),
      exports: new Set(Object.keys(manifest.exports ?? {})),
    });
  }
  return packages;
}
