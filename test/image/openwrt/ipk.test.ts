import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { writeBusFiles } from "../../../packages/tools/image/src/bus-files.ts";
import { makeIpk } from "../../../packages/tools/image/src/openwrt/ipk.ts";
import {
  BOARD_FILES,
  CONFLICTS,
  DEPENDS,
  entriesOf,
  USERS,
} from "../../../packages/tools/image/src/openwrt/package.ts";
import { type TarEntry, tar, withFolders } from "../../../packages/tools/image/src/openwrt/tar.ts";

/** What we write is read back by GNU tar, which OpenWrt's own builder uses, and by busybox' tar. */
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "passerelle-ipk-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const run = (program: string, words: readonly string[], cwd: string): string =>
  execFileSync(program, words, { cwd, encoding: "utf8", env: { ...process.env, TZ: "UTC" } });

const long = `${"a".repeat(60)}/${"b".repeat(60)}/${"c".repeat(60)}.js`;
const ENTRIES: readonly TarEntry[] = [
  { kind: "file", path: "etc/init.d/x", mode: 0o755, content: Buffer.from("#!/bin/sh\n") },
  { kind: "file", path: long, mode: 0o644, content: Buffer.alloc(70_000, 7) },
  { kind: "file", path: "empty", mode: 0o600, content: Buffer.alloc(0) },
  { kind: "link", path: "etc/alias", target: "init.d/x" },
];

describe("the archive", () => {
  test.each([
    ["tar", ["-tvf"], "drwxr-xr-x 0/0"],
    ["busybox", ["tar", "-tvf"], "drwxr-xr-x 0/0"],
  ])("is what %s reads", (program, words, first) => {
    const at = folder();
    writeFileSync(join(at, "a.tar"), tar(withFolders(ENTRIES), 1_700_000_000));
    const listed = run(program, [...words, "a.tar"], at).replaceAll(/ +/g, " ");
    expect(listed).toContain(first);
    expect(listed).toContain(`./${long}\n`);
    expect(listed).toMatch(/-rwxr-xr-x 0\/0 10 2023-11-14 22:13(:20)? \.\/etc\/init\.d\/x\n/);
    expect(listed).toMatch(/\.\/etc\/alias -> init\.d\/x\n/);
    expect(listed).toMatch(/-rw------- 0\/0 0 .*\.\/empty\n/);
  });

  test("comes back octet by octet", () => {
    const at = folder();
    writeFileSync(join(at, "a.tar"), tar(withFolders(ENTRIES), 0));
    run("tar", ["-xf", "a.tar"], at);
    expect(readFileSync(join(at, long))).toEqual(Buffer.alloc(70_000, 7));
    expect(readFileSync(join(at, "etc/alias"), "utf8")).toBe("#!/bin/sh\n");
  });

  test("the order of the entries makes no difference, and a name twice is a mistake", () => {
    expect(tar([...ENTRIES].reverse(), 5)).toEqual(tar(ENTRIES, 5));
    expect(() => tar([...ENTRIES, ...ENTRIES.slice(0, 1)], 5)).toThrow(/there once/);
  });

  test("a name that no header holds is refused, not cut", () => {
    const path = "x".repeat(120);
    expect(() => tar([{ kind: "file", path, mode: 0o644, content: Buffer.alloc(0) }], 0)).toThrow(
      /fits/,
    );
  });
});

describe("the package", () => {
  const build = () =>
    makeIpk({
      control: {
        name: "passerelle",
        version: "0.1.0-r1",
        depends: DEPENDS,
        conflicts: CONFLICTS,
        users: USERS,
        architecture: "aarch64_generic",
        licence: "Apache-2.0",
        description: ["Summary.", "More."],
        epochSeconds: 1_700_000_000,
      },
      files: ENTRIES,
      scripts: { "prerm-pkg": "return 0\n" },
      conffiles: ["/etc/config/passerelle"],
    });

  test("has the three parts of opkg's format, and the fields that opkg and the users' script read", () => {
    const at = folder();
    writeFileSync(join(at, "p.ipk"), build());
    run("tar", ["-xzf", "p.ipk"], at);
    expect(readFileSync(join(at, "debian-binary"), "utf8")).toBe("2.0\n");
    expect(run("tar", ["-tzf", "data.tar.gz"], at)).toContain("./etc/init.d/x\n");
    run("tar", ["-xzf", "control.tar.gz"], at);
    const control = readFileSync(join(at, "control"), "utf8");
    expect(control).toContain(
      "Package: passerelle\nVersion: 0.1.0-r1\nDepends: node (>= 24.7), mosquitto-nossl,",
    );
    expect(control).toContain("\nArchitecture: aarch64_generic\n");
    expect(control).toMatch(
      /\nRequire-User: passerelle-config=701:passerelle-config=701 passerelle-system=702:/,
    );
    expect(control).toMatch(/\nDescription: Summary\.\n More\.\n$/);
    expect(run("stat", ["-c", "%a", "prerm", "prerm-pkg", "postinst", "control"], at)).toBe(
      "755\n755\n755\n644\n",
    );
    for (const script of ["prerm", "postinst", "prerm-pkg"])
      run("busybox", ["sh", "-n", script], at);
    // OpenWrt's own part first: it makes the users, and reads ours from the file beside it.
    expect(readFileSync(join(at, "postinst"), "utf8")).toContain('default_postinst "$0" "$@"');
    expect(readFileSync(join(at, "prerm"), "utf8")).toContain('default_prerm "$0" "$@"');
  });

  test("the same inputs give the same octets", () => {
    expect(build()).toEqual(build());
  });
});

