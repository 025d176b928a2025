import { crc32 } from "node:zlib";

/** The variables that U-Boot and user space share: board/common/boot.cmd says what each means. */
export type BootState = Readonly<Record<string, string>>;

/** Of a fresh image. */
export const FRESH_BOOT_STATE: BootState = {
  BOOT_A_LEFT: "3",
  BOOT_B_LEFT: "3",
  BOOT_ORDER: "A B",
  passerelle_reset: "0",
  passerelle_trial: "none",
};

/** Where its two copies lie, in sectors of 512 octets; each is one sector long. */
export const BOOT_STATE_SECTORS = [1024, 1032] as const;
export const BOOT_STATE_BYTES = 512;

/** One copy of the boot state. */
export function encodeBootState(state: BootState): Uint8Array {
  return encodeSector(state);
}

/** Names and values in a sector, as U-Boot's `env import -c` and libubootenv (one copy, no flag octet) read them. */
export function encodeSector(state: Readonly<Record<string, string>>): Uint8Array {
  const text = Object.keys(state)
    .sort()
    .map((name) => `${name}=${state[name]}\0`)
    .join("");
  const copy = Buffer.alloc(BOOT_STATE_BYTES);
  if (!(text.length < BOOT_STATE_BYTES - CRC_BYTES)) {
    throw new Error("invariant: the boot state fits into a sector");
  }
  copy.write(text, CRC_BYTES, "latin1");
  copy.writeUInt32LE(crc32(copy.subarray(CRC_BYTES)), 0);
  return copy;
}

/** Nothing when the sum is wrong: a copy that was cut while it was written. */
export function decodeBootState(copy: Uint8Array): BootState | undefined {
  const bytes = Buffer.from(copy);
  if (bytes.length !== BOOT_STATE_BYTES) return undefined;
  if (bytes.readUInt32LE(0) !== crc32(bytes.subarray(CRC_BYTES))) return undefined;
  const state: Record<string, string> = {};
  for (const pair of bytes.toString("latin1", CRC_BYTES).split("\0")) {
    // An empty one ends the list.
    if (pair === "") break;
    const equals = pair.indexOf("=");
    if (equals > 0) state[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return state;
}

const CRC_BYTES = 4;
