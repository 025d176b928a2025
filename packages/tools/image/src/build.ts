import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installApp } from "./app.ts";
import type { Board } from "./board.ts";
import { BuildError } from "./fail.ts";
import { fetchPackages } from "./fetch.ts";
import { finishTree } from "./finish.ts";
import { checkLinks, danglingLinks, elfFiles, libraryNames } from "./judge.ts";
import { packagesOf, readLock } from "./lock.ts";
import { hostMirror } from "./mirror.ts";
import { chooseModules } from "./modules.ts";
import { CACHE, loadModules, loadPackageChoice, OVERLAY, placesOf } from "./paths.ts";
import { prune } from "./prune.ts";
import { releaseOf, releaseText } from "./release.ts";
import { makeSquashfs } from "./squash.ts";
import { layOver, unpack } from "./tree.ts";

/** Everything of a board, from what is pinned. */
export async function build(board: Board): Promise<void> {
  const places = placesOf(board.name);
  mkdirSync(places.work, { recursive: true });
  const release = releaseOf(board.name);
  const { PACKAGE_GROUPS, LEFT_OUT } = await loadPackageChoice();
  const groups = ["common", ...board.packageGroups] as const;
  const lock = readLock();
  const into = (target: "rootfs" | "boot") =>
    packagesOf(lock, groups.filter((group) => PACKAGE_GROUPS[group].into === target));
  const inRoot = into("rootfs").filter(({ name }) => !Object.hasOwn(LEFT_OUT, name));
  const inBoot = into("boot");
  const files = fetchPackages([...inRoot, ...inBoot], hostMirror, CACHE);

  const tree = join(places.work, "root");
  say("unpacking");
  unpack(inRoot, files, tree);
  unpack(inBoot, files, join(places.work, "boot"));
  takeKernel(tree, places.out);
  const modules = chooseModules(tree, [
    ...(await loadModules()),
    ...board.modules.initramfs,
    ...board.modules.rootfs,
  ]);
  say(`kernel ${modules.version}, ${modules.count} modules`);
  say(`pruned ${Math.round(prune(tree) / 1e6)} MB`);
  const bundle = await installApp(tree, board, release, CACHE);
  say(`program: ${bundle.files} files, ${Math.round(bundle.bytes / 1000)} kB`);
  layOver(OVERLAY, tree);
  finishTree(tree, release);
  checkTree(tree);
  writeFileSync(join(places.out, "release.json"), releaseText(release));
  makeSquashfs(tree, join(places.out, "rootfs.squashfs"), release.epochSeconds);
  say("rootfs.squashfs");
}

/** What can't work is found here and not on a board. */
function checkTree(tree: string): void {
  checkLinks(elfFiles(tree), libraryNames(tree));
  const nowhere = danglingLinks(tree);
  if (nowhere.length > 0) throw new BuildError(`links lead nowhere:\n${nowhere.join("\n")}`);
}

/** The kernel is beside the root file system in its slot: the boot loader reads no squashfs. */
function takeKernel(tree: string, out: string): void {
  const boot = join(tree, "boot");
  const kernels = readdirSync(boot).filter((name) => name.startsWith("vmlinuz-"));
  const [kernel] = kernels;
  if (kernel === undefined || kernels.length > 1) throw new Error(`one kernel: ${kernels.join(" ")}`);
  rmSync(join(out, "vmlinuz"), { force: true });
  copyFileSync(join(boot, kernel), join(out, "vmlinuz"));
}

function say(text: string): void {
  process.stderr.write(`image: ${text}\n`);
}
