import { randomInt } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";

/** What is printed on one box and on no other. */
export interface Label {
  /** The first password of its page. */
  readonly password: string;
}

/** Drawn, and derived from nothing: EN 303 645 provision 5.1-2 (S-11). */
export function drawLabel(draw: (below: number) => number = randomInt): Label {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET[draw(ALPHABET.length)]);
  return { password: letters.join("").replace(/(.{4})(?=.)/g, "$1-") };
}

/** 31 letters of which none looks like another one: 4.95 bit each, 79 together. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const LENGTH = 16;

/**
 * The label of this disk, drawn now where it has none. It lies outside every partition, in two copies, as the boot state
 * does: an upgrade writes a slot and a factory reset empties the data partition, and what is printed on a box stays true.
 */
export function labelOfDisk(path: string, draw: () => Label = drawLabel): Label {
  const disk = openSync(path, "r+");
  try {
    const copies = LABEL_SECTORS.map((sector) => decodeLabel(readSector(disk, sector)));
    const label = copies.find((copy) => copy !== undefined) ?? draw();
    LABEL_SECTORS.forEach((sector, index) => {
      // One after the other, each on the disk before the next: a cut spoils one of them.
      if (copies[index]?.password !== label.password) writeSector(disk, sector, encodeLabel(label));
    });
    return label;
  } finally {
    closeSync(disk);
  }
}

/** Of 512 octets; board/common has the map of the disk. */
export const LABEL_SECTORS = [1040, 1048] as const;
const SECTOR_BYTES = 512;
const CRC_BYTES = 4;
const PASSWORD = /^[a-z0-9-]{12,64}$/;

/** As an environment of U-Boot: its CRC-32, then `name=value` and NUL; another NUL ends the list. */
export function encodeLabel(label: Label): Uint8Array {
  const sector = Buffer.alloc(SECTOR_BYTES);
  sector.write(`label_password=${label.password}\0`, CRC_BYTES, "latin1");
  sector.writeUInt32LE(crc32(sector.subarray(CRC_BYTES)), 0);
  return sector;
}

/** Undefined where there is none, or a half of one. */
export function decodeLabel(bytes: Uint8Array): Label | undefined {
  const sector = Buffer.from(bytes);
  if (sector.length !== SECTOR_BYTES) return undefined;
  if (sector.readUInt32LE(0) !== crc32(sector.subarray(CRC_BYTES))) return undefined;
  const pairs = sector.toString("latin1", CRC_BYTES).split("\0");
  const password = pairs.find((pair) => pair.startsWith(NAME))?.slice(NAME.length) ?? "";
  return PASSWORD.test(password) ? { password } : undefined;
}

const NAME = "label_password=";

function readSector(disk: number, sector: number): Uint8Array {
  const bytes = Buffer.alloc(SECTOR_BYTES);
  const count = readSync(disk, bytes, 0, SECTOR_BYTES, sector * SECTOR_BYTES);
  return bytes.subarray(0, count);
}

function writeSector(disk: number, sector: number, bytes: Uint8Array): void {
  writeSync(disk, bytes, 0, bytes.length, sector * SECTOR_BYTES);
  fsyncSync(disk);
}
