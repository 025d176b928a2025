import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Board } from "./board.ts";
import { type Bundle, bundle } from "./bundle.ts";
import { writeBusFiles } from "./bus-files.ts";
import { fetchNode, type NodeProgram } from "./node.ts";
import { pageFolder } from "./page.ts";
import { portDefaults } from "./port-defaults.ts";
import { type Release, releaseText } from "./release.ts";

export interface App extends Bundle {
  readonly node: NodeProgram;
}

/** Puts Node, the program, the page and what this release is into the tree. */
export async function installApp(
  tree: string,
  board: Board,
  release: Release,
  cache: string,
): Promise<App> {
  const page = pageFolder();
  const node = fetchNode(cache);
  const share = join(tree, "usr/share/passerelle");
  mkdirSync(share, { recursive: true });
  cpSync(node.program, join(tree, "usr/bin/node"));
  const made = await bundle(join(tree, "usr/lib/passerelle"), "arm64");
  linkFresh("../lib/passerelle/main.js", join(tree, "usr/bin/passerelle"));
  // tmpfiles.d/passerelle.conf copies them to where the broker may own them.
  writeBusFiles(join(tree, "usr/lib/passerelle/bus"), {
    lies: "/run/passerelle/broker",
    runtime: "/run/passerelle",
  });
  cpSync(page, join(share, "ui"), { recursive: true });
  writeFileSync(join(share, "release.json"), releaseText(release));
  const factory = { ...portDefaults(board.ports), ...board.defaults };
  writeFileSync(join(share, "defaults.json"), `${JSON.stringify(factory, undefined, 2)}\n`);
  return { ...made, node };
}

function linkFresh(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
