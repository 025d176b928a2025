import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { type App, installApp } from "./app.ts";
import { assemble } from "./assemble.ts";
import type { Board } from "./board.ts";
import { saveDeviceTrees } from "./boot-partition.ts";
import { pagePackages } from "./bundle.ts";
import { makeCertificates } from "./certificates.ts";
import { BuildError } from "./fail.ts";
import { fetchPackages } from "./fetch.ts";
import { finishTree } from "./finish.ts";
import { checkLinks, danglingLinks, elfFiles, libraryNames } from "./judge.ts";
import { debianLicences, type LicenceText, licencePage, npmLicences } from "./licences.ts";
import { installLinks } from "./links.ts";
import { type LockedPackage, packagesOf, readLock } from "./lock.ts";
import { hostMirror } from "./mirror.ts";
import { chooseModules } from "./modules.ts";
import { installPanel, panelModules } from "./panel.ts";
import {
  boardOverlay,
  CACHE,
  loadModules,
  loadPackageChoice,
  OVERLAY,
  type Places,
  placesOf,
  ROOT,
} from "./paths.ts";
import { prune } from "./prune.ts";
import { installUpgradeEngine, signingOf } from "./rauc.ts";
import { type Release, releaseOf, releaseText } from "./release.ts";
import { sbomOf } from "./sbom.ts";
import { largestFolders, megabytes } from "./size.ts";
import { makeSquashfs } from "./squash.ts";
import { layOver, unpack } from "./tree.ts";
import { missingPrograms } from "./units.ts";

/** Everything of a board, from what is pinned. */
export async function build(board: Board): Promise<void> {
  const places = placesOf(board.name);
  mkdirSync(places.work, { recursive: true });
  const release = releaseOf(board.name);
  const { inRoot, inBoot } = await packagesFor(board);
  const files = fetchPackages([...inRoot, ...inBoot], hostMirror, CACHE);

  const tree = join(places.work, "root");
  const boot = join(places.work, "boot");
  say("unpacking");
  unpack(inRoot, files, tree);
  unpack(inBoot, files, boot);
  const debian = [...debianLicences(tree, inRoot), ...debianLicences(boot, inBoot)];
  takeKernel(tree, places.out);
  saveDeviceTrees(tree, join(places.work, "device-trees"));
  const modules = chooseModules(tree, [
    ...(await loadModules()),
    ...board.modules.initramfs,
    ...board.modules.rootfs,
    ...panelModules(board),
  ]);
  say(`kernel ${modules.version}, ${modules.count} modules`);
  makeCertificates(tree);
  say(`pruned ${megabytes(prune(tree))}`);
  const app = await installApp(tree, board, release, CACHE);
  say(`program: ${app.files} files, ${megabytes(app.bytes)}`);
  const signing = signingOf(process.env);
  installUpgradeEngine(tree, {
    board: board.name,
    version: release.version,
    keyring: signing.keyring,
  });
  layOver(OVERLAY, tree);
  installLinks(tree, board.ports);
  installPanel(tree, board);
  layOver(boardOverlay(board.name), tree);
  finishTree(tree, release);
  describe(places, tree, { release, app, debian, packages: [...inRoot, ...inBoot] });
  checkTree(tree);
  say(`the root file system, largest folders first:\n${largestFolders(tree, FOLDERS_SHOWN)}`);
  const squashfs = join(places.out, "rootfs.squashfs");
  makeSquashfs(tree, squashfs, release.epochSeconds);
  say(`rootfs.squashfs: ${megabytes(statSync(squashfs).size)}`);
  assemble(board, places, { release, kernel: modules.version, signing });
  say(`all of it in ${relative(process.cwd(), places.out)}`);
}

/** What the image says of itself, in it and beside it: release, bill of materials, licences. */
function describe(
  places: Places,
  tree: string,
  parts: {
    readonly release: Release;
    readonly app: App;
    readonly debian: readonly LicenceText[];
    readonly packages: readonly LockedPackage[];
  },
): void {
  const { release, app, packages } = parts;
  const npm = [...app.packages, ...pagePackages()];
  const sbom = sbomOf({ release, debian: packages, npm, node: app.node });
  const texts = {
    "release.json": releaseText(release),
    "sbom.cdx.json": `${JSON.stringify(sbom, undefined, 1)}\n`,
    "licences.txt": licencePage([...ourLicences(app), ...npmLicences(npm), ...parts.debian]),
  };
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(tree, "usr/share/passerelle", name), text);
    writeFileSync(join(places.out, name), text);
  }
}

/** What of the lock goes onto the root file system of a board, and what beside it. */
async function packagesFor(
  board: Board,
): Promise<Readonly<Record<"inRoot" | "inBoot", readonly LockedPackage[]>>> {
  const { PACKAGE_GROUPS, LEFT_OUT } = await loadPackageChoice();
  const groups = ["common", ...board.packageGroups] as const;
  const lock = readLock();
  const into = (target: "rootfs" | "boot"): readonly LockedPackage[] =>
    packagesOf(
      lock,
      groups.filter((group) => PACKAGE_GROUPS[group].into === target),
    );
  return {
    inRoot: into("rootfs").filter(({ name }) => !Object.hasOwn(LEFT_OUT, name)),
    inBoot: into("boot"),
  };
}

function ourLicences({ node }: App): readonly LicenceText[] {
  return [
    { of: "Passerelle", text: readFileSync(join(ROOT, "LICENSE"), "utf8") },
    { of: `node ${node.version}`, text: readFileSync(join(node.directory, "LICENSE"), "utf8") },
  ];
}

/** What can't work is found here and not on a board. */
function checkTree(tree: string): void {
  checkLinks(elfFiles(tree), libraryNames(tree));
  const missing = missingPrograms(tree);
  if (missing.length > 0) {
    throw new BuildError(`units start what is not there:\n${missing.join("\n")}`);
  }
  const nowhere = danglingLinks(tree);
  if (nowhere.length > 0) throw new BuildError(`links lead nowhere:\n${nowhere.join("\n")}`);
}

/** The kernel is beside the root file system in its slot: the boot loader reads no squashfs. */
function takeKernel(tree: string, out: string): void {
  const boot = join(tree, "boot");
  const kernels = readdirSync(boot).filter((name) => name.startsWith("vmlinuz-"));
  const [kernel] = kernels;
  if (kernel === undefined || kernels.length > 1)
    throw new Error(`one kernel: ${kernels.join(" ")}`);
  rmSync(join(out, "vmlinuz"), { force: true });
  copyFileSync(join(boot, kernel), join(out, "vmlinuz"));
}

const FOLDERS_SHOWN = 20;

function say(text: string): void {
  process.stderr.write(`image: ${text}\n`);
}
