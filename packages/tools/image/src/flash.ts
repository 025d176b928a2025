import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename } from "node:path";
import { BuildError } from "./fail.ts";
import { drawLabel, encodeLabel, LABEL_SECTORS } from "./flash-label.ts";
import { type BlockDevice, judgeFlashTarget, megabytes, modelOf } from "./flash-target.ts";
import { run } from "./run.ts";

export interface FlashOptions {
  readonly image: string;
  readonly device: string;
  readonly force: string;
  readonly listDevices: () => readonly BlockDevice[];
  /** A line a person wrote, after they read the question. */
  readonly ask: (question: string) => Promise<string>;
  readonly say: (text: string) => void;
}

/** Writes an image onto a disk, after a person has written its name, and reads it back. */
export async function flash(options: FlashOptions): Promise<void> {
  const { image, device, force, say } = options;
  if (!existsSync(image)) throw new BuildError(`there is no ${image}: make image first`);
  if (device === "") throw new BuildError("which disk? DEVICE=/dev/…");
  const imageBytes = statSync(image).size;
  const judge = (): BlockDevice => {
    const verdict = judgeFlashTarget(options.listDevices(), device, { imageBytes, force });
    if (!verdict.ok) throw new BuildError(verdict.message);
    return verdict.device;
  };
  const disk = judge();
  say(`${disk.path}: ${modelOf(disk)}, ${megabytes(disk.size)}. Everything on it will be erased.`);
  const answer = await options.ask(`Write its name (${disk.name}) to go on: `);
  if (answer.trim() !== disk.name)
    throw new BuildError("not the name of the disk: nothing was written");
  // While the question was read somebody may have plugged, unplugged or mounted something.
  const still = judge();
  if (still.size !== disk.size || still.model !== disk.model) {
    throw new BuildError("another disk has this name now: nothing was written");
  }
  const written = writeImage(image, device, say);
  say("reading back");
  const read = hashOf(device, imageBytes);
  if (read !== written) {
    throw new BuildError(
      `${device} reads back other than it was written: the card is broken, or not as large as it says`,
    );
  }
  const password = writeLabel(device);
  say(`done: ${basename(image)} is on ${device}. Take the card out and put it into the box.`);
  say(`The first password of its page, which is on this card only: ${password}`);
  say("Write it on a sticker. The page lets you choose your own.");
}

function writeLabel(device: string): string {
  const password = drawLabel();
  const target = openSync(device, constants.O_RDWR | constants.O_EXCL);
  try {
    for (const sector of LABEL_SECTORS) {
      writeFully(target, Buffer.from(encodeLabel(password)), sector * SECTOR_BYTES);
    }
    fsyncSync(target);
  } finally {
    closeSync(target);
  }
  return password;
}

/** The disks of this machine. */
export function listBlockDevices(): readonly BlockDevice[] {
  const text = run(["lsblk", "--json", "--bytes", "--output", LSBLK_COLUMNS]);
  return (JSON.parse(text) as { readonly blockdevices: readonly BlockDevice[] }).blockdevices;
}

/**
 * The first mebibyte, where the partition table is, comes last: a card that was pulled out meanwhile does not start.
 * Returns the SHA-256 of the image.
 */
function writeImage(image: string, device: string, say: (text: string) => void): string {
  const source = openSync(image, "r");
  // On a disk, exclusive means: nobody has it mounted, and nobody mounts it meanwhile.
  const target = openSync(device, constants.O_RDWR | constants.O_EXCL);
  try {
    const total = fstatSync(source).size;
    const hash = createHash("sha256");
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const first = Buffer.alloc(Math.min(CHUNK_BYTES, total));
    readFully(source, first, 0);
    hash.update(first);
    writeFully(target, Buffer.alloc(first.length), 0);
    let said = 0;
    for (let at = first.length; at < total; at += CHUNK_BYTES) {
      const part = chunk.subarray(0, Math.min(CHUNK_BYTES, total - at));
      readFully(source, part, at);
      hash.update(part);
      writeFully(target, part, at);
      const tenth = Math.floor((10 * (at + part.length)) / total);
      if (tenth === said) continue;
      said = tenth;
      // What is in memory only is not written: a person would wait at the end, and not know for what.
      fsyncSync(target);
      say(`${tenth * 10} %`);
    }
    fsyncSync(target);
    writeFully(target, first, 0);
    fsyncSync(target);
    if (fstatSync(target).isBlockDevice()) run(["blockdev", "--flushbufs", device]);
    return hash.digest("hex");
  } finally {
    closeSync(target);
    closeSync(source);
  }
}

function hashOf(path: string, length: number): string {
  const source = openSync(path, "r");
  try {
    const hash = createHash("sha256");
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let at = 0; at < length; at += CHUNK_BYTES) {
      const part = chunk.subarray(0, Math.min(CHUNK_BYTES, length - at));
      readFully(source, part, at);
      hash.update(part);
    }
    return hash.digest("hex");
  } finally {
    closeSync(source);
  }
}

function readFully(file: number, into: Buffer, at: number): void {
  for (let done = 0; done < into.length; ) {
    const length = readSync(file, into, done, into.length - done, at + done);
    if (length === 0) throw new BuildError("the disk ends before the image does");
    done += length;
  }
}

function writeFully(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
  }
}

const CHUNK_BYTES = 1 << 20;
const SECTOR_BYTES = 512;
const LSBLK_COLUMNS = "NAME,PATH,TYPE,SIZE,RO,RM,HOTPLUG,MODEL,MOUNTPOINTS";
