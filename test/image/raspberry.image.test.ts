import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BOARD } from "../../board/raspberry-pi/board.ts";
import { RASPBERRY_TREES } from "../../packages/tools/image/src/boot-partition.ts";
import { bootSums } from "../../packages/tools/image/src/boot-script.ts";
import {
  BOOT_STATE_BYTES,
  BOOT_STATE_SECTORS,
  decodeBootState,
  FRESH_BOOT_STATE,
} from "../../packages/tools/image/src/boot-state.ts";
import { layoutOf } from "../../packages/tools/image/src/disk.ts";
import { BUILT, must } from "./built.ts";

/** The card of a Raspberry Pi, looked at as its firmware, its U-Boot and its kernel do. No board was at hand. */

const built = join(BUILT, "../raspberry-pi");
const disk = join(built, "disk.img");
const layout = layoutOf(BOARD.flash);
const folder = mkdtempSync(join(built, "work/card-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bytes = readFileSync(disk);
/** A file of the boot partition. */
const boot = `${disk}@@${layout.boot.start * 512}`;

describe("the card of a Raspberry Pi", () => {
  it("has four partitions, the first one FAT32 and active, and room for the boot state before it", () => {
    const { partitiontable } = JSON.parse(must(["sfdisk", "--json", disk])) as {
      partitiontable: {
        label: string;
        partitions: { start: number; size: number; type: string; bootable?: boolean }[];
      };
    };
    expect(partitiontable.label).toBe("dos");
    const places = [layout.boot, layout.slotA, layout.slotB, layout.data];
    expect(partitiontable.partitions.map(({ start, size }) => [start, size])).toEqual(
      places.map(({ start, sectors }) => [start, sectors]),
    );
    expect(partitiontable.partitions.map(({ type }) => type)).toEqual(["c", "83", "83", "83"]);
    expect(partitiontable.partitions[0]?.bootable).toBe(true);
    for (const sector of BOOT_STATE_SECTORS) {
      const copy = bytes.subarray(sector * 512, sector * 512 + BOOT_STATE_BYTES);
      expect(decodeBootState(copy)).toEqual(FRESH_BOOT_STATE);
    }
    // FAT32 says so itself, at the place where the firmware looks.
    expect(
      bytes.toString("latin1", layout.boot.start * 512 + 82, layout.boot.start * 512 + 90),
    ).toBe("FAT32   ");
  });

  it("has what each Pi's firmware reads", () => {
    const listed = must(["mdir", "-b", "-i", boot]).trim().split("\n");
    const names = listed.map((name) => name.replace(/^::\//, "")).sort();
    expect(names).toEqual(
      [
        ...["bootcode.bin", "start.elf", "fixup.dat", "start4.elf", "fixup4.dat"],
        ...["config.txt", "u-boot.bin", "boot.scr", ...RASPBERRY_TREES],
        "overlays/",
      ].sort(),
    );
    const overlays = must(["mdir", "-b", "-i", boot, "::/overlays"]).trim();
    expect(overlays).toBe("::/overlays/passerelle-button.dtbo");
    const config = read("config.txt").toString("utf8");
    for (const line of ["arm_64bit=1", "kernel=u-boot.bin", "upstream_kernel=1", "enable_uart=1"]) {
      expect(config.split("\n")).toContain(line);
    }
    expect(read("u-boot.bin").toString("latin1")).toContain("U-Boot 20");
  });

  it("has a device tree a model, of this kernel, with a watchdog and a card reader", () => {
    const models: Readonly<Record<string, string>> = {
      "bcm2711-rpi-4-b.dtb": "Raspberry Pi 4 Model B",
      "bcm2711-rpi-400.dtb": "Raspberry Pi 400",
      "bcm2712-rpi-5-b.dtb": "Raspberry Pi 5",
      "bcm2837-rpi-3-a-plus.dtb": "Raspberry Pi 3 Model A+",
      "bcm2837-rpi-3-b-plus.dtb": "Raspberry Pi 3 Model B+",
      "bcm2837-rpi-3-b.dtb": "Raspberry Pi 3 Model B",
      "bcm2837-rpi-zero-2-w.dtb": "Raspberry Pi Zero 2 W",
    };
    expect(Object.keys(models).sort()).toEqual([...RASPBERRY_TREES].sort());
    for (const [name, model] of Object.entries(models)) {
      const tree = read(name);
      expect(tree.readUInt32BE(0)).toBe(0xd00d_feed);
      const text = tree.toString("latin1");
      expect(text).toContain(`${model}\0`);
      if (name.startsWith("bcm2712")) continue;
      // The board's light, or the one that stands in for it, and what a button's overlay hangs on.
      expect(text).toMatch(name.endsWith("400.dtb") ? /PWR\0/ : /ACT\0/);
      expect(text).toContain("/soc/gpio@7e200000\0");
      expect(text).toMatch(/brcm,bcm2835-pm-wdt\0/);
      expect(text).toMatch(/brcm,bcm(2711-emmc2|2835-sdhost|2835-sdhci)\0/);
    }
  });

  it("starts the slot's kernel by our script, which fits the memory of the smallest one", () => {
    const script = read("boot.scr");
    expect(script.readUInt32BE(0)).toBe(0x2705_1956);
    const text = script.toString("latin1");
    expect(text).toContain("console=ttyS1,115200 console=tty1");
    expect(text).toContain("setenv kernel_at 200000");
    expect(text).not.toMatch(/@[A-Z]/);
  });

  it("has the same system in both slots: kernel, initramfs, root file system, and their sums", () => {
    const slots = [layout.slotA, layout.slotB].map(({ start, sectors }) =>
      bytes.subarray(start * 512, (start + sectors) * 512),
    );
    expect(slots[0]?.equals(slots[1] ?? new Uint8Array(0))).toBe(true);
    expect(slots[0]?.equals(readFileSync(join(built, "slot.ext4")))).toBe(true);
    must(["e2fsck", "-f", "-n", join(built, "slot.ext4")]);
    const file = (name: string): Buffer => {
      const to = join(folder, name);
      must(["debugfs", "-R", `dump /${name} ${to}`, join(built, "slot.ext4")]);
      return readFileSync(to);
    };
    const kernel = file("vmlinuz");
    // "ARM\x64" of an arm64 Image.
    expect(kernel.readUInt32LE(56)).toBe(0x644d_5241);
    // It and what it fills with zeros end below the boot script's buffer.
    expect(0x20_0000 + Number(kernel.readBigUInt64LE(16))).toBeLessThan(0x500_0000);
    expect(file("boot.sums").toString()).toBe(bootSums(kernel, file("initramfs")));
    expect(file("rootfs.squashfs").toString("latin1", 0, 4)).toBe("hsqs");
  });

  it("loads the drivers of its card and its USB before it looks for its disk", () => {
    must(["zstd", "-d", "-q", "-f", join(built, "initramfs"), "-o", join(folder, "archive")]);
    const archive = readFileSync(join(folder, "archive")).toString("latin1");
    for (const module of [
      "sdhci_iproc",
      "bcm2835",
      "usb_storage",
      "dwc2",
      "xhci_pci",
      "ext4",
      "squashfs",
    ]) {
      expect(archive).toContain(`modules/${module}.ko\0`);
    }
  });

  it("names its own port wan0 and an adapter lan0, and starts with them", () => {
    const squash = (path: string): string =>
      must(["unsquashfs", "-cat", join(built, "rootfs.squashfs"), path]);
    expect(squash("etc/systemd/network/10-wan0.link")).toContain(
      "Driver=bcmgenet smsc95xx lan78xx",
    );
    expect(squash("etc/systemd/network/11-lan0.link")).toContain("r8152");
    const defaults = JSON.parse(squash("usr/share/passerelle/defaults.json")) as {
      wan: { interface: string };
      lan: { networks: { ports: string[] }[] };
    };
    expect(defaults.wan.interface).toBe("wan0");
    expect(defaults.lan.networks[0]?.ports).toEqual(["lan0"]);
    const dropIn = squash("usr/lib/systemd/system/passerelle@system.service.d/board.conf");
    expect(dropIn).toContain("Environment=PASSERELLE_LEDS=ACT:power,PWR:power\n");
    expect(squash("etc/rauc/system.conf")).toContain("compatible=passerelle-raspberry-pi\n");
  });

  /**
   * QEMU's model of a Pi 3 takes U-Boot in the place of the firmware and has its card reader and its serial port, not its
   * Ethernet: so far a card can be tried without a board.
   */
  it("starts in the model of a Pi 3: U-Boot, kernel, the slot, systemd", {
    timeout: 900_000,
  }, async () => {
    for (const name of ["u-boot.bin", "bcm2837-rpi-3-b.dtb"]) read(name);
    const card = join(folder, "card.qcow2");
    // The model takes cards of a power of two only.
    must(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", disk, card, "1G"]);
    const qemu = spawn(
      "qemu-system-aarch64",
      [
        ...["-M", "raspi3b", "-display", "none", "-monitor", "none"],
        ...["-kernel", join(folder, "u-boot.bin"), "-dtb", join(folder, "bcm2837-rpi-3-b.dtb")],
        ...["-drive", `if=sd,format=qcow2,file=${card}`, "-serial", "null", "-serial", "stdio"],
      ],
      { timeout: 840_000, killSignal: "SIGKILL" },
    );
    try {
      let said = "";
      for await (const chunk of qemu.stdout) {
        said += String(chunk);
        if (/goes to systemd|is damaged|FAILED|panic/.test(said)) break;
      }
      expect(said).toContain("passerelle: slot A, 2 tries left");
      expect(said).toContain("passerelle-init: slot A goes to systemd, 2 tries left");
    } finally {
      qemu.kill("SIGKILL");
    }
  });

  function read(name: string): Buffer {
    const to = join(folder, name);
    must(["mcopy", "-n", "-o", "-i", boot, `::/${name}`, to]);
    return readFileSync(to);
  }
});
