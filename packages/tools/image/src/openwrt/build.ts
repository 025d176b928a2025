import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pageFolder } from "../page.ts";
import { ROOT } from "../paths.ts";
import { type Release, releaseOf, releaseText } from "../release.ts";
import { muslApp } from "./app.ts";
import { gzip, makeIpk } from "./ipk.ts";
import {
  ARCHITECTURES,
  BOARD_FILES,
  CONFFILES,
  CONFLICTS,
  DEPENDS,
  entriesOf,
  USERS,
} from "./package.ts";
import { makeRootfs } from "./rootfs.ts";
import { type TarEntry, tar, withFolders } from "./tar.ts";

/**
 * Everything for OpenWrt into build/openwrt: a package for opkg a kind of processor, the same files as the source of the feed's
 * Makefile (from which OpenWrt's SDK makes .ipk or .apk), and the root file system tarball.
 */
export async function buildOpenwrt(): Promise<void> {
  const out = process.env.PASSERELLE_OPENWRT_DIR ?? join(ROOT, "build/openwrt");
  const work = join(out, "work");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const release = releaseOf("openwrt");
  const app = join(work, "app");
  await muslApp(app, "/var/run/passerelle");
  const files = packageFiles(app, release);
  const scripts = {
    "postinst-pkg": readFileSync(join(BOARD_FILES, "control/postinst-pkg"), "utf8"),
    "prerm-pkg": readFileSync(join(BOARD_FILES, "control/prerm-pkg"), "utf8"),
  };
  const made: string[] = [];
  const write = (name: string, octets: Uint8Array): void => {
    writeFileSync(join(out, name), octets);
    made.push(name);
  };
  for (const architecture of ARCHITECTURES) {
    write(
      `passerelle_${packageVersion(release)}_${architecture}.ipk`,
      makeIpk({
        control: { ...controlOf(release), architecture },
        files,
        scripts,
        conffiles: CONFFILES,
      }),
    );
  }
  write(`passerelle-openwrt-${release.version}.tar.gz`, sourceArchive(files, scripts, release));
  copyFileSync(join(BOARD_FILES, "feed/net/passerelle/Makefile"), join(out, "Makefile"));
  made.push("Makefile", basename(await makeRootfs(work, out, release)));
  for (const name of made) process.stdout.write(`build/openwrt/${name}\n`);
}

/** Everything below / on the router. */
function packageFiles(app: string, release: Release): readonly TarEntry[] {
  return [
    ...entriesOf(join(BOARD_FILES, "files"), ""),
    ...entriesOf(app, "usr/lib/passerelle/"),
    ...entriesOf(pageFolder(), "usr/share/passerelle/ui/"),
    {
      kind: "file",
      path: "usr/share/passerelle/release.json",
      mode: 0o644,
      content: Buffer.from(releaseText(release)),
    },
  ];
}

/** OpenWrt's form: the version of the program, then that of the package. */
function packageVersion({ version }: Release): string {
  return `${version}-r1`;
}

function controlOf(release: Release) {
  return {
    name: "passerelle",
    version: packageVersion(release),
    depends: DEPENDS,
    conflicts: CONFLICTS,
    users: USERS,
    licence: "Apache-2.0",
    description: [
      "The userland of a home gateway: line, DHCP, DNS, rules, page, command line.",
      "Installed it does nothing; passerelle-handover take hands LAN and WAN over to it, and give-back undoes that.",
    ],
    epochSeconds: release.epochSeconds,
  };
}

/** One folder, as the SDK wants it: files/ is what is installed, control/ the scripts. */
function sourceArchive(
  files: readonly TarEntry[],
  scripts: Readonly<Record<string, string>>,
  { version, epochSeconds }: Release,
): Buffer {
  const top = `passerelle-${version}`;
  const entries = [
    ...files.map((entry) => ({ ...entry, path: `${top}/files/${entry.path}` })),
    ...Object.entries(scripts).map(
      ([name, text]): TarEntry => ({
        kind: "file",
        path: `${top}/control/${name}`,
        mode: 0o644,
        content: Buffer.from(text),
      }),
    ),
  ];
  return gzip(tar(withFolders(entries), epochSeconds));
}
