import { copyFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bundle } from "../bundle.ts";
import { writeBusFiles } from "../bus-files.ts";
import { buildMuslAddon } from "./musl.ts";

/** The program for a Node with glibc, and the bus's configuration for sockets below `runtime`. */
export async function glibcApp(directory: string, runtime: string): Promise<void> {
  await bundle(directory, "arm64");
  writeBusFiles(join(directory, "bus"), { lies: "/usr/lib/passerelle/bus", runtime });
}

/** The program for the Node of OpenWrt: the same JavaScript, both addons linked against musl. */
export async function muslApp(directory: string, runtime: string): Promise<void> {
  await glibcApp(directory, runtime);
  // Linked against glibc, and procd starts no such process: there a session of PPPoE ends with `wan`.
  rmSync(join(directory, "passerelle-ppp-holder"));
  const work = `${directory}.musl`;
  copyFileSync(buildMuslAddon(work), join(directory, "passerelle_native.node"));
  const sqlite = dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json"));
  copyFileSync(
    join(sqlite, "prebuilds/linuxmusl-arm64.node"),
    join(directory, "better_sqlite3.node"),
  );
}
