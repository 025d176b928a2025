import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ElfFacts, readElf } from "../src/elf.ts";
import { checkLinks, danglingLinks, elfFiles, libraryNames } from "../src/judge.ts";
import { missingPrograms, programsOf } from "../src/units.ts";
import { plantTree } from "./support.ts";

const sqlite = dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json"));
/** A real one, of the same compiler as everything of better-sqlite3. */
const ADDON = readFileSync(join(sqlite, "prebuilds/linux-arm64.node"));

describe("an ELF file", () => {
  it("says what it is linked with and how it is hardened", () => {
    const facts = readElf(ADDON);
    expect(facts).toMatchObject({
      machine: "aarch64",
      isPositionIndependent: true,
      hasNoExecStack: true,
      relro: "partial",
      interpreter: undefined,
    });
    expect(facts?.needed).toContain("libc.so.6");
  });

  it("of this machine's Node is of another machine or the same, and has an interpreter", () => {
    const facts = readElf(readFileSync(process.execPath));
    expect(facts?.interpreter).toMatch(/ld-linux/);
    expect(facts?.machine).toBe(process.arch === "arm64" ? "aarch64" : "other");
  });

  it("with a stack that is code is found out", () => {
    expect(readElf(withFlag(0x6474e551, 7))?.hasNoExecStack).toBe(false);
  });

  it("without its read-only part is found out", () => {
    expect(readElf(withType(0x6474e552, 0))?.relro).toBe("none");
  });

  it("cut anywhere gives facts or nothing, and never throws", () => {
    for (let length = 0; length < 4096; length += 13) readElf(ADDON.subarray(0, length));
    expect(readElf(ADDON.subarray(0, 63))).toBeUndefined();
    expect(readElf(Buffer.from("#!/bin/sh\n".repeat(10)))).toBeUndefined();
  });
});

describe("a tree", () => {
  it("in which a program asks for a library that is not there is refused", () => {
    const tree = plantTree({
      "usr/lib/passerelle/a.node": ADDON,
      "usr/lib/aarch64-linux-gnu/libc.so.6": "",
      "usr/lib/aarch64-linux-gnu/libm.so.6": "-> libm.so",
    });
    const check = () => checkLinks(elfFiles(tree), libraryNames(tree));
    expect(check).toThrow(/a\.node needs libstdc\+\+\.so\.6/);
    expect(check).not.toThrow(/libm/);
  });

  it("is told of links that lead nowhere, not of those that a running box fills", () => {
    const tree = plantTree({
      "usr/bin/real": "",
      bin: "-> usr/bin",
      "etc/good": "-> /bin/real",
      "etc/relative": "-> ../usr/bin/real",
      "etc/mtab": "-> ../proc/self/mounts",
      "etc/masked": "-> /dev/null",
      "etc/host": "-> /etc/passwd",
      "etc/lost": "-> nothing",
      "etc/round": "-> round",
    });
    expect(danglingLinks(tree)).toEqual(["/etc/host", "/etc/lost", "/etc/round"]);
  });

  it("has its ELF files listed, whatever they are called", () => {
    const tree = plantTree({ "usr/bin/tool": ADDON, "usr/bin/script": "#!/bin/sh\n" });
    expect(elfFiles(tree).map(({ path }) => path)).toEqual(["usr/bin/tool"]);
    expect(elfFiles(tree).map(({ facts }: { facts: ElfFacts }) => facts.machine)).toEqual([
      "aarch64",
    ]);
  });
});

describe("the units of a tree", () => {
  const files = {
    "usr/bin/node": "",
    bin: "-> usr/bin",
    "usr/lib/systemd/system/wanted.service": "ExecStart=/usr/bin/gone --x\nExecStop=-/bin/node\n",
    "usr/lib/systemd/system/basic.target.wants/wanted.service": "-> ../wanted.service",
    "usr/lib/systemd/system/quiet.service": "ExecStart=/usr/bin/quiet\n",
    "usr/lib/systemd/system/passerelle-lan.service": "ExecStart=/usr/bin/node main.js\n",
    "usr/lib/systemd/system/passerelle-lan.service.d/a.conf":
      "ExecStartPre=\nExecStartPre=+/usr/sbin/lost\n",
  };

  it("that are started find their programs, or the build is told", () => {
    expect(missingPrograms(plantTree(files))).toEqual([
      "passerelle-lan.service.d/a.conf: /usr/sbin/lost",
      "wanted.service: /usr/bin/gone",
    ]);
  });

  it("that are masked start nothing", () => {
    const tree = plantTree({ ...files, "etc/systemd/system/wanted.service": "-> /dev/null" });
    expect(missingPrograms(tree)).toEqual(["passerelle-lan.service.d/a.conf: /usr/sbin/lost"]);
  });

  it("are read past systemd's prefixes", () => {
    const text = "ExecStart=-@/a/b b --c\nExecReload=/bin/kill -HUP\nExecStart=\nExecStart=/x/%i\n";
    expect(programsOf(text)).toEqual(["/a/b", "/bin/kill"]);
  });
});

function programHeader(type: number): number {
  const start = Number(ADDON.readBigUInt64LE(32));
  for (let n = 0; n < ADDON.readUInt16LE(56); n += 1) {
    const at = start + n * ADDON.readUInt16LE(54);
    if (ADDON.readUInt32LE(at) === type) return at;
  }
  throw new Error("the addon has no such segment");
}

function withFlag(type: number, flags: number): Buffer {
  const copy = Buffer.from(ADDON);
  copy.writeUInt32LE(flags, programHeader(type) + 4);
  return copy;
}

function withType(type: number, other: number): Buffer {
  const copy = Buffer.from(ADDON);
  copy.writeUInt32LE(other, programHeader(type));
  return copy;
}
