import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ElfFile, elfFiles } from "../../packages/tools/image/src/judge.ts";
import { packagesOf, readLock } from "../../packages/tools/image/src/lock.ts";
import { loadBoard, loadPackageChoice, ROOT } from "../../packages/tools/image/src/paths.ts";
import type { Sbom } from "../../packages/tools/image/src/sbom.ts";
import { walkTree } from "../../packages/tools/image/src/walk.ts";
import { BOARD, built, must } from "./built.ts";

// Looks at what is shipped, as somebody would who has nothing but the image: security.md S-03, S-12, S-36, S-37.

let tree = "";
let files: readonly string[] = [];
let elves: readonly ElfFile[] = [];

beforeAll(() => {
  const directory = mkdtempSync(join(ROOT, "build/audit-"));
  tree = join(directory, "root");
  must(["unsquashfs", "-quiet", "-no-progress", "-dest", tree, built("rootfs.squashfs")]);
  files = walkTree(tree)
    .filter(({ kind }) => kind === "file")
    .map(({ path }) => path);
  elves = elfFiles(tree);
});

afterAll(() => rmSync(join(tree, ".."), { recursive: true, force: true }));

describe("accounts (S-12)", () => {
  it("have no password, and none is empty", () => {
    const entries = lines("etc/shadow").map((line) => line.split(":"));
    expect(entries.length).toBeGreaterThan(10);
    expect(entries.filter(([, password]) => password !== "!*")).toEqual([]);
    expect(lines("etc/passwd").filter((line) => line.split(":")[1] !== "x")).toEqual([]);
  });

  it("are root once, and nobody else has a shell", () => {
    const entries = lines("etc/passwd").map((line) => line.split(":"));
    expect(entries.filter(([, , id]) => id === "0").map(([name]) => name)).toEqual(["root"]);
    const withShell = entries.filter(([, , , , , , shell]) => !/nologin|sync$/.test(shell ?? ""));
    expect(withShell.map(([name]) => name)).toEqual(["root"]);
  });

  it("let nobody in by a key, and no server of logins is there", () => {
    const pattern =
      /(^|\/)(authorized_keys|id_[a-z0-9]+|ssh_host_.*|sshd|dropbear|telnetd|login|su|sudo)$/;
    expect(files.filter((path) => pattern.test(path))).toEqual([]);
  });

  it("and no private key is in any file, a program included", () => {
    const found = files.filter((path) =>
      PRIVATE_KEY.test(readFileSync(join(tree, path), "latin1")),
    );
    expect(found).toEqual(Object.keys(KEYS_FOR_SELF_TESTS));
  });
});

describe("who may become root (S-36)", () => {
  it("nobody: no file is setuid or setgid, none but a folder for everybody is writable by all", () => {
    const listed = must(["unsquashfs", "-lls", "-no-progress", built("rootfs.squashfs")]).split(
      "\n",
    );
    const entries = listed.filter((line) => /^[-dlcbps][-rwxsStT]{9} /.test(line));
    expect(entries.length).toBeGreaterThan(500);
    expect(entries.filter((line) => /^.(..[sS]|.....[sS])/.test(line))).toEqual([]);
    expect(entries.filter((line) => /^[^l].......w[^tT]/.test(line))).toEqual([]);
    expect(entries.filter((line) => !/^\S+ (root\/root|0\/0) /.test(line))).toEqual([]);
    expect(entries.filter((line) => /^[cb]/.test(line))).toEqual([]);
  });

  it("and no file has capabilities of its own: there is no extended attribute", () => {
    expect(must(["unsquashfs", "-stat", built("rootfs.squashfs")])).toMatch(
      /Xattrs are not stored/,
    );
  });
});

