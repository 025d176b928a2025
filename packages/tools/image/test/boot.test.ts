import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { BOOT_PLACES, bootScript, bootSums, scriptEnvelope } from "../src/boot-script.ts";
import {
  BOOT_STATE_BYTES,
  BOOT_STATE_SECTORS,
  decodeBootState,
  encodeBootState,
  FRESH_BOOT_STATE,
} from "../src/boot-state.ts";
import { COMMON } from "../src/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "passerelle-boot-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the boot state", () => {
  it("is what it was, and nothing when one octet is another", () => {
    const copy = encodeBootState(FRESH_BOOT_STATE);
    expect(copy.length).toBe(BOOT_STATE_BYTES);
    expect(decodeBootState(copy)).toEqual(FRESH_BOOT_STATE);
    for (let at = 0; at < copy.length; at += 1) {
      const torn = Buffer.from(copy);
      torn[at] = (torn[at] ?? 0) ^ 1;
      expect(decodeBootState(torn)).toBeUndefined();
    }
    expect(decodeBootState(copy.subarray(1))).toBeUndefined();
  });

  it("is read and written by libubootenv, at the place its configuration names", () => {
    const disk = join(folder, "disk");
    const sector = Buffer.alloc(BOOT_STATE_SECTORS[1] * 512 + 512);
    for (const at of BOOT_STATE_SECTORS) sector.set(encodeBootState(FRESH_BOOT_STATE), at * 512);
    writeFileSync(disk, sector);
    const configuration = join(folder, "fw_env.config");
    const shipped = readFileSync(join(COMMON, "fw_env.config"), "utf8");
    writeFileSync(configuration, shipped.replace("/dev/passerelle/disk", disk));
    const call = (program: string, words: readonly string[]): string => {
      const done = spawnSync(program, ["-c", configuration, ...words], { encoding: "utf8" });
      expect(done.stderr).toBe("");
      return done.stdout;
    };
    expect(call("fw_printenv", ["BOOT_ORDER"])).toBe("BOOT_ORDER=A B\n");
    call("fw_setenv", ["BOOT_ORDER", "B A"]);
    const at = (copy: 0 | 1): Uint8Array => {
      const start = BOOT_STATE_SECTORS[copy] * 512;
      return readFileSync(disk).subarray(start, start + BOOT_STATE_BYTES);
    };
    expect(decodeBootState(at(0))).toEqual({ ...FRESH_BOOT_STATE, BOOT_ORDER: "B A" });
    expect(decodeBootState(at(1))).toEqual(FRESH_BOOT_STATE);
  });

  it("fits into its sector, or it is our mistake", () => {
    expect(() => encodeBootState({ long: "x".repeat(600) })).toThrow("invariant");
  });
});

describe("the boot script", () => {
  it("is in the envelope that U-Boot's own tool makes", () => {
    const commands = Buffer.from("echo hello\n");
    writeFileSync(join(folder, "boot.cmd"), commands);
    const words = ["-A", "arm64", "-O", "linux", "-T", "script", "-C", "none", "-n", "passerelle"];
    const done = spawnSync("mkimage", [...words, "-d", "boot.cmd", "boot.scr"], {
      cwd: folder,
      env: { ...process.env, SOURCE_DATE_EPOCH: "0" },
    });
    expect(done.status).toBe(0);
    expect(readFileSync(join(folder, "boot.scr")).equals(scriptEnvelope(commands))).toBe(true);
  });

  it("has no comment, no hole, and the consoles of the board", () => {
    const template = readFileSync(join(COMMON, "boot.cmd"), "utf8");
    const text = textOf(bootScript(template, BOOT_PLACES["u-boot-rpi"], ["ttyS1,115200", "tty1"]));
    expect(text).not.toMatch(/@[A-Z_]+@|^#/m);
    expect(text).toContain("console=ttyS1,115200 console=tty1 panic=5");
    expect(text).toContain("setenv kernel_at 200000\n");
  });

  it("refuses a hole that nobody fills", () => {
    expect(() => bootScript("echo @NOBODY@", BOOT_PLACES["u-boot-qemu"], [])).toThrow("NOBODY");
  });

  it("keeps kernel, state and initramfs apart, in the memory of the smallest board", () => {
    for (const places of Object.values(BOOT_PLACES)) {
      // 39 MB with what the kernel fills with zeros; it starts at a multiple of 2 MiB or is moved.
      expect(places.kernel % (2 << 20)).toBe(0);
      expect(places.kernel + (40 << 20)).toBeLessThanOrEqual(places.state);
      expect(places.state).toBeLessThan(places.ramdisk);
    }
    expect(BOOT_PLACES["u-boot-rpi"].ramdisk + (64 << 20)).toBeLessThan((512 - 64) << 20);
  });

  it("counts sums as each U-Boot reads them back, and turned", () => {
    const sum = crc32(Buffer.from("kernel")).toString(16).padStart(8, "0");
    const turned = (sum.match(/../g) ?? []).reverse().join("");
    const text = bootSums(Buffer.from("kernel"), Buffer.from("x"));
    expect(text).toContain(`kernel_sum=${sum}\nkernel_sum_turned=${turned}\nramdisk_sum=`);
  });
});

function textOf(script: Uint8Array): string {
  // 64 octets of header, 8 of sizes.
  return Buffer.from(script.subarray(72)).toString("utf8");
}
