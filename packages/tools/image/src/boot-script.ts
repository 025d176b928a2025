import { crc32 } from "node:zlib";
import { BuildError } from "./fail.ts";

/** What differs from board to board in board/common/boot.cmd. */
export interface BootPlaces {
  /** Memory: a few sectors of state, the kernel (at a multiple of 2 MiB, with its zeroed data), the initramfs. */
  readonly state: number;
  readonly kernel: number;
  readonly ramdisk: number;
}

/**
 * Of the two U-Boots of Debian. The Pi's own defaults leave 34 MiB for the kernel before its device tree; ours is larger, so
 * it lies elsewhere. Its smallest board has 512 MiB, the last 64 of them the firmware's; the device tree is put near them,
 * by QEMU at 128 MiB.
 */
export const BOOT_PLACES: Readonly<Record<"u-boot-qemu" | "u-boot-rpi", BootPlaces>> = {
  "u-boot-qemu": { state: 0x43f0_0000, kernel: 0x4040_0000, ramdisk: 0x4400_0000 },
  "u-boot-rpi": { state: 0x0500_0000, kernel: 0x0020_0000, ramdisk: 0x0a00_0000 },
};

/** boot.scr: the commands, filled in and without their comments, in the envelope U-Boot takes scripts in. */
export function bootScript(
  template: string,
  places: BootPlaces,
  consoles: readonly string[],
): Uint8Array {
  const values: Readonly<Record<string, string>> = {
    STATE_ADDRESS: places.state.toString(16),
    KERNEL_ADDRESS: places.kernel.toString(16),
    RAMDISK_ADDRESS: places.ramdisk.toString(16),
    BOOTARGS: [...consoles.map((name) => `console=${name}`), ...BOOTARGS].join(" "),
  };
  const commands = template
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .join("\n")
    .replace(/@([A-Z_]+)@/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined)
        throw new BuildError(`boot.cmd asks for @${name}@, which nobody fills in`);
      return value;
    });
  return scriptEnvelope(Buffer.from(`${commands}\n`));
}

/**
 * The legacy image of a script (U-Boot, include/image.h, struct legacy_img_hdr): what `mkimage -T script` makes, with the
 * time zero.
 */
export function scriptEnvelope(commands: Uint8Array): Uint8Array {
  // A list of the sizes of the parts, ended by zero, then the parts.
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32BE(commands.length, 0);
  const data = Buffer.concat([sizes, commands]);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(IH_MAGIC, 0);
  header.writeUInt32BE(data.length, 12);
  header.writeUInt32BE(crc32(data), 24);
  header.set([IH_OS_LINUX, IH_ARCH_ARM64, IH_TYPE_SCRIPT, IH_COMP_NONE], 28);
  header.write("passerelle", 32);
  // Its own sum, counted while this field is zero.
  header.writeUInt32BE(crc32(header), 4);
  return Buffer.concat([header, data]);
}

/**
 * boot.sums of a slot: what U-Boot compares kernel and initramfs with. It writes a sum into memory and reads it back as a
 * number of its processor; a U-Boot that writes the highest octet first reads it turned.
 */
export function bootSums(kernel: Uint8Array, initramfs: Uint8Array): string {
  return Object.entries({ kernel, ramdisk: initramfs })
    .map(([name, data]) => {
      const octets = Buffer.alloc(4);
      octets.writeUInt32BE(crc32(data));
      const turned = octets.readUInt32LE().toString(16).padStart(8, "0");
      return `${name}_sum=${octets.toString("hex")}\n${name}_sum_turned=${turned}\n`;
    })
    .join("");
}

/** panic=5: a start that fails is repeated by itself; an oops is as bad, since nobody looks. */
const BOOTARGS = ["panic=5", "oops=panic", "loglevel=4", "rootfstype=squashfs", "ro"];

const HEADER_BYTES = 64;
const IH_MAGIC = 0x2705_1956;
const IH_OS_LINUX = 5;
const IH_ARCH_ARM64 = 22;
const IH_TYPE_SCRIPT = 6;
const IH_COMP_NONE = 0;
