import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { BuildError } from "../fail.ts";
import { fetchPackages } from "../fetch.ts";
import { checkLinks, elfFiles, libraryNames, unnamedLibraries } from "../judge.ts";
import { type LockedPackage, readLock } from "../lock.ts";
import { hostMirror } from "../mirror.ts";
import { fetchNode } from "../node.ts";
import { pageFolder } from "../page.ts";
import { CACHE } from "../paths.ts";
import { prune } from "../prune.ts";
import { type Release, releaseText } from "../release.ts";
import { run } from "../run.ts";
import { unpack } from "../tree.ts";
import { glibcApp } from "./app.ts";
import { BOARD_FILES, USERS } from "./package.ts";

/** Of the image's pinned packages: what daemons start, and what these need. Libraries nobody names go again. */
const PROGRAMS = new Set([
  "base-files",
  "busybox-static",
  "chrony",
  "mosquitto",
  "nftables",
  "openssl",
  "zlib1g",
]);
const LIBRARIES = /^(lib(?!c-|systemd-shared|pam|klibc|ubootenv)|gcc-)/;

/** For its one program that gives a process its user and capabilities; the image has systemd for it. */
const UTIL_LINUX: LockedPackage = {
  name: "util-linux",
  version: "2.41.5-0+deb13u1",
  architecture: "arm64",
  suite: "trixie",
  path: "pool/main/u/util-linux/util-linux_2.41.5-0+deb13u1_arm64.deb",
  sizeBytes: 1_199_468,
  sha256: "d427f83a08d46107e8f7d39f1522a8a316e785e45f04ad657d2ecb7570210d84",
  groups: [],
};

/** Programs of the packages above that a daemon starts; every other goes. */
const KEPT = /^usr\/s?bin\/(busybox|sh|chronyc|chronyd|mosquitto|nft|openssl|setpriv|node)$/;

/**
 * A glibc system in a folder, for a chroot on a router with storage: the image's packages without kernel and init, with our own
 * Node. `openwrt/` in it has what installs it. Returns the archive.
 */
export async function makeRootfs(work: string, out: string, release: Release): Promise<string> {
  const tree = join(work, "rootfs");
  const wanted = readLock().packages.filter(
    ({ name }) => PROGRAMS.has(name) || LIBRARIES.test(name),
  );
  const files = fetchPackages([...wanted, UTIL_LINUX], hostMirror, CACHE);
  unpack(wanted, files, tree);
  takeSetpriv(files, join(work, "util-linux"), tree);
  prune(tree);
  dropPrograms(tree);
  cpSync(fetchNode(CACHE).program, join(tree, "usr/bin/node"));
  await glibcApp(join(tree, "usr/lib/passerelle"), "/run/passerelle");
  const share = join(tree, "usr/share/passerelle");
  mkdirSync(share, { recursive: true });
  cpSync(pageFolder(), join(share, "ui"), { recursive: true });
  writeFileSync(join(share, "release.json"), releaseText(release));
  finish(tree);
  dropUnnamedLibraries(tree);
  checkLinks(elfFiles(tree), libraryNames(tree));
  installer(join(tree, "openwrt"));
  const archive = join(out, `passerelle-rootfs-${release.version}-arm64.tar.gz`);
  pack(tree, archive, release.epochSeconds);
  return archive;
}

function takeSetpriv(files: ReadonlyMap<string, string>, work: string, tree: string): void {
  unpack([UTIL_LINUX], files, work);
  copyFileSync(join(work, "usr/bin/setpriv"), join(tree, "usr/bin/setpriv"));
}

function dropPrograms(tree: string): void {
  for (const place of [
    "usr/bin",
    "usr/sbin",
    "usr/lib/systemd",
    "usr/libexec",
    "usr/lib/mosquitto",
  ]) {
    if (!existsSync(join(tree, place))) continue;
    for (const name of readdirSync(join(tree, place))) {
      if (!KEPT.test(`${place}/${name}`)) rmSync(join(tree, place, name), { recursive: true });
    }
  }
}

