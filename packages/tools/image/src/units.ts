import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { leadsSomewhere } from "./judge.ts";
import { walkTree } from "./walk.ts";

/**
 * Programs that a unit starts and that are not in the tree: "unit: /path". Looks at the units that something wants or
 * requires, and at ours; what is masked starts nothing.
 */
export function missingPrograms(tree: string): readonly string[] {
  const units = new Map<string, string>();
  const wanted = new Set<string>();
  for (const folder of [VENDOR, LOCAL].filter((path) => existsSync(join(tree, path)))) {
    for (const { path, kind } of walkTree(tree, folder)) {
      if (kind === "folder") continue;
      if (/\.(wants|requires)\/[^/]+$/.test(path)) wanted.add(basename(path));
      // A drop-in belongs to its unit; the local one comes second and wins.
      else units.set(path.slice(folder.length + 1), path);
    }
  }
  const missing: string[] = [];
  for (const [name, path] of units) {
    const [unit = ""] = name.split(".d/");
    if (!isStarted(unit, wanted) || isMasked(tree, units.get(unit))) continue;
    for (const program of programsOf(readUnit(tree, path))) {
      if (!leadsSomewhere(tree, program)) missing.push(`${name}: ${program}`);
    }
  }
  return missing.sort();
}

/** Absolute paths of Exec lines, without systemd's prefixes; one with a specifier is the unit's own business. */
export function programsOf(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const match = /^Exec[A-Z][A-Za-z]*=[-+!@:|]*(\/[^\s%]+)(?=\s|$)/.exec(line);
    return match?.[1] === undefined ? [] : [match[1]];
  });
}

function isStarted(unit: string, wanted: ReadonlySet<string>): boolean {
  const template = unit.replace(/@\./, "@");
  return (
    unit.startsWith("passerelle") ||
    wanted.has(unit) ||
    (template !== unit && [...wanted].some((name) => name.startsWith(unit.split(".")[0] ?? "")))
  );
}

function isMasked(tree: string, path: string | undefined): boolean {
  if (path === undefined) return false;
  const isLink = lstatSync(join(tree, path)).isSymbolicLink();
  return isLink && readlinkSync(join(tree, path)) === "/dev/null";
}

/** A link to another unit says nothing of its own. */
function readUnit(tree: string, path: string): string {
  return lstatSync(join(tree, path)).isSymbolicLink() ? "" : readFileSync(join(tree, path), "utf8");
}

const VENDOR = "usr/lib/systemd/system";
const LOCAL = "etc/systemd/system";
