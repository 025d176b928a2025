import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { encodeCpio } from "../src/cpio.ts";
import { BLOCK_BYTES, compressInitramfs, initramfsArchive, sparseImage } from "../src/initramfs.ts";
import { loadOrder, readModuleIndex } from "../src/load-order.ts";

const folder = mkdtempSync(join(tmpdir(), "passerelle-initramfs-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("an archive for the kernel", () => {
  it("is what cpio takes apart: names, octets, modes", () => {
    const archive = encodeCpio([
      { kind: "folder", path: "bin" },
      { kind: "file", path: "bin/tool", bytes: Buffer.from("five!"), mode: 0o755 },
      { kind: "file", path: "note", bytes: Buffer.from("abcd"), mode: 0o644 },
    ]);
    const done = spawnSync("cpio", ["--extract", "--quiet", "--no-preserve-owner"], {
      cwd: folder,
      input: archive,
    });
    expect(done.stderr.toString()).toBe("");
    expect(readFileSync(join(folder, "bin/tool"), "utf8")).toBe("five!");
    expect(statSync(join(folder, "bin/tool")).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(folder, "note"), "utf8")).toBe("abcd");
  });

  it("refuses what the kernel would skip without a word", () => {
    const file = (path: string) =>
      ({ kind: "file", path, bytes: new Uint8Array(0), mode: 0o644 }) as const;
    expect(() => encodeCpio([file("bin/tool")])).toThrow("folder");
    expect(() => encodeCpio([file("a"), file("a")])).toThrow("twice");
    expect(() => encodeCpio([file("../a")])).toThrow("no path");
    expect(() => encodeCpio([file("/a")])).toThrow("no path");
  });
});

describe("the first root file system", () => {
  const parts = {
    busybox: Buffer.from("busybox"),
    init: Buffer.from("#!/bin/busybox sh\n"),
    modules: [
      { name: "jbd2.ko", bytes: Buffer.from("1") },
      { name: "ext4.ko", bytes: Buffer.from("2") },
    ],
    emptyData: { runs: [{ at: 0, count: 2 }], blocks: Buffer.alloc(2 * BLOCK_BYTES, 7) },
  };

  it("is the same twice, and is compressed without loss", () => {
    const archive = initramfsArchive(parts);
    expect(Buffer.from(initramfsArchive(parts)).equals(archive)).toBe(true);
    expect(zstdDecompressSync(compressInitramfs(archive)).equals(archive)).toBe(true);
  });

  it("has what init reads: the order of the modules, the map of an empty partition", () => {
    const text = Buffer.from(initramfsArchive(parts)).toString("latin1");
    expect(text).toContain("modules/order\0");
    expect(text).toContain("jbd2.ko\next4.ko\n");
    expect(text).toContain("0 2\n");
  });
});

describe("an image of which the empty blocks are left out", () => {
  it("keeps runs, in order", () => {
    const image = Buffer.alloc(6 * BLOCK_BYTES);
    for (const at of [1, 2, 5]) image[at * BLOCK_BYTES + 9] = at;
    const { runs, blocks } = sparseImage(image);
    expect(runs).toEqual([
      { at: 1, count: 2 },
      { at: 5, count: 1 },
    ]);
    expect([0, 1, 2].map((n) => blocks[n * BLOCK_BYTES + 9])).toEqual([1, 2, 5]);
  });

  it("ends with a whole block, or it is no image", () => {
    expect(() => sparseImage(Buffer.alloc(BLOCK_BYTES + 1))).toThrow("whole block");
  });
});

describe("the order of modules", () => {
  // source: modules.dep of Debian's 6.12 for arm64, the lines of these modules
  const index = readModuleIndex(
    [
      "kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz kernel/lib/crc16.ko.xz kernel/fs/mbcache.ko.xz",
      "kernel/fs/jbd2/jbd2.ko.xz:",
      "kernel/lib/crc16.ko.xz:",
      "kernel/fs/mbcache.ko.xz:",
      "kernel/drivers/usb/storage/uas.ko.xz: kernel/drivers/usb/storage/usb-storage.ko.xz kernel/drivers/scsi/scsi_mod.ko.xz kernel/drivers/scsi/scsi_common.ko.xz",
      "kernel/drivers/usb/storage/usb-storage.ko.xz: kernel/drivers/scsi/scsi_mod.ko.xz kernel/drivers/scsi/scsi_common.ko.xz",
      "",
    ].join("\n"),
    "kernel/drivers/virtio/virtio_pci.ko\n",
  );
  const names = (wanted: readonly string[]): readonly string[] =>
    loadOrder(index, wanted).map((path) => path.split("/").at(-1)?.replace(".ko.xz", "") ?? "");

  it("puts what is needed first, the deepest before all, each once", () => {
    expect(names(["ext4"])).toEqual(["mbcache", "crc16", "jbd2", "ext4"]);
    expect(names(["uas", "usb_storage"])).toEqual([
      "scsi_common",
      "scsi_mod",
      "usb-storage",
      "uas",
    ]);
  });

  it("leaves out what the kernel has in itself, and refuses what it has not", () => {
    expect(names(["virtio-pci"])).toEqual([]);
    expect(() => names(["sdhci-brcmstb"])).toThrow("no module sdhci-brcmstb");
  });
});