describe("doors that stay shut (S-03)", () => {
  it("the bus has local sockets only, and no other configuration of it is there", () => {
    const configurations = files.filter((path) => /mosquitto[^/]*\.conf$/.test(path));
    expect(configurations).toContain("usr/lib/passerelle/bus/mosquitto.conf");
    const words = configurations
      .filter((path) => !/\/(sysusers|tmpfiles)\.d\//.test(path))
      .flatMap((path) => lines(path));
    const listeners = words.filter((line) => /^(listener|port|bind_address|http_)/.test(line));
    expect(listeners.length).toBeGreaterThan(5);
    expect(listeners.filter((line) => !/^listener 0 \/run\/passerelle\/bus\//.test(line))).toEqual(
      [],
    );
  });

  it("no unit starts Node with an inspector or takes options from outside", () => {
    const units = files.filter((path) => /^(etc|usr\/lib)\/(systemd|environment\.d)\//.test(path));
    const texts = units.filter((path) => !elves.some((elf) => elf.path === path));
    expect(texts.length).toBeGreaterThan(20);
    // What a unit gives by the environment may only take something away.
    const bad = texts.flatMap((path) =>
      lines(path)
        .filter((line) => /--inspect|--cpu-prof|NODE_(OPTIONS|INSPECT)/.test(line))
        .filter((line) => line !== `Environment=NODE_OPTIONS=${NO_CODE_FROM_TEXT}`)
        .map((line) => `${path}: ${line}`),
    );
    expect(bad).toEqual([]);
  });
});

describe("programs (S-37)", () => {
  it("are of this board, and there are as many as one expects", () => {
    expect(elves.length).toBeGreaterThan(100);
    expect(elves.filter(({ facts }) => facts.machine !== "aarch64").map(pathOf)).toEqual([]);
  });

  it("load anywhere, but for what stands here with its reason", () => {
    const fixed = elves.filter(({ facts }) => !facts.isPositionIndependent).map(pathOf);
    expect(fixed).toEqual(Object.keys(NOT_POSITION_INDEPENDENT));
  });

  it("have a stack that is no code", () => {
    expect(elves.filter(({ facts }) => !facts.hasNoExecStack).map(pathOf)).toEqual([]);
  });

  it("have tables that are read-only once they are linked", () => {
    expect(elves.filter(({ facts }) => facts.relro === "none").map(pathOf)).toEqual([]);
  });

  it("that hear the network bind every symbol at their start", () => {
    const names = [
      "chronyd",
      "mosquitto",
      "node",
      "nft",
      "passerelle_native.node",
      "systemd-udevd",
    ];
    const heard = elves.filter(({ path }) => names.some((name) => path.endsWith(`/${name}`)));
    expect(heard.length).toBeGreaterThanOrEqual(names.length - 1);
    expect(heard.filter(({ facts }) => facts.relro !== "full").map(pathOf)).toEqual([]);
  });

  it("of ours notice a stack that was overrun", () => {
    const addon = readFileSync(join(tree, "usr/lib/passerelle/passerelle_native.node"), "latin1");
    expect(addon).toContain("__stack_chk_fail");
  });
});

describe("the kernel (S-37)", () => {
  it.each([
    ["kernel.kptr_restrict", /^[12]$/],
    ["kernel.dmesg_restrict", /^1$/],
    ["kernel.unprivileged_bpf_disabled", /^[12]$/],
    ["kernel.kexec_load_disabled", /^1$/],
    ["kernel.yama.ptrace_scope", /^[123]$/],
    ["kernel.sysrq", /^0$/],
    ["kernel.randomize_va_space", /^2$/],
    ["net.core.bpf_jit_harden", /^2$/],
    ["fs.protected_symlinks", /^1$/],
    ["fs.protected_hardlinks", /^1$/],
    ["fs.suid_dumpable", /^0$/],
  ])("is told %s", (key, value) => {
    expect(sysctl().get(key)).toMatch(value);
  });

  it("takes no module once the box is up", () => {
    expect(lines("usr/share/passerelle/sysctl-lock.conf")).toContain("kernel.modules_disabled = 1");
  });
});

describe("the bill of materials (S-36)", () => {
  const sbom = (): Sbom => JSON.parse(read("usr/share/passerelle/sbom.cdx.json")) as Sbom;

  it("in the image is the one beside it", () => {
    expect(read("usr/share/passerelle/sbom.cdx.json")).toBe(
      readFileSync(built("sbom.cdx.json"), "utf8"),
    );
  });

  it("has every Debian package of the board, with the hash that is pinned", async () => {
    const board = await loadBoard(BOARD);
    const { LEFT_OUT } = await loadPackageChoice();
    const wanted = packagesOf(readLock(), ["common", ...board.packageGroups])
      .filter(({ name }) => !Object.hasOwn(LEFT_OUT, name))
      .map(({ name, version, sha256 }) => `${name} ${version} ${sha256}`);
    const had = sbom()
      .components.filter(({ purl }) => purl?.startsWith("pkg:deb/"))
      .map(({ name, version, hashes }) => `${name} ${version} ${hashes?.[0]?.content}`);
    expect(had.sort()).toEqual(wanted.sort());
  });

  it("has every npm package whose code is in a chunk of the program", () => {
    const npm = sbom().components.filter(({ purl }) => purl?.startsWith("pkg:npm/"));
    const names = new Set(npm.map(({ name }) => name));
    for (const name of ["node", "mqtt", "better-sqlite3", "valibot", "preact"]) {
      expect(names).toContain(name);
    }
  });

  it("names nothing whose licence is not in the image", () => {
    const page = read("usr/share/passerelle/licences.txt");
    const missing = sbom().components.filter(
      ({ name, version }) => !page.includes(`${name} ${version}\n`),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});

describe("the size", () => {
  it("of the root file system and the kernel, as they go over the line, is that of the goal", () => {
    const octets = readFileSync(built("upgrade.raucb")).length;
    expect(octets).toBeLessThan(90_000_000);
  });
});

const NO_CODE_FROM_TEXT = "--disallow-code-generation-from-strings";

/** Keys that everybody has, in a program. */
const KEYS_FOR_SELF_TESTS: Readonly<Record<string, string>> = {
  "usr/lib/aarch64-linux-gnu/libgnutls.so.30.40.3": "it signs with them to test itself",
};

/** Programs at fixed addresses. */
const NOT_POSITION_INDEPENDENT: Readonly<Record<string, string>> = {
  "usr/bin/busybox": "static, so that it runs in the initramfs, where no library is",
  "usr/bin/node": "as its makers build it; its heap and its libraries are still placed at random",
};

/** With its octets: the marker alone is in every program that reads keys. */
const PRIVATE_KEY =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n(?:[A-Za-z-]+: .*\r?\n|\r?\n)*[A-Za-z0-9+/=]{40}/;

function pathOf({ path }: ElfFile): string {
  return path;
}

function read(path: string): string {
  return readFileSync(join(tree, path), "utf8");
}

/** Without comments and empty lines. */
function lines(path: string): readonly string[] {
  return read(path)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** As systemd-sysctl would have it: files by their name, the last word counts. */
function sysctl(): ReadonlyMap<string, string> {
  const pattern = /^(etc|usr\/lib)\/sysctl\.d\/([^/]+\.conf)$/;
  const names = files
    .flatMap((path) => pattern.exec(path) ?? [])
    .filter((part) => part.endsWith(".conf") && part.includes("/"))
    .sort((a, b) => ((a.split("/").at(-1) ?? "") < (b.split("/").at(-1) ?? "") ? -1 : 1));
  return new Map(
    names.flatMap(lines).flatMap((line): [string, string][] => {
      const match = /^-?([\w./*-]+)\s*=\s*(.*)$/.exec(line);
      return match === null ? [] : [[(match[1] ?? "").replaceAll("/", "."), match[2] ?? ""]];
    }),
  );
}
