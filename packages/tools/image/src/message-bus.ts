import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { leadsSomewhere } from "./judge.ts";
import { programsOf } from "./units.ts";
import { walkTree } from "./walk.ts";

/**
 * What dbus-daemon would complain of at each start, or start in vain: policies for users and groups that the tree has not, and
 * services whose unit is not there, is masked, or has no program. Reads etc/passwd and etc/group: users are made before.
 */
export function messageBusProblems(tree: string): readonly string[] {
  return [...strangers(tree), ...deadServices(tree)].sort();
}

function strangers(tree: string): readonly string[] {
  const known = { user: namesIn(tree, "etc/passwd"), group: namesIn(tree, "etc/group") };
  const policies = filesBelow(tree, "usr/share/dbus-1", "etc/dbus-1").filter((path) =>
    path.endsWith(".conf"),
  );
  return policies.flatMap((path) => {
    const text = readFileSync(join(tree, path), "utf8").replace(/<!--[\s\S]*?-->/g, "");
    const named = [...text.matchAll(/\b(user|group)="([^"]*)"|<(user)>([^<]*)</g)].map(
      ([, attribute, inAttribute = "", , inElement = ""]) => ({
        kind: attribute === "group" ? ("group" as const) : ("user" as const),
        name: attribute === undefined ? inElement.trim() : inAttribute,
      }),
    );
    return named
      .filter(({ kind, name }) => name !== "*" && !known[kind].has(name))
      .map(({ kind, name }) => `/${path}: no ${kind} "${name}"`);
  });
}

function deadServices(tree: string): readonly string[] {
  return filesBelow(tree, "usr/share/dbus-1/system-services").flatMap((path) => {
    const text = readFileSync(join(tree, path), "utf8");
    const unit = /^SystemdService=(.*)$/m.exec(text)?.[1];
    // systemd itself has a name there and no unit.
    if (unit === undefined) return [];
    return isAlive(tree, unit) ? [] : [`/${path}: nothing is behind ${unit}`];
  });
}

function isAlive(tree: string, unit: string): boolean {
  const path = join(tree, VENDOR, unit);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) return isAlive(tree, basename(readlinkSync(path)));
  // A mask is a local file of that name; we have no others.
  if (found === undefined || lstatSync(join(tree, LOCAL, unit), { throwIfNoEntry: false }))
    return false;
  const programs = programsOf(readFileSync(path, "utf8"));
  return programs.every((program) => leadsSomewhere(tree, program));
}

function namesIn(tree: string, path: string): ReadonlySet<string> {
  const lines = existsSync(join(tree, path)) ? readFileSync(join(tree, path), "utf8") : "";
  return new Set(lines.split("\n").map((line) => line.split(":")[0] ?? ""));
}

function filesBelow(tree: string, ...folders: readonly string[]): readonly string[] {
  return folders
    .filter((folder) => existsSync(join(tree, folder)))
    .flatMap((folder) => walkTree(tree, folder))
    .filter(({ kind }) => kind === "file")
    .map(({ path }) => path);
}

const VENDOR = "usr/lib/systemd/system";
const LOCAL = "etc/systemd/system";
