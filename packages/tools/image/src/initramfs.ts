import { readFileSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type CpioEntry, encodeCpio } from "./cpio.ts";
import { loadOrder, nameOf, readModuleIndex } from "./load-order.ts";
import { run, runBytes } from "./run.ts";

/** What the first root file system is made of. */
export interface InitramfsParts {
  /** Static, for the board's processor. */
  readonly busybox: Uint8Array;
  /** board/common/init. */
  readonly init: Uint8Array;
  /** In the order in which they are loaded. */
  readonly modules: readonly KernelModule[];
  /** The data partition as it is when it is new: its blocks that are not zero. */
  readonly emptyData: SparseImage;
}

interface KernelModule {
  /** of the file: ext4.ko */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** An image of which only the blocks that hold something are kept. */
export interface SparseImage {
  /** Runs of blocks of BLOCK_BYTES: where, and how many. */
  readonly runs: readonly { readonly at: number; readonly count: number }[];
  readonly blocks: Uint8Array;
}

/** The archive, not compressed: the same parts give the same octets. */
export function initramfsArchive(parts: InitramfsParts): Uint8Array {
  const entries: CpioEntry[] = [
    ...FOLDERS.map((path) => ({ kind: "folder" as const, path })),
    { kind: "file", path: "init", bytes: parts.init, mode: 0o755 },
    { kind: "file", path: "bin/busybox", bytes: parts.busybox, mode: 0o755 },
    textFile("modules/order", parts.modules.map(({ name }) => `${name}\n`).join("")),
    ...parts.modules.map(({ name, bytes }) => file(`modules/${name}`, bytes)),
    textFile("empty-data/map", parts.emptyData.runs.map(runLine).join("")),
    file("empty-data/blocks", parts.emptyData.blocks),
  ];
  return encodeCpio(entries);
}

/** Compressed as Debian's kernel takes it. */
export function compressInitramfs(archive: Uint8Array): Uint8Array {
  return zstdCompressSync(archive, {
    params: { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_checksumFlag]: 1 },
  });
}

/**
 * The modules and what they need, from the folder of one kernel in the tree (lib/modules/VERSION), not compressed:
 * the archive is compressed as a whole.
 */
export function readKernelModules(
  folder: string,
  names: readonly string[],
): readonly KernelModule[] {
  const text = (file: string): string => readFileSync(join(folder, file), "utf8");
  const index = readModuleIndex(text("modules.dep"), text("modules.builtin"));
  return loadOrder(index, [...ALWAYS, ...names]).map((path) => ({
    name: `${nameOf(path)}.ko`,
    bytes: readModule(join(folder, path)),
  }));
}

function readModule(path: string): Uint8Array {
  if (path.endsWith(".xz")) return runBytes(["xz", "--decompress", "--stdout", path]);
  if (path.endsWith(".zst")) return zstdDecompressSync(readFileSync(path));
  return readFileSync(path);
}

/** The blocks of an image that hold something. */
export function sparseImage(image: Uint8Array): SparseImage {
  if (image.length % BLOCK_BYTES !== 0)
    throw new Error("invariant: an image ends with a whole block");
  const runs: { at: number; count: number }[] = [];
  const blocks: Uint8Array[] = [];
  for (let at = 0; at * BLOCK_BYTES < image.length; at += 1) {
    const block = image.subarray(at * BLOCK_BYTES, (at + 1) * BLOCK_BYTES);
    if (EMPTY_BLOCK.equals(block)) continue;
    const last = runs.at(-1);
    if (last !== undefined && last.at + last.count === at) last.count += 1;
    else runs.push({ at, count: 1 });
    blocks.push(block);
  }
  return { runs, blocks: Buffer.concat(blocks) };
}

/** The first root file system of a board as it lies in a slot. */
export function makeInitramfs(options: {
  readonly busybox: string;
  readonly init: string;
  readonly moduleFolder: string;
  readonly modules: readonly string[];
  readonly emptyData: string;
}): Uint8Array {
  // A shell that cannot read it would be found out by a board that does not start.
  run(["busybox", "sh", "-n", options.init]);
  const archive = initramfsArchive({
    busybox: readFileSync(options.busybox),
    init: readFileSync(options.init),
    modules: readKernelModules(options.moduleFolder, options.modules),
    emptyData: sparseImage(readFileSync(options.emptyData)),
  });
  return compressInitramfs(archive);
}

function file(path: string, bytes: Uint8Array): CpioEntry {
  return { kind: "file", path, bytes, mode: 0o644 };
}

function textFile(path: string, text: string): CpioEntry {
  return file(path, Buffer.from(text));
}

function runLine({ at, count }: { readonly at: number; readonly count: number }): string {
  return `${at} ${count}\n`;
}

/** board/common/init mounts something on each of them. */
const FOLDERS = [
  "bin",
  "dev",
  "empty-data",
  "lower",
  "modules",
  "proc",
  "root",
  "run",
  "slot",
  "sys",
  "upper",
] as const;

/** ext4 asks for it by the name of an algorithm, which is in no list of dependencies. */
const ALWAYS = ["crc32c_generic"];
/** As init writes them: `dd bs=4096`. */
export const BLOCK_BYTES = 4096;
const EMPTY_BLOCK = Buffer.alloc(BLOCK_BYTES);