describe("what is in it", () => {
  const files = entriesOf(join(BOARD_FILES, "files"), "");

  test("start scripts and commands can be started, nothing else can", () => {
    const programs = files
      .filter((one) => one.kind === "file" && one.mode === 0o755)
      .map(({ path }) => path);
    expect(programs.toSorted()).toEqual(
      [
        ...["bus", "config", "firewall", "keeper", "lan", "system", "wan", "web"].map(
          (name) => `etc/init.d/passerelle-${name}`,
        ),
        "etc/uci-defaults/90-passerelle",
        "usr/bin/passerelle",
        "usr/lib/passerelle/openwrt/keeper",
        "usr/sbin/passerelle-handover",
      ].toSorted(),
    );
  });

  test("every script is one for the shell of OpenWrt", () => {
    const at = folder();
    const scripts = [...files, ...entriesOf(join(BOARD_FILES, "chroot"), "")].filter(
      (one) =>
        one.kind === "file" &&
        /^#!\/bin\/sh|shellcheck shell/.test(Buffer.from(one.content).toString("utf8")),
    );
    expect(scripts.length).toBeGreaterThan(14);
    for (const one of scripts) {
      if (one.kind !== "file") continue;
      writeFileSync(join(at, "script"), one.content);
      run("busybox", ["sh", "-n", "script"], at);
    }
  });

  test("users have the numbers they have on the board", () => {
    const board = readFileSync(
      join(BOARD_FILES, "../../rootfs/usr/lib/sysusers.d/passerelle.conf"),
      "utf8",
    );
    for (const { name, id } of USERS) expect(board).toMatch(new RegExp(`^u +${name} +${id} `, "m"));
  });

  test("the feed's Makefile says the same as the package made here", () => {
    const makefile = readFileSync(join(BOARD_FILES, "feed/net/passerelle/Makefile"), "utf8");
    const value = (name: string): string =>
      new RegExp(`^ *${name}:=(.*)$`, "m").exec(makefile)?.[1] ?? "";
    const depends = value("DEPENDS")
      .split(" ")
      .filter((word) => word.startsWith("+"));
    expect(depends).toEqual(DEPENDS.map((one) => `+${one.replace(/ .*/, "")}`));
    expect(DEPENDS).toContain("node (>= 24.7)");
    expect(value("EXTRA_DEPENDS")).toBe("node (>=24.7)");
    expect(value("CONFLICTS").split(" ")).toEqual(CONFLICTS);
    expect(value("USERID")).toBe(
      USERS.map(({ name, id }) => `${name}=${id}:${name}=${id}`).join(" "),
    );
    const version = JSON.parse(readFileSync(join(BOARD_FILES, "../../package.json"), "utf8")) as {
      version: string;
    };
    expect(value("PKG_VERSION")).toBe(version.version);
    for (const word of ["passerelle-handover give-back", "passerelle-handover take"]) {
      expect(makefile).toContain(word);
    }
    // make's own $ is doubled in what becomes a script.
    expect(makefile).toMatch(/\$\$\{PKG_UPGRADE\}" != 1/);
  });

  test("each client's socket is in a directory of its own", () => {
    const made = folder();
    writeBusFiles(made, { lies: "/usr/lib/passerelle/bus", runtime: "/var/run/passerelle" });
    const text = readFileSync(join(made, "mosquitto.conf"), "utf8");
    const listeners = text.match(/^listener .*/gm) ?? [];
    expect(listeners.length).toBeGreaterThan(9);
    for (const line of listeners)
      expect(line).toMatch(/^listener 0 \/var\/run\/passerelle\/bus\/([a-z]+)\/\1\.sock$/);
    expect(text).toContain("\nacl_file /usr/lib/passerelle/bus/lan.acl\n");
    expect(text).not.toContain(made);
  });
});
