import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { makeSlot } from "../../packages/tools/image/src/assemble.ts";
import { developmentSigning, makeBundle, signingOf } from "../../packages/tools/image/src/rauc.ts";
import { BOARD, built, must } from "./built.ts";

/**
 * What a release can be like. The first six are signed and installable; the last four are refused before a slot is
 * touched (an older one is "good" with an older version).
 */
export type BundleKind =
  | "good"
  | "dead_daemon"
  | "kernel_panic"
  | "broken_web"
  | "broken_kernel"
  | "silent"
  | "altered"
  | "truncated"
  | "wrong_key"
  | "wrong_board";

/**
 * A release made of the one that was built, in seconds: its files are linked, what differs is replaced, and the root
 * file system is packed in haste. `work` is a folder on the disk of the build.
 */
export function makeReleaseBundle(options: {
  readonly kind: BundleKind;
  readonly version: string;
  readonly work: string;
  /** Something else in the place of a system, for a bundle that is refused before anybody looks. */
  readonly slot?: string;
}): string {
  const { kind, version, work } = options;
  const bundle = join(work, `${kind}-${version}.raucb`);
  const signing =
    kind === "wrong_key" ? developmentSigning(join(work, "other-keys")) : signingOf(process.env);
  makeBundle({
    bundle,
    slot: options.slot ?? makeReleaseSlot(options),
    board: kind === "wrong_board" ? "another-board" : BOARD,
    version,
    builtAt: "2026-01-01T00:00:00.000Z",
    signing,
    work: join(work, kind),
  });
  if (kind === "altered") alterOneOctet(bundle);
  if (kind === "truncated") truncateSync(bundle, Math.floor(readFileSync(bundle).length * 0.9));
  return bundle;
}

/** The slot of such a release. */
export function makeReleaseSlot(options: {
  readonly kind: BundleKind;
  readonly version: string;
  readonly work: string;
}): string {
  const { kind, version } = options;
  const out = join(options.work, kind);
  const tree = join(out, "root");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  must(["cp", "--archive", "--link", built("work/root"), tree]);
  const release = { board: BOARD, version, builtAt: "2026-01-01T00:00:00.000Z" };
  replace(join(tree, "usr/share/passerelle/release.json"), `${JSON.stringify(release, null, 2)}\n`);
  const system = "etc/rauc/system.conf";
  const configuration = readFileSync(join(tree, system), "utf8");
  replace(
    join(tree, system),
    configuration.replace(/^min-bundle-version=.*$/m, `min-bundle-version=${version}`),
  );
  for (const [path, text] of Object.entries(CHANGES[kind] ?? {})) replace(join(tree, path), text);
  must([
    ...(["mksquashfs", tree, join(out, "rootfs.squashfs"), "-comp", "zstd"] as const),
    ...[
      "-Xcompression-level",
      "1",
      "-all-root",
      "-no-xattrs",
      "-noappend",
      "-no-progress",
      "-quiet",
    ],
  ]);
  rmSync(tree, { recursive: true });
  for (const name of ["vmlinuz", "initramfs"]) linkSync(built(name), join(out, name));
  makeSlot({ out, work: out }, SLOT_MIB);
  if (kind === "broken_kernel") breakKernel(join(out, "slot.ext4"), out);
  return join(out, "slot.ext4");
}

/** Files that make a release what it is. */
const CHANGES: Partial<Readonly<Record<BundleKind, Readonly<Record<string, string>>>>> = {
  // Dies as often as it is started.
  dead_daemon: dropIn("lan", "ExecStart=/bin/false"),
  // Lives, says that it is ready, and answers nobody.
  broken_web: dropIn("web", "Type=exec\nWatchdogSec=0\nExecStart=/bin/busybox sleep 1000000"),
  // No daemon at all is there to notice.
  silent: dropIn("system", "Type=exec\nWatchdogSec=0\nExecStart=/bin/busybox sleep 1000000"),
  kernel_panic: {
    "etc/systemd/system/sysinit.target.d/panic.conf": "[Unit]\nWants=panic.service\n",
    "etc/systemd/system/panic.service": [
      "[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot",
      'ExecStart=/bin/busybox sh -c "echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger"\n',
    ].join("\n"),
  },
};

function dropIn(daemon: string, lines: string): Readonly<Record<string, string>> {
  const path = `etc/systemd/system/passerelle@${daemon}.service.d/zz-broken.conf`;
  return { [path]: `[Service]\nExecStart=\n${lines}\n` };
}

/** As a flash with a bad block has it: the file is there, and one octet is another one. */
function breakKernel(slot: string, work: string): void {
  const kernel = join(work, "vmlinuz.broken");
  copyFileSync(built("vmlinuz"), kernel);
  alterOneOctet(kernel);
  must(["debugfs", "-w", "-R", "rm /vmlinuz", slot]);
  must(["debugfs", "-w", "-R", `write ${kernel} vmlinuz`, slot]);
}

/** In the middle: past every header. */
function alterOneOctet(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** The file is a link to the one that was built: it is left, not written. */
function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    unlinkSync(path);
  } catch {
    // It is a new one.
  }
  writeFileSync(path, text);
}

const SLOT_MIB = 256;
