import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { encodeCpio } from "../../../packages/tools/image/src/cpio.ts";
import {
  compressInitramfs,
  readKernelModules,
} from "../../../packages/tools/image/src/initramfs.ts";
import { CACHE, ROOT } from "../../../packages/tools/image/src/paths.ts";
import { run } from "../../../packages/tools/image/src/run.ts";

/**
 * A Debian kernel for the machine that carries a lab, and its first root file system. The packages come by this
 * machine's apt, which judges them, and are only unpacked: no kernel is installed here.
 */
export interface Kernel {
  readonly image: string;
  readonly initramfs: string;
  /** A folder with one kernel's modules in it, as in /lib/modules. */
  readonly modules: string;
}

const PLACE = join(ROOT, "build/vm");
const FIRST_INIT = join(import.meta.dirname, "first-init.sh");
const META_PACKAGE = "linux-image-amd64";
const SHELL_PACKAGE = "busybox-static";

/** What the first init needs, before it sees this machine's files. */
const FIRST_MODULES = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_rng"] as const;

/** Of the kernel's modules: what networks need. Its drivers for chips would be 300 MB. */
const KEPT = [
  ...["arch", "crypto", "lib", "net"],
  ...["fs/9p", "fs/fscache", "fs/netfs", "fs/overlayfs"],
  ...["drivers/virtio", "drivers/char/hw_random", "drivers/net"],
] as const;
const LEFT_OUT = ["drivers/net/ethernet", "drivers/net/wireless"] as const;

export const EMULATOR = "qemu-system-x86_64";

/** Why this machine cannot run a lab's own kernel; undefined where it can. */
export function whyNoMachine(): string | undefined {
  if (process.arch !== "x64") return "the guest runs this machine's programs: x86-64 only";
  const found = (process.env.PATH ?? "")
    .split(":")
    .some((folder) => existsSync(join(folder, EMULATOR)));
  return found ? undefined : `no QEMU (${EMULATOR})`;
}

/** The kernel that was built, or a new one where there is none or what it is built from changed. */
export function readyKernel(): Kernel {
  const stamp = stampOfSources();
  if (readStamp() !== stamp) build(stamp);
  return kernelAt(PLACE);
}

function kernelAt(place: string): Kernel {
  return {
    ...{ image: join(place, "vmlinuz"), initramfs: join(place, "initramfs") },
    modules: join(place, "modules"),
  };
}

function build(stamp: string): void {
  mkdirSync(dirname(PLACE), { recursive: true });
  // In a place of its own: two labs may come up at the same time.
  const work = mkdtempSync(`${PLACE}.`);
  try {
    const tree = join(work, "tree");
    const debs = [fetchDeb(kernelPackage()), fetchDeb(SHELL_PACKAGE)];
    for (const deb of debs) run(["dpkg-deb", "-x", deb, tree]);
    const version = onlyEntry(join(tree, "lib/modules"));
    const made = kernelAt(work);
    keepModules(join(tree, "lib/modules", version), join(made.modules, version));
    renameSync(join(tree, "boot", `vmlinuz-${version}`), made.image);
    makeIndex(work, version);
    const shell = readFileSync(join(tree, "bin/busybox"));
    writeFileSync(made.initramfs, firstRoot(shell, join(made.modules, version)));
    writeFileSync(join(work, "stamp"), stamp);
    rmSync(tree, { recursive: true });
    rmSync(PLACE, { recursive: true, force: true });
    renameSync(work, PLACE);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    // Another lab's build was quicker: it is the same.
    if (readStamp() !== stamp) throw error;
  }
}

function stampOfSources(): string {
  const sources = [FIRST_INIT, import.meta.filename].map((path) => readFileSync(path));
  return createHash("sha256").update(Buffer.concat(sources)).digest("hex");
}

function readStamp(): string | undefined {
  try {
    return readFileSync(join(PLACE, "stamp"), "utf8");
  } catch {
    return undefined;
  }
}

/** The package that the newest kernel of this machine's Debian is in. */
function kernelPackage(): string {
  const said = run(["apt-cache", "show", "--no-all-versions", META_PACKAGE]);
  const name = /^Depends:.*?\b(linux-image-[\w.+-]+)/m.exec(said)?.[1];
  if (name === undefined) throw new Error(`apt knows no ${META_PACKAGE}: apt-get update first`);
  return name;
}

/** Into the cache of downloads, once. */
function fetchDeb(name: string): string {
  const folder = join(CACHE, "vm");
  mkdirSync(folder, { recursive: true });
  // 'URI' FILE OCTETS HASH
  const file = run(["apt-get", "download", "--print-uris", name]).split(" ")[1];
  if (file === undefined) throw new Error(`apt says no file for ${name}`);
  const path = join(folder, file);
  if (!existsSync(path)) {
    console.error(`lab: fetching ${name}`);
    run(["apt-get", "download", "-q", name], { cwd: folder });
  }
  return path;
}

function onlyEntry(folder: string): string {
  const [entry, ...others] = readdirSync(folder);
  if (entry === undefined || others.length > 0)
    throw new Error(`invariant: one kernel in ${folder}`);
  return entry;
}

function keepModules(from: string, to: string): void {
  for (const part of LEFT_OUT) rmSync(join(from, "kernel", part), { recursive: true, force: true });
  for (const part of KEPT) {
    // A newer kernel has some of them elsewhere, or built in.
    if (!existsSync(join(from, "kernel", part))) continue;
    const target = join(to, "kernel", part);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(join(from, "kernel", part), target);
  }
  for (const name of readdirSync(from).filter((one) => one.startsWith("modules."))) {
    renameSync(join(from, name), join(to, name));
  }
}

/** depmod looks below lib/modules only. */
function makeIndex(work: string, version: string): void {
  const root = join(work, "index");
  mkdirSync(join(root, "lib"), { recursive: true });
  renameSync(join(work, "modules"), join(root, "lib/modules"));
  run(["depmod", "-b", root, version]);
  renameSync(join(root, "lib/modules"), join(work, "modules"));
  rmSync(root, { recursive: true });
}

function firstRoot(shell: Uint8Array, modules: string): Uint8Array {
  run(["busybox", "sh", "-n", FIRST_INIT]);
  const kept = readKernelModules(modules, FIRST_MODULES);
  const order = kept.map(({ name }) => `${name}\n`).join("");
  const archive = encodeCpio([
    ...FOLDERS.map((path) => ({ kind: "folder" as const, path })),
    { kind: "file", path: "init", bytes: readFileSync(FIRST_INIT), mode: 0o755 },
    { kind: "file", path: "bin/busybox", bytes: shell, mode: 0o755 },
    { kind: "file", path: "modules/order", bytes: Buffer.from(order), mode: 0o644 },
    ...kept.map(({ name, bytes }) => ({
      ...{ kind: "file" as const, path: `modules/${name}`, bytes, mode: 0o644 },
    })),
  ]);
  return compressInitramfs(archive);
}

/** first-init.sh mounts something on each of them. */
const FOLDERS = ["bin", "dev", "lower", "modules", "share", "upper", "whole"] as const;
