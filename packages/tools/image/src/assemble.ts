import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Board } from "./board.ts";
import { bootFiles } from "./boot-partition.ts";
import { bootSums } from "./boot-script.ts";
import { makeDisk, makeEmptyData, makeExt4 } from "./disk.ts";
import { makeInitramfs } from "./initramfs.ts";
import { COMMON, type Places } from "./paths.ts";
import { makeBundle, type Signing } from "./rauc.ts";
import type { Release } from "./release.ts";

/**
 * What starts, from what is there already: `vmlinuz` and `rootfs.squashfs` in places.out, the tree in work/root and the
 * firmware's packages in work/boot. Makes initramfs, slot.ext4, disk.img and upgrade.raucb.
 */
export function assemble(
  board: Board,
  places: Places,
  options: { readonly release: Release; readonly kernel: string; readonly signing: Signing },
): void {
  const out = (name: string): string => join(places.out, name);
  const work = (name: string): string => join(places.work, name);
  const tree = work("root");

  makeEmptyData(work("data.ext4"), board.flash.dataMiB, places.work);
  const initramfs = makeInitramfs({
    busybox: join(tree, "usr/bin/busybox"),
    init: join(COMMON, "init"),
    moduleFolder: join(tree, "usr/lib/modules", options.kernel),
    modules: board.modules.initramfs,
    emptyData: work("data.ext4"),
  });
  writeFileSync(out("initramfs"), initramfs);
  makeSlot(places, board.flash.slotMiB);

  bootFiles(board, work("boot"), work("device-trees"), work("boot-partition"));
  if (board.boot === "u-boot-qemu") {
    copyFileSync(join(work("boot"), "usr/lib/u-boot/qemu_arm64/u-boot.bin"), out("u-boot.bin"));
  }
  makeDisk({
    disk: out("disk.img.part"),
    flash: board.flash,
    bootFiles: work("boot-partition"),
    slot: out("slot.ext4"),
    data: work("data.ext4"),
    work: places.work,
  });
  // A machine that starts now finds a whole disk, the old one or the new one.
  renameSync(out("disk.img.part"), out("disk.img"));
  makeBundle({
    bundle: out("upgrade.raucb"),
    slot: out("slot.ext4"),
    board: board.name,
    version: options.release.version,
    builtAt: options.release.builtAt,
    signing: options.signing,
    work: places.work,
  });
}

/** A slot: kernel, initramfs, their sums, root file system. `places.out` has them. */
export function makeSlot(places: Places, mebibytes: number): void {
  const folder = join(places.work, "slot");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const name of ["vmlinuz", "initramfs", "rootfs.squashfs"]) {
    linkSync(join(places.out, name), join(folder, name));
  }
  const read = (name: string): Uint8Array => readFileSync(join(folder, name));
  writeFileSync(join(folder, "boot.sums"), bootSums(read("vmlinuz"), read("initramfs")));
  makeExt4(join(places.out, "slot.ext4"), { folder, mebibytes, label: "slot", uuid: SLOT_UUID });
}

const SLOT_UUID = "70617373-6572-656c-6c65-000000000002";
