import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { BuildError } from "./fail.ts";
import { messageBusProblems } from "./message-bus.ts";
import type { Release } from "./release.ts";
import { run } from "./run.ts";

/** Where something is mounted or linked on a root that can't be written. */
const MOUNT_POINTS = [
  "boot",
  "data",
  "dev",
  "proc",
  "run",
  "sys",
  "tmp",
  "var",
  "var/lib",
  "var/tmp",
  "mnt",
];

/** What the maintainer scripts would have done, and what a root that is read-only must have from the start. */
export function finishTree(tree: string, release: Release): void {
  for (const path of MOUNT_POINTS) mkdirSync(join(tree, path), { recursive: true });
  for (const path of ["tmp", "var/tmp"]) chmodSync(join(tree, path), 0o1777);
  link(tree, "var/run", "../run");
  link(tree, "var/lock", "../run/lock");
  link(tree, "etc/mtab", "../proc/self/mounts");
  link(tree, "etc/os-release", "../usr/lib/os-release");
  write(tree, "usr/lib/os-release", osRelease(release));
  // Empty: systemd takes it over with the one of the data partition. "uninitialized" would mean a first boot each time.
  writeIfMissing(tree, "etc/machine-id", "");
  writeIfMissing(tree, "etc/hostname", "passerelle\n");
  writeIfMissing(
    tree,
    "etc/hosts",
    "127.0.0.1 localhost\n127.0.1.1 passerelle\n::1 localhost ip6-localhost\n",
  );
  // The box asks its own DNS, which knows the upstream resolvers.
  writeIfMissing(tree, "etc/resolv.conf", "nameserver 127.0.0.1\noptions edns0 trust-ad\n");
  writeIfMissing(
    tree,
    "etc/fstab",
    "# The initramfs mounts the slot and the data; systemd the rest.\n",
  );
  writeIfMissing(tree, "etc/shells", "/bin/sh\n");
  writeIfMissing(
    tree,
    "etc/nsswitch.conf",
    "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n",
  );
  for (const tool of ["mount", "umount"]) chmodSync(join(tree, "usr/bin", tool), 0o755);
  makeBusyboxLinks(tree);
  makeUsers(tree, release);
  enableUnits(tree);
  const problems = messageBusProblems(tree);
  if (problems.length > 0) throw new BuildError(`the message bus:\n${problems.join("\n")}`);
}

/** The tools of busybox that a unit, a handler or a person at the console has use for, where nothing else brings them. */
const BUSYBOX_TOOLS =
  "ash awk basename blockdev cat chgrp chmod chown clear cmp cp cut date dd df dirname dmesg du echo env expr false find " +
  "fold fstrim grep gunzip gzip head hexdump hostname hwclock id install kill killall less ln logger ls md5sum mkdir " +
  "mkfifo mknod mktemp more mv nc netstat nologin nproc od pidof ping ping6 printf ps pwd readlink realpath rm rmdir sed " +
  "seq sh sha256sum sleep sort stat stty sync tail tar tee test time timeout top touch tr traceroute traceroute6 true " +
  "tty uname uniq uptime vi wc wget which whoami xargs zcat";

function makeBusyboxLinks(tree: string): void {
  const applets = busyboxApplets(readFileSync(join(tree, "usr/bin/busybox")));
  for (const tool of BUSYBOX_TOOLS.split(" ")) {
    if (!applets.has(tool)) throw new BuildError(`this busybox has no ${tool}`);
    const isThere = ["usr/bin", "usr/sbin"].some((place) => exists(join(tree, place, tool)));
    if (!isThere) link(tree, `usr/bin/${tool}`, "busybox");
  }
  // Where systemd's units and passwd look for it.
  link(tree, "usr/sbin/nologin", "../bin/busybox");
}

/** What a busybox can be called: the table of names in it, which begins with `[` and `[[`. It can't be run here. */
export function busyboxApplets(program: Buffer): ReadonlySet<string> {
  const start = program.indexOf("[\0[[\0");
  const end = program.indexOf("\0\0", start);
  if (start < 0 || end < 0) return new Set();
  return new Set(program.toString("latin1", start, end).split("\0"));
}

/** By the machine's own systemd-sysusers, from what the packages and rootfs/ say. Nobody has a password, ever. */
function makeUsers(tree: string, release: Release): void {
  for (const file of ["passwd", "group", "shadow", "gshadow"]) {
    rmSync(join(tree, "etc", file), { force: true });
  }
  run(["systemd-sysusers", `--root=${tree}`], {
    env: { SOURCE_DATE_EPOCH: `${release.epochSeconds}` },
  });
  const shadow = join(tree, "etc/shadow");
  writeFileSync(shadow, withoutPasswords(readFileSync(shadow, "utf8")));
  const passwd = join(tree, "etc/passwd");
  writeFileSync(
    passwd,
    readFileSync(passwd, "utf8").replace(/^(root:.*:)\/bin\/bash$/m, "$1/bin/sh"),
  );
  for (const file of ["passwd-", "group-", "shadow-", "gshadow-", ".pwd.lock"]) {
    rmSync(join(tree, "etc", file), { force: true });
  }
  for (const file of ["shadow", "gshadow"]) chmodSync(join(tree, "etc", file), 0o600);
}

/** `!*`: no password opens it, and none has been set. */
export function withoutPasswords(shadow: string): string {
  return shadow.replace(/^([^:\n]+):[^:\n]*:/gm, "$1:!*:");
}

/** What rootfs/'s presets name is enabled, nothing else is: the last rule of them all says so. */
function enableUnits(tree: string): void {
  const presets = join(tree, "usr/lib/systemd/system-preset");
  mkdirSync(presets, { recursive: true });
  writeFileSync(join(presets, "99-disable.preset"), "disable *\n");
  run(["systemctl", `--root=${tree}`, "preset-all", "--preset-mode=enable-only"]);
  const link = join(tree, "etc/systemd/system/default.target");
  if (!exists(link)) symlinkSync("/usr/lib/systemd/system/multi-user.target", link);
}

function osRelease({ version, board }: Release): string {
  return [
    'NAME="Passerelle"',
    `VERSION="${version}"`,
    "ID=passerelle",
    "ID_LIKE=debian",
    `VERSION_ID="${version}"`,
    `PRETTY_NAME="Passerelle ${version}"`,
    `VARIANT_ID="${board}"`,
    "",
  ].join("\n");
}

function writeIfMissing(tree: string, path: string, text: string): void {
  if (!exists(join(tree, path))) write(tree, path, text);
}

function write(tree: string, path: string, text: string): void {
  rmSync(join(tree, path), { force: true });
  writeFileSync(join(tree, path), text);
}

function link(tree: string, path: string, target: string): void {
  const whole = join(tree, path);
  // A folder that a package left there empty gives way; one with something in it is a mistake, and says so.
  if (existsSync(whole) && lstatSync(whole).isDirectory() && readdirSync(whole).length === 0) {
    rmSync(whole, { recursive: true });
  }
  rmSync(whole, { force: true });
  symlinkSync(target, whole);
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
