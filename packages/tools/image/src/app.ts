import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Board } from "./board.ts";
import { type Bundle, bundle } from "./bundle.ts";
import { BuildError } from "./fail.ts";
import { fetchNode, type NodeProgram } from "./node.ts";
import { ROOT } from "./paths.ts";
import { portDefaults } from "./port-defaults.ts";
import { type Release, releaseText } from "./release.ts";
import { run } from "./run.ts";

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
  const page = join(ROOT, "packages/apps/ui/dist");
  if (!existsSync(join(page, "index.html")))
    throw new BuildError("the page is not built: run make ui");
  const node = fetchNode(cache);
  const share = join(tree, "usr/share/passerelle");
  mkdirSync(share, { recursive: true });
  cpSync(node.program, join(tree, "usr/bin/node"));
  const made = await bundle(join(tree, "usr/lib/passerelle"), "arm64");
  linkFresh("../lib/passerelle/main.js", join(tree, "usr/bin/passerelle"));
  installBus(tree);
  cpSync(page, join(share, "ui"), { recursive: true });
  writeFileSync(join(share, "release.json"), releaseText(release));
  const factory = { ...portDefaults(board.ports), ...board.defaults };
  writeFileSync(join(share, "defaults.json"), `${JSON.stringify(factory, undefined, 2)}\n`);
  return { ...made, node };
}

/** The broker's configuration is the contract's; tmpfiles.d/passerelle.conf copies it to where the broker may own it. */
function installBus(tree: string): void {
  const program = join(ROOT, "packages/apps/passerelle/src/main.ts");
  run(
    [process.execPath, program, "bus-config", join(tree, BUS), "--board", "/run/passerelle/broker"],
    {
      env: { PASSERELLE_RUNTIME_DIR: undefined },
    },
  );
}

const BUS = "usr/lib/passerelle/bus";

function linkFresh(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
