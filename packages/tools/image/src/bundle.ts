import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";
import { ROOT } from "./paths.ts";

/** An npm package whose code is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Its own folder, with its licence file. */
  readonly directory: string;
}

/** One file of the bundle. */
interface Chunk {
  readonly name: string;
  /** Names of those that are loaded with it. */
  readonly imports: readonly string[];
  /** From the top of the repository. */
  readonly modules: readonly string[];
}

export interface Bundle {
  readonly files: number;
  readonly bytes: number;
  readonly chunks: readonly Chunk[];
  readonly packages: readonly BundledPackage[];
}

type Architecture = "arm64" | "x64";

/**
 * The program of the box: main.js and one chunk for each thing that is loaded on its own, so that a daemon holds its own
 * code and no other's. Names and lines stay, because a crash file shows them; comments go.
 */
export async function bundle(directory: string, architecture: Architecture): Promise<Bundle> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const build = await rolldown({
    input: { main: join(ROOT, "packages/apps/passerelle/src/main.ts") },
    cwd: ROOT,
    platform: "node",
    plugins: [replaceModules()],
    onLog: (level, log) => {
      if (level === "warn") throw new Error(`bundle: ${log.message}`);
    },
  });
  const { output } = await build.write({
    dir: directory,
    format: "esm",
    minify: "dce-only",
    comments: false,
    sourcemap: false,
    entryFileNames: "[name].js",
    chunkFileNames: ({ moduleIds }) => `${chunkName(moduleIds)}-[hash].js`,
    banner: ({ isEntry, name }) => (isEntry && name === "main" ? "#!/usr/bin/node" : ""),
  });
  await build.close();
  writeFileSync(join(directory, "package.json"), `{ "type": "module" }\n`);
  chmodSync(join(directory, "main.js"), 0o755);
  for (const name of ["passerelle_native.node", "passerelle-ppp-holder"]) {
    cpSync(join(ROOT, "build/native", architecture, name), join(directory, name));
  }
  const sqlite = dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json"));
  cpSync(
    join(sqlite, `prebuilds/linux-${architecture}.node`),
    join(directory, "better_sqlite3.node"),
  );
  const chunks = output.filter((part) => part.type === "chunk");
  return {
    files: chunks.length,
    bytes: chunks.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0),
    chunks: chunks.map(({ fileName, imports, moduleIds }) => ({
      name: fileName,
      imports,
      modules: moduleIds.map((id) => relative(ROOT, id)),
    })),
    packages: packagesIn(chunks.flatMap(({ moduleIds }) => moduleIds)),
  };
}

/** From the last module of a chunk, which is the one the others are there for: lan-service, contract, mqtt. */
export function chunkName(moduleIds: readonly string[]): string {
  const last = moduleIds.at(-1) ?? "";
  const ours = /\/packages\/[^/]+\/([^/]+)\/src\/(?:.*\/)?([^/]+)\.ts$/.exec(last);
  if (ours !== null) return ours[2] === "index" ? `${ours[1]}` : `${ours[1]}-${ours[2]}`;
  const theirs = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(last);
  return (theirs?.[1] ?? "common").replace("@", "").replace("/", "-");
}

function packagesIn(moduleIds: readonly string[]): readonly BundledPackage[] {
  const found = new Map<string, BundledPackage>();
  for (const id of moduleIds) {
    const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id);
    const directory = match?.[1];
    if (directory === undefined || found.has(directory)) continue;
    found.set(directory, readPackage(directory).about);
  }
  return sorted([...found.values()]);
}

/** What Vite may have taken into the page: what its package names, and what these name. */
export function pagePackages(): readonly BundledPackage[] {
  const found = new Map<string, BundledPackage>();
  const queue = [...readPackage(join(ROOT, "packages/apps/ui")).needs];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name.startsWith("@passerelle/") || found.has(name)) continue;
    const { about, needs } = readPackage(join(ROOT, "node_modules", name));
    found.set(name, about);
    queue.push(...needs);
  }
  return sorted([...found.values()]);
}

function readPackage(directory: string): { about: BundledPackage; needs: readonly string[] } {
  const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: string;
    dependencies?: Record<string, string>;
  };
  const { name, version, license = "NOASSERTION", dependencies = {} } = manifest;
  return {
    about: { name, version, licence: license, directory },
    needs: Object.keys(dependencies),
  };
}

function sorted(packages: readonly BundledPackage[]): readonly BundledPackage[] {
  const key = ({ name, version }: BundledPackage): string => `${name}@${version}`;
  return [...packages].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Modules that a bundle can't have as they are. */
function replaceModules() {
  return {
    name: "replace-modules",
    load(id: string): string | undefined {
      if (id.endsWith("/better-sqlite3/lib/binding.js")) return ADDON_BESIDE;
      // The bus is a unix socket: no WebSocket and no proxy is ever asked for, and 270 kB stay out of every daemon.
      if (/\/node_modules\/socks\/build\/index\.js$/.test(id)) return NOT_THERE;
      return undefined;
    },
  };
}

/** The prebuilt addon beside the chunk, in place of a search through folders of a checkout. */
const ADDON_BESIDE = `"use strict";
const file = "./better_sqlite3.node";
let addon;
exports.getBinding = () => (addon ??= require(file));
`;
const NOT_THERE = `"use strict";\n`;
