import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { busyboxApplets, withoutPasswords } from "../src/finish.ts";
import { dependenciesOf, moduleName } from "../src/modules.ts";
import { droppedBy, PRUNE_RULES, prune } from "../src/prune.ts";
import { largestFolders } from "../src/size.ts";
import { layOver } from "../src/tree.ts";
import { walkTree } from "../src/walk.ts";
import { plantTree } from "./support.ts";

describe("what is pruned", () => {
  it.each([
    "usr/share/doc/dbus/copyright",
    "usr/share/man/man8/nft.8.gz",
    "usr/lib/aarch64-linux-gnu/gconv/UTF-16.so",
    "usr/lib/aarch64-linux-gnu/libss.so.2.0",
    "boot/vmlinuz-6.12",
    "etc/init.d/dbus",
    "usr/lib/systemd/systemd-logind",
    "usr/lib/systemd/system/dbus-org.freedesktop.login1.service",
    "usr/share/dbus-1/system.d/org.freedesktop.network1.conf",
    "usr/share/dbus-1/system.d/systemd-localed-read-only.conf",
    "usr/share/dbus-1/system-services/org.freedesktop.timedate1.service",
  ])("goes: %s", (path) => {
    expect(droppedBy(path)).toBeDefined();
  });

  it.each([
    "usr/bin/node",
    "usr/bin/systemctl",
    "usr/bin/systemd-sysusers",
    "usr/bin/systemd-tmpfiles",
    "usr/lib/aarch64-linux-gnu/libssl.so.3",
    "usr/lib/aarch64-linux-gnu/libnss_files.so.2",
    "usr/lib/aarch64-linux-gnu/libkmod.so.2.5.1",
    "usr/lib/systemd/systemd-udevd",
    "usr/lib/systemd/systemd-executor",
    "usr/lib/systemd/system/dbus.socket",
    "usr/share/dbus-1/system.conf",
    "usr/share/dbus-1/system.d/de.pengutronix.rauc.conf",
    "usr/share/dbus-1/system.d/org.freedesktop.systemd1.conf",
    "usr/share/dbus-1/system-services/de.pengutronix.rauc.service",
    "usr/lib/locale/C.utf8/LC_CTYPE",
    "usr/share/passerelle/licences.txt",
    "etc/chrony/chrony.conf",
    "etc/network-of-ours",
  ])("stays: %s", (path) => {
    expect(droppedBy(path)).toBeUndefined();
  });

  it("leaves no empty folder of its own behind, and follows no link", () => {
    const outside = plantTree({ "usr/share/doc/a": "kept" });
    const tree = plantTree({
      "usr/share/doc/dbus/copyright": "x",
      "usr/share/doc/other": `-> ${outside}/usr/share/doc`,
      "usr/bin/node": "node",
      "etc/network/if-up.d/chrony": "x",
      "boot/vmlinuz": "12345",
    });
    mkdirSync(join(tree, "usr/empty"));
    expect(prune(tree)).toBeGreaterThanOrEqual(6);
    expect(existsSync(join(tree, "usr/share"))).toBe(false);
    expect(existsSync(join(tree, "etc"))).toBe(false);
    expect(existsSync(join(tree, "usr/empty"))).toBe(true);
    expect(existsSync(join(tree, "usr/bin/node"))).toBe(true);
    expect(existsSync(join(outside, "usr/share/doc/a"))).toBe(true);
  });

  it("has a reason", () => {
    expect(PRUNE_RULES.filter(({ why }) => why.length < 4)).toEqual([]);
  });
});

it("a tree is walked in order and no link is followed out of it", () => {
  const tree = plantTree({ "b/file": "x", "a/link": "-> /etc", "a/z": "" });
  expect(walkTree(tree)).toEqual([
    { path: "a", kind: "folder" },
    { path: "a/link", kind: "link" },
    { path: "a/z", kind: "file" },
    { path: "b", kind: "folder" },
    { path: "b/file", kind: "file" },
  ]);
});

it("the largest folders come first", () => {
  const tree = plantTree({ "small/a": "x", "large/b": "x".repeat(200_000), "large/deep/c": "y" });
  expect(largestFolders(tree, 1)).toBe("    0.2 MB  /large");
});

it("the overlay replaces files and links, and leaves its page at home", () => {
  const overlay = plantTree({ "README.md": "x", "etc/hostname": "box\n", "etc/l": "-> /dev/null" });
  const tree = plantTree({ "etc/hostname": "debian\n", "etc/l": "text" });
  layOver(overlay, tree);
  expect(walkTree(tree).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
    "folder etc",
    "file etc/hostname",
    "link etc/l",
  ]);
});

describe("a kernel module", () => {
  it("has one name, however its file is written", () => {
    for (const path of ["a/virtio-rng.ko.xz", "virtio_rng.ko", "virtio-rng"]) {
      expect(moduleName(path)).toBe("virtio_rng");
    }
  });

  it("names what it needs", () => {
    const info = "license=GPL\0depends=nf_tables,nf-conntrack\0name=nft_ct\0";
    expect(dependenciesOf(Buffer.from(`\x7fELF\0${info}`))).toEqual(["nf_tables", "nf_conntrack"]);
    expect(dependenciesOf(Buffer.from("\0depends=\0name=loop\0"))).toEqual([]);
  });
});

it("a busybox says what it can be called", () => {
  const program = Buffer.from("\x7fELF\0 [\0[[\0acpid\0awk\0zcat\0\0more\0");
  expect([...busyboxApplets(program)]).toEqual(["[", "[[", "acpid", "awk", "zcat"]);
  expect(busyboxApplets(Buffer.from("no table")).size).toBe(0);
});

it("no line of shadow keeps a password", () => {
  const shadow = "root::20000::::::\nnode:$y$j9T$abc:20000::::::\nx:!*:1::::::\n";
  expect(withoutPasswords(shadow)).toBe("root:!*:20000::::::\nnode:!*:20000::::::\nx:!*:1::::::\n");
});
