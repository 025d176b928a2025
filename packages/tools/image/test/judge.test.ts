import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ElfFacts, readElf } from "../src/elf.ts";
import { checkLinks, danglingLinks, elfFiles, libraryNames } from "../src/judge.ts";
import { messageBusProblems } from "../src/message-bus.ts";
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

describe("the message bus of a tree", () => {
  const SERVICE = "usr/share/dbus-1/system-services";
  const UNIT = "usr/lib/systemd/system";
  const files = {
    "etc/passwd": "root:x:0:0::/root:/bin/sh\nmessagebus:x:712:712::/:/bin/false\n",
    "etc/group": "root:x:0:\n",
    "usr/bin/rauc": "",
    "usr/share/dbus-1/system.conf": '<user>messagebus</user><allow user="*"/>',
    "usr/share/dbus-1/system.d/a.conf": '<!-- user="of old" --><policy user="root">',
    [`${SERVICE}/a.service`]: "[D-BUS Service]\nExec=/bin/false\nSystemdService=a.service\n",
    [`${UNIT}/a.service`]: "-> rauc.service",
    [`${UNIT}/rauc.service`]: "ExecStart=/usr/bin/rauc service\n",
  };

  it("that names who is there has no problem", () => {
    expect(messageBusProblems(plantTree(files))).toEqual([]);
  });

  it("that names a user or a group that is not there stops the build", () => {
    const tree = plantTree({
      ...files,
      "usr/share/dbus-1/system.conf": "<user>nobody-knows</user>",
      "etc/dbus-1/system.d/b.conf": '<policy user="systemd-network"/><policy group="netdev"/>',
    });
    expect(messageBusProblems(tree)).toEqual([
      '/etc/dbus-1/system.d/b.conf: no group "netdev"',
      '/etc/dbus-1/system.d/b.conf: no user "systemd-network"',
      '/usr/share/dbus-1/system.conf: no user "nobody-knows"',
    ]);
  });

  it.each([
    ["is not there", { [`${SERVICE}/a.service`]: "SystemdService=b.service\n" }],
    ["is masked", { "etc/systemd/system/rauc.service": "-> /dev/null" }],
    ["has no program", { [`${UNIT}/rauc.service`]: "ExecStart=/usr/bin/gone\n" }],
  ])("that starts a service whose unit %s stops the build", (_what, more) => {
    expect(messageBusProblems(plantTree({ ...files, ...more }))).toEqual([
      expect.stringMatching(
        /^\/usr\/share\/dbus-1\/system-services\/a\.service: nothing is behind [ab]\.service$/,
      ),
    ]);
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
