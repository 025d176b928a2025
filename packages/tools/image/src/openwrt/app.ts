import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bundle } from "../bundle.ts";
import { BuildError } from "../fail.ts";
import { ROOT } from "../paths.ts";
import { run } from "../run.ts";
import { buildMuslAddon } from "./musl.ts";

/** The page, built by `make ui`. */
export function pageFolder(): string {
  const page = join(ROOT, "packages/apps/ui/dist");
  if (!existsSync(join(page, "index.html")))
    throw new BuildError("the page is not built: run make ui");
  return page;
}

/** The program for a Node with glibc, and the bus's configuration for sockets below `runtime`. */
export async function glibcApp(directory: string, runtime: string): Promise<void> {
  await bundle(directory, "arm64");
  writeBusConfiguration(directory, runtime);
}

/** The program for the Node of OpenWrt: the same JavaScript, both addons linked against musl. */
export async function muslApp(directory: string, runtime: string): Promise<void> {
  await glibcApp(directory, runtime);
  const work = `${directory}.musl`;
  copyFileSync(buildMuslAddon(work), join(directory, "passerelle_native.node"));
  const sqlite = dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json"));
  copyFileSync(
    join(sqlite, "prebuilds/linuxmusl-arm64.node"),
    join(directory, "better_sqlite3.node"),
  );
}

/**
 * mosquitto.conf and its access lists in `bus/`, where they lie on the box: /usr/lib/passerelle/bus. Made here by the program
 * itself, so that a router has not to start Node for it at each boot. Each client's socket is in a directory of its own,
 * which the start script gives to the group of that client.
 */
function writeBusConfiguration(directory: string, runtime: string): void {
  const made = mkdtempSync(`${directory}.bus-`);
  run([process.execPath, join(directory, "main.js"), "bus-config", made], {
    env: { PASSERELLE_RUNTIME_DIR: runtime },
  });
  const target = join(directory, "bus");
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(made)) {
    const text = readFileSync(join(made, name), "utf8");
    writeFileSync(join(target, name), onTheBox(text, made));
  }
  rmSync(made, { recursive: true });
}

export function onTheBox(text: string, made: string): string {
  return text
    .replaceAll(made, "/usr/lib/passerelle/bus")
    .replace(/^(listener 0 .*\/bus)\/([a-z]+)\.sock$/gm, "$1/$2/$2.sock");
}