/** One library names another: as long as one goes, the next may be without anybody. */
function dropUnnamedLibraries(tree: string): void {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const unnamed = unnamedLibraries(elfFiles(tree)).filter((path) => !LOADED_BY_NAME.test(path));
    if (unnamed.length === 0) break;
    for (const path of unnamed) rmSync(join(tree, path));
  }
  const folder = join(tree, "usr/lib/aarch64-linux-gnu");
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isSymbolicLink() && !existsSync(path)) rmSync(path);
  }
}
const ROUNDS_MAX = 32;
/** The loader itself; openssl's providers are folders and stay. */
const LOADED_BY_NAME = /\/ld-linux-aarch64\.so\.1$|\/ossl-modules\/|\.node$/;

function finish(tree: string): void {
  for (const path of ["dev", "proc", "run", "sys", "tmp", "var/lib/passerelle", "etc/passerelle"]) {
    mkdirSync(join(tree, path), { recursive: true });
  }
  for (const [path, target] of [
    ["usr/bin/sh", "busybox"],
    ["var/run", "../run"],
  ] as const) {
    rmSync(join(tree, path), { force: true, recursive: true });
    symlinkSync(target, join(tree, path));
  }
  const users = [
    { name: "root", id: 0 },
    { name: "mosquitto", id: 700 },
    ...USERS,
    // chronyd becomes it (Debian's build).
    { name: "_chrony", id: 711 },
  ];
  const lines = (line: (user: { name: string; id: number }) => string): string =>
    `${users.map(line).join("\n")}\n`;
  const write = (name: string, text: string): void => writeFileSync(join(tree, "etc", name), text);
  write(
    "passwd",
    lines(({ name, id }) => `${name}:x:${id}:${id}::/:/bin/false`),
  );
  write(
    "group",
    lines(({ name, id }) => `${name}:x:${id}:`),
  );
  write("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
  write("hosts", "127.0.0.1 localhost\n::1 localhost\n");
  // The box asks its own DNS, which knows the upstream resolvers.
  write("resolv.conf", "nameserver 127.0.0.1\n");
}

/** What `install` copies to OpenWrt: the same handover as the package's, and the services of this folder. */
function installer(directory: string): void {
  const from = (path: string): string => join(BOARD_FILES, path);
  const to = (path: string): string => {
    const whole = join(directory, path);
    mkdirSync(join(whole, ".."), { recursive: true });
    return whole;
  };
  for (const path of [
    "etc/init.d/passerelle-keeper",
    "lib/upgrade/keep.d/passerelle",
    "usr/lib/passerelle/openwrt/absent.sh",
    "usr/lib/passerelle/openwrt/keeper",
    "usr/lib/passerelle/openwrt/sysctl.conf",
    "usr/sbin/passerelle-handover",
  ]) {
    copyFileSync(from(`files/${path}`), to(`files/${path}`));
  }
  copyFileSync(from("files/etc/config/passerelle"), to("config"));
  copyFileSync(from("chroot/services"), to("files/usr/lib/passerelle/openwrt/services"));
  copyFileSync(from("chroot/passerelle"), to("files/usr/bin/passerelle"));
  for (const path of ["etc/init.d/passerelle-rootfs"]) {
    copyFileSync(from(`chroot/${path}`), to(`files/${path}`));
  }
  for (const name of ["install", "uninstall"]) copyFileSync(from(`chroot/${name}`), to(name));
  run([
    ...(["chmod", "755", to("install"), to("uninstall"), to("files/usr/bin/passerelle")] as const),
    ...["files/usr/sbin/passerelle-handover", "files/usr/lib/passerelle/openwrt/keeper"].map(to),
    ...["keeper", "rootfs"].map((name) => to(`files/etc/init.d/passerelle-${name}`)),
  ]);
}

/** By GNU tar: the tree has links and modes of its own. Every file root's, every time the release's. */
function pack(tree: string, archive: string, epochSeconds: number): void {
  const plain = archive.replace(/\.gz$/, "");
  run([
    ...(["tar", "--create", "--file", plain, "--directory", tree, "--sort=name"] as const),
    ...[
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      `--mtime=@${epochSeconds}`,
      "--format=gnu",
      ".",
    ],
  ]);
  run(["gzip", "--no-name", "--force", plain]);
  if (!existsSync(archive)) throw new BuildError(`${basename(archive)} was not made`);
}
