import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BOARD as QEMU_BOARD } from "../../board/qemu-virt-arm64/board.ts";
import { BOOT_STATE_SECTORS } from "../../packages/tools/image/src/boot-state.ts";
import { layoutOf } from "../../packages/tools/image/src/disk.ts";
import { Box, copyOfDisk } from "./box.ts";
import { BUILT, built, must } from "./built.ts";

/**
 * The boot chain, end to end: U-Boot, kernel, initramfs, systemd. What a healthy box does with an upgrade is judged in
 * the lab; here is what starts when something is broken, and that nothing that is broken stays.
 */

built("disk.img");
const folder = mkdtempSync(join(BUILT, "work/boot-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const layout = layoutOf(QEMU_BOARD.flash);
const CARD_GROWS_MIB = 256;

describe("a new card", () => {
  it("starts, takes the whole card, keeps its identity, and empties itself when it is asked to", async () => {
    const disk = copyOfDisk(folder, "new.img");
    truncateSync(disk, statSync(disk).size + (CARD_GROWS_MIB << 20));
    await using box = new Box(disk);
    await box.until(/state 400, order A B, tries 3 3, trial none/);
    await box.until(/slot A, 2 tries left/);
    expect(await box.run(["cat", "/proc/cmdline"])).toContain("rauc.slot=A");
    const mounts = await box.run(["cat", "/proc/mounts"]);
    expect(mounts).toMatch(/^overlay \/ overlay /m);
    expect(mounts).toMatch(/\/data ext4 rw,nosuid,nodev,noatime/);
    expect(mounts).toMatch(/\/var\/lib ext4 rw,/);
    expect(mounts).toMatch(/\/run\/passerelle-boot\/slot ext4 ro,/);
    expect(await box.run(["fw_printenv", "BOOT_A_LEFT"])).toBe("BOOT_A_LEFT=2\n");

    await grown(box);
    const identity = await box.run(["cat", "/data/machine-id"]);
    expect(await box.run(["cat", "/etc/machine-id"])).toBe(identity);

    await box.run(["sh", "-c", `echo ${CANARY} >/data/lib/canary && sync`]);
    await box.run(["fw_setenv", "passerelle_reset", "1"]);
    await box.order(["reboot", "-f"]);
    await box.until(/the data partition is emptied: asked for/);
    await box.until(/the data partition is empty\r?\n/);
    expect(await box.run(["ls", "/data/lib"])).not.toContain("canary");
    expect(await box.run(["cat", "/data/machine-id"])).not.toBe(identity);
    // Cleared by the system that the reset led to, or the next start would do it again.
    await insist(async () => {
      expect(await box.run(["fw_printenv", "passerelle_reset"])).toBe("passerelle_reset=0\n");
    });
    await grown(box);
    await box.run(["sync"]);
    expect(countOf(disk, layout.data.start * 512, CANARY)).toBe(0);
  });

  /** The partition and its file system have reached the end of the card. */
  async function grown(box: Box): Promise<void> {
    const sectors = layout.data.sectors + CARD_GROWS_MIB * 2048;
    await insist(async () => {
      expect(Number(await box.run(["cat", "/sys/class/block/vda4/size"]))).toBe(sectors);
      const said = await box.run(["sh", "-c", "dumpe2fs -h /dev/passerelle/data 2>/dev/null"]);
      expect(Number(/^Block count: +(\d+)/m.exec(said)?.[1]) * 8).toBe(sectors);
    });
  }
});

describe("a slot that does not start", () => {
  it("is left at once when its kernel is damaged, with a boot state that was cut", async () => {
    const disk = copyOfDisk(folder, "kernel.img");
    damage(disk, BOOT_STATE_SECTORS[0] * 512 + 100);
    damageFile(disk, layout.slotA.start, "vmlinuz");
    await using box = new Box(disk);
    await box.until(/state 408, order A B/);
    await box.until(/slot A is damaged/);
    await box.until(/slot B, 2 tries left/);
    expect(await box.run(["cat", "/run/passerelle-boot/fallback"])).toBe("A\n");
    const state = await box.run(["fw_printenv"]);
    expect(state).toContain("BOOT_A_LEFT=0\n");
    expect(state).toContain("BOOT_B_LEFT=2\n");
  });

  it("is left after three tries when its system is damaged, with the data as they were", async () => {
    const disk = copyOfDisk(folder, "system.img");
    // The superblock of the squashfs.
    damageFile(disk, layout.slotA.start, "rootfs.squashfs", 0);
    await using box = new Box(disk);
    for (const left of [2, 1, 0]) {
      await box.until(new RegExp(`slot A, ${left} tries left`));
      await box.until(/passerelle-init: FAILED: mount -t squashfs/);
      await box.until(/Kernel panic - not syncing/);
    }
    await box.until(/slot B, 2 tries left/);
    expect(await box.run(["cat", "/run/passerelle-boot/fallback"])).toBe("A\n");
    await expect(box.run(["cat", "/run/passerelle-boot/emptied"])).rejects.toThrow();
  });
});

/** Flips one bit of a file in a slot, in its middle where no place is named. */
function damageFile(disk: string, slotSector: number, name: string, at?: number): void {
  const slot = built("slot.ext4");
  const size = Number(/Size: (\d+)/.exec(must(["debugfs", "-R", `stat /${name}`, slot]))?.[1]);
  const block = Math.floor((at ?? size / 2) / 4096);
  const said = must(["debugfs", "-R", `bmap /${name} ${block}`, slot]);
  const physical = Number(said.trim());
  if (!(physical > 0)) throw new Error(`${name} has no block ${block}: ${said}`);
  damage(disk, slotSector * 512 + physical * 4096);
}

function damage(disk: string, at: number): void {
  const file = openSync(disk, "r+");
  try {
    const octet = Buffer.alloc(1);
    readSync(file, octet, 0, 1, at);
    octet[0] = (octet[0] ?? 0) ^ 0x10;
    writeSync(file, octet, 0, 1, at);
  } finally {
    closeSync(file);
  }
}

/** How often a text is on a disk from an octet on. */
function countOf(disk: string, from: number, text: string): number {
  const file = openSync(disk, "r");
  try {
    let count = 0;
    const chunk = Buffer.alloc(4 << 20);
    for (let at = from; ; at += chunk.length - text.length) {
      const length = readSync(file, chunk, 0, chunk.length, at);
      if (length <= text.length) return count;
      if (chunk.subarray(0, length).includes(text)) count += 1;
    }
  } finally {
    closeSync(file);
  }
}

/** Until it holds, or the last complaint. */
async function insist(check: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + 240_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const CANARY = "canary-of-the-factory-reset";
