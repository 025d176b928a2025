import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeBootState, FRESH_BOOT_STATE } from "../src/boot-state.ts";
import { layoutOf, makeDisk, makeEmptyData, makeExt4 } from "../src/disk.ts";
import { linkFiles } from "../src/links.ts";
import { run } from "../src/run.ts";

const folder = mkdtempSync(join(tmpdir(), "passerelle-disk-"));
afterAll(() => rmSync(folder, { recursive: true }));
const FLASH = { bootMiB: 64, slotMiB: 8, dataMiB: 16 };

describe("a disk", () => {
  const boot = join(folder, "boot");
  mkdirSync(boot);
  writeFileSync(join(boot, "boot.scr"), "script");
  const slotFolder = join(folder, "slot");
  mkdirSync(slotFolder);
  writeFileSync(join(slotFolder, "vmlinuz"), "kernel");
  const make = (name: string): string => {
    const at = (file: string): string => join(folder, name, file);
    mkdirSync(join(folder, name));
    const uuid = "70617373-6572-656c-6c65-000000000002";
    makeExt4(at("slot"), { folder: slotFolder, mebibytes: 8, label: "slot", uuid });
    makeEmptyData(at("data"), FLASH.dataMiB, at("work"));
    const disk = at("disk.img");
    makeDisk({
      ...{ disk, flash: FLASH, bootFiles: boot, slot: at("slot"), data: at("data") },
      work: at("work"),
    });
    return disk;
  };

  it("is the same twice, and takes no place for what is empty", () => {
    const [first, second] = [make("first"), make("second")];
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true);
    expect(statSync(first).blocks * 512).toBeLessThan(statSync(first).size / 4);
  });

  it("has its partitions where the boot script and the initramfs look for them", () => {
    const disk = join(folder, "first/disk.img");
    const { partitiontable } = JSON.parse(run(["sfdisk", "--json", disk])) as {
      partitiontable: {
        id: string;
        partitions: { start: number; size: number; type: string; bootable?: boolean }[];
      };
    };
    expect(partitiontable.id).toBe("0x50415353");
    expect(partitiontable.partitions.map(({ start, size, type }) => [start, size, type])).toEqual([
      [2048, 64 * 2048, "c"],
      [2048 + 64 * 2048, 8 * 2048, "83"],
      [2048 + 72 * 2048, 8 * 2048, "83"],
      [2048 + 80 * 2048, 16 * 2048, "83"],
    ]);
    expect(partitiontable.partitions[0]?.bootable).toBe(true);
  });

  it("has two copies of a fresh boot state, and the same system twice", () => {
    const bytes = readFileSync(join(folder, "first/disk.img"));
    for (const sector of [1024, 1032]) {
      const copy = bytes.subarray(sector * 512, (sector + 1) * 512);
      expect(decodeBootState(copy)).toEqual(FRESH_BOOT_STATE);
    }
    const { slotA, slotB } = layoutOf(FLASH);
    const slot = ({ start, sectors }: { start: number; sectors: number }): Buffer =>
      bytes.subarray(start * 512, (start + sectors) * 512);
    expect(slot(slotA).equals(slot(slotB))).toBe(true);
    expect(slot(slotA).equals(readFileSync(join(folder, "first/slot")))).toBe(true);
  });

  it("has file systems without a fault, all of them root's", () => {
    for (const name of ["slot", "data"]) {
      const image = join(folder, "first", name);
      expect(run(["e2fsck", "-f", "-n", image])).toContain("5");
      expect(run(["debugfs", "-R", "ls -l /", image])).not.toMatch(/\(\d+\) +[1-9]\d* /);
    }
    expect(run(["debugfs", "-R", "ls -l /", join(folder, "first/data")])).toContain(" lib");
    const boot = run(["mdir", "-b", "-i", join(folder, "first/work/boot.vfat")]);
    expect(boot.trim()).toBe("::/boot.scr");
  });

  it("is refused when a slot is larger than its partition", () => {
    const at = (file: string): string => join(folder, "first", file);
    const flash = { ...FLASH, slotMiB: 4 };
    expect(() =>
      makeDisk({
        ...{ disk: at("small.img"), flash, bootFiles: boot, slot: at("slot"), data: at("data") },
        work: at("work"),
      }),
    ).toThrow("fits into its partition");
  });
});

describe("the names of ports", () => {
  it("come from a place on the bus, or from drivers", () => {
    const files = linkFiles([
      { name: "wan0", role: "wan", match: { path: "platform-x-pci-0000:00:08.0" } },
      { name: "lan0", role: "lan", match: { driver: "r8152 asix" } },
    ]);
    expect([...files.keys()]).toEqual(["10-wan0.link", "11-lan0.link"]);
    expect(files.get("10-wan0.link")).toContain("[Match]\nPath=platform-x-pci-0000:00:08.0\n");
    expect(files.get("11-lan0.link")).toContain("Driver=r8152 asix\n\n[Link]\nName=lan0\n");
  });
});
