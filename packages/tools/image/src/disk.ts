import {
  closeSync,
  cpSync,
  ftruncateSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { FlashMap } from "./board.ts";
import { BOOT_STATE_SECTORS, encodeBootState, FRESH_BOOT_STATE } from "./boot-state.ts";
import { run } from "./run.ts";

/** What lies where on the disk, in sectors of 512 octets. */
export interface Layout {
  readonly boot: Extent;
  readonly slotA: Extent;
  readonly slotB: Extent;
  readonly data: Extent;
  readonly sectors: number;
}

interface Extent {
  readonly start: number;
  readonly sectors: number;
}

export function layoutOf({ bootMiB, slotMiB, dataMiB }: FlashMap): Layout {
  let start = FIRST_SECTOR;
  const take = (mebibytes: number): Extent => {
    const extent = { start, sectors: mebibytes * SECTORS_PER_MIB };
    start += extent.sectors;
    return extent;
  };
  const [boot, slotA, slotB, data] = [take(bootMiB), take(slotMiB), take(slotMiB), take(dataMiB)];
  return { boot, slotA, slotB, data, sectors: start };
}

/** What sfdisk reads. The signature is the same on every card: a box knows its disk by its bus and by this. */
export function partitionTable({ boot, slotA, slotB, data }: Layout): string {
  const line = ({ start, sectors }: Extent, type: string): string =>
    `start=${start}, size=${sectors}, type=${type}`;
  return [
    "label: dos",
    `label-id: 0x${DISK_SIGNATURE}`,
    "unit: sectors",
    "",
    `${line(boot, "c")}, bootable`,
    line(slotA, "83"),
    line(slotB, "83"),
    line(data, "83"),
    "",
  ].join("\n");
}

/** The disk of a board as it is flashed. Sparse: what is zero takes no place. Both slots hold the same. */
export function makeDisk(options: {
  readonly disk: string;
  readonly flash: FlashMap;
  /** A folder: what goes onto the boot partition. */
  readonly bootFiles: string;
  readonly slot: string;
  readonly data: string;
  readonly work: string;
}): void {
  const { disk, flash } = options;
  const layout = layoutOf(flash);
  mkdirSync(options.work, { recursive: true });
  const boot = join(options.work, "boot.vfat");
  makeBootPartition(boot, options.bootFiles, flash.bootMiB, options.work);

  rmSync(disk, { force: true });
  const target = openSync(disk, "w+");
  try {
    ftruncateSync(target, layout.sectors * SECTOR_BYTES);
    run(["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", disk], {
      input: partitionTable(layout),
    });
    for (const sector of BOOT_STATE_SECTORS) {
      writeSync(target, encodeBootState(FRESH_BOOT_STATE), 0, undefined, sector * SECTOR_BYTES);
    }
    copySparse(boot, target, layout.boot);
    // The same twice: the first start that fails has something to fall back to, and so has a card with a bad block.
    copySparse(options.slot, target, layout.slotA);
    copySparse(options.slot, target, layout.slotB);
    copySparse(options.data, target, layout.data);
  } finally {
    closeSync(target);
  }
}

/** FAT32, since the firmware of a Pi reads it; the same files give the same octets. */
function makeBootPartition(image: string, folder: string, mebibytes: number, work: string): void {
  const staged = join(work, "boot-files");
  rmSync(staged, { recursive: true, force: true });
  cpSync(folder, staged, { recursive: true });
  const names = readdirSync(staged, { recursive: true, encoding: "utf8" }).sort();
  for (const name of [...names, ""]) lutimesSync(join(staged, name), EPOCH_SECONDS, EPOCH_SECONDS);
  rmSync(image, { force: true });
  run(["truncate", `--size=${mebibytes}M`, image]);
  run(["mkfs.vfat", "--invariant", "-F", "32", "-i", FAT_ID, "-n", "BOOT", image]);
  const top = readdirSync(staged, { encoding: "utf8" }).sort();
  if (top.length === 0) return;
  // -m keeps the times of the files; those of their making come from the variable.
  const sources = top.map((name) => join(staged, name));
  run(["mcopy", "-i", image, "-s", "-m", "-Q", ...sources, "::/"], {
    env: { SOURCE_DATE_EPOCH: String(EPOCH_SECONDS) },
  });
}

/** The data partition as it is on a new box and after a factory reset: empty but for `lib/`. */
export function makeEmptyData(image: string, mebibytes: number, work: string): void {
  const folder = join(work, "data");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "lib"), { recursive: true, mode: 0o755 });
  makeExt4(image, { folder, mebibytes, label: DATA_LABEL, uuid: DATA_UUID });
}

/** An ext4 file system from a folder, all of it root's; the same folder gives the same octets. */
export function makeExt4(
  image: string,
  options: {
    readonly folder: string;
    readonly mebibytes: number;
    readonly label: string;
    readonly uuid: string;
  },
): void {
  const names = readdirSync(options.folder, { recursive: true, encoding: "utf8" }).sort();
  for (const name of [...names, ""])
    lutimesSync(join(options.folder, name), EPOCH_SECONDS, EPOCH_SECONDS);
  const env = { E2FSPROGS_FAKE_TIME: String(EPOCH_SECONDS) };
  rmSync(image, { force: true });
  run(
    [
      "mke2fs",
      ...["-q", "-F", "-t", "ext4", "-b", "4096", "-I", "256"],
      ...["-L", options.label, "-U", options.uuid],
      // Tables are written now, as zeros: the board has nothing to make up for in the background.
      ...["-E", `root_owner=0:0,hash_seed=${options.uuid},lazy_itable_init=0,lazy_journal_init=0`],
      ...["-d", options.folder, image, `${options.mebibytes}M`],
    ],
    { env },
  );
  // Of a file's times the one of its last change cannot be set before it is copied.
  const fields = ["ctime", "atime", "crtime"];
  const commands = [...names, ""].flatMap((name) =>
    fields.map((field) => `set_inode_field "/${name}" ${field} @${EPOCH_SECONDS}\n`),
  );
  run(["debugfs", "-w", "-f", "-", image], { env, input: commands.join("") });
}

function copySparse(path: string, target: number, { start, sectors }: Extent): void {
  const source = openSync(path, "r");
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let at = 0; ; ) {
      const length = readSync(source, chunk, 0, CHUNK_BYTES, at);
      if (length === 0) return;
      if (!(at + length <= sectors * SECTOR_BYTES)) {
        throw new Error(`invariant: ${path} fits into its partition`);
      }
      const part = chunk.subarray(0, length);
      if (!EMPTY_CHUNK.subarray(0, length).equals(part)) {
        writeSync(target, part, 0, length, start * SECTOR_BYTES + at);
      }
      at += length;
    }
  } finally {
    closeSync(source);
  }
}

export const SECTOR_BYTES = 512;
export const DISK_SIGNATURE = "50415353";
const FIRST_SECTOR = 2048;
const SECTORS_PER_MIB = 2048;
const CHUNK_BYTES = 64 << 10;
const EMPTY_CHUNK = Buffer.alloc(CHUNK_BYTES);
/** 2020-01-01, in seconds: FAT knows no time before 1980. */
const EPOCH_SECONDS = 1_577_836_800;
const FAT_ID = "50415353";
const DATA_LABEL = "passerelle-data";
const DATA_UUID = "70617373-6572-656c-6c65-000000000004";
