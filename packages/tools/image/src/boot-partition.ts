import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Board } from "./board.ts";
import { BOOT_PLACES, bootScript } from "./boot-script.ts";
import { buttonOverlay } from "./device-tree.ts";
import { BuildError } from "./fail.ts";
import { COMMON, ROOT } from "./paths.ts";

/** Fills the folder that becomes the boot partition, from the firmware's packages and the kernel's device trees. */
export function bootFiles(
  board: Board,
  firmware: string,
  deviceTrees: string,
  folder: string,
): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const template = readFileSync(join(COMMON, "boot.cmd"), "utf8");
  writeFileSync(
    join(folder, "boot.scr"),
    bootScript(template, BOOT_PLACES[board.boot], board.consoles),
  );
  if (board.boot === "u-boot-rpi") raspberryFiles(board, firmware, deviceTrees, folder);
}

/**
 * The firmware of the Pi reads its own parts (start*.elf, fixup*.dat, up to the Pi 4), config.txt, the device tree of the
 * board and U-Boot, and hands the device tree on.
 */
function raspberryFiles(board: Board, firmware: string, deviceTrees: string, folder: string): void {
  const parts = join(firmware, "usr/lib/raspi-firmware");
  for (const name of readdirSync(parts).sort()) {
    if (RASPBERRY_PARTS.test(name)) copyFileSync(join(parts, name), join(folder, name));
  }
  copyFileSync(join(firmware, "usr/lib/u-boot/rpi_arm64/u-boot.bin"), join(folder, "u-boot.bin"));
  copyFileSync(join(ROOT, "board", board.name, "config.txt"), join(folder, "config.txt"));
  for (const name of RASPBERRY_TREES) {
    if (!existsSync(join(deviceTrees, name)))
      throw new BuildError(`the kernel has no device tree ${name}`);
    copyFileSync(join(deviceTrees, name), join(folder, name));
  }
  const button = board.buttons.find(({ fitted }) => fitted === "owner");
  if (button === undefined) return;
  // Lies there until config.txt asks for it.
  mkdirSync(join(folder, "overlays"));
  writeFileSync(join(folder, "overlays/passerelle-button.dtbo"), buttonOverlay(button.key));
}

/** Device trees of the kernel, taken before the tree is pruned. */
export function saveDeviceTrees(tree: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const library = join(tree, "usr/lib");
  const kernel = readdirSync(library).find((name) => name.startsWith("linux-image-"));
  if (kernel === undefined) throw new BuildError("the kernel's package has no device trees");
  for (const name of RASPBERRY_TREES) {
    const from = join(library, kernel, "broadcom", name);
    if (existsSync(from)) copyFileSync(from, join(to, name));
  }
}

/** What starts; not its variants for cameras (x), small memory (cd) and debugging (db). */
const RASPBERRY_PARTS = /^(bootcode\.bin|start4?\.elf|fixup4?\.dat|LICENCE\.broadcom)$/;

/** 3, 3+, 3A+, Zero 2 W, 4, 400, 5. */
export const RASPBERRY_TREES = [
  "bcm2837-rpi-3-a-plus.dtb",
  "bcm2837-rpi-3-b-plus.dtb",
  "bcm2837-rpi-3-b.dtb",
  "bcm2837-rpi-zero-2-w.dtb",
  "bcm2711-rpi-4-b.dtb",
  "bcm2711-rpi-400.dtb",
  "bcm2712-rpi-5-b.dtb",
] as const;
