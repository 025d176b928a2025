import { gzipSync } from "node:zlib";
import { type TarEntry, tar, withFolders } from "./tar.ts";

/** What a package says of itself, in the words of opkg's control file. */
export interface Control {
  readonly name: string;
  readonly version: string;
  /** "name" or "name (>= version)". */
  readonly depends: readonly string[];
  readonly conflicts: readonly string[];
  /** User and number, which is its group's as well. OpenWrt's own script makes them. */
  readonly users: readonly { readonly name: string; readonly id: number }[];
  readonly architecture: string;
  readonly licence: string;
  /** The first line is the summary. */
  readonly description: readonly string[];
  readonly epochSeconds: number;
}

export interface Ipk {
  readonly control: Control;
  readonly files: readonly TarEntry[];
  /** Name in the control archive → text: postinst-pkg, prerm-pkg. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Files that an upgrade must not overwrite where a person changed them. */
  readonly conffiles: readonly string[];
}

/**
 * A package for opkg (OpenWrt up to 24.10): a gzipped tar of debian-binary, data.tar.gz and control.tar.gz. It is Debian's
 * format but for the outer archive, which is ar there.
 */
export function makeIpk({ control, files, scripts, conffiles }: Ipk): Buffer {
  const data = tar(withFolders(files), control.epochSeconds);
  const inner = (path: string, content: Uint8Array | string, mode = 0o644): TarEntry => ({
    kind: "file",
    path,
    mode,
    content: Buffer.from(content),
  });
  const controlFiles = [
    inner("control", controlText(control, data.length)),
    inner("postinst", script("default_postinst", ['[ "$IPKG_NO_SCRIPT" = 1 ] && exit 0'])),
    inner("prerm", script("default_prerm", [])),
    inner("conffiles", `${conffiles.join("\n")}\n`),
    ...Object.entries(scripts).map(([name, text]) => inner(name, `#!/bin/sh\n${text}`)),
  ].map((entry) => (/^(control|conffiles)$/.test(entry.path) ? entry : { ...entry, mode: 0o755 }));
  const outer = [
    inner("debian-binary", "2.0\n"),
    inner("control.tar.gz", gzip(tar(controlFiles, control.epochSeconds))),
    inner("data.tar.gz", gzip(data)),
  ];
  return gzip(tar(outer, control.epochSeconds));
}

/** No name and no time in its head; what "made by" it says is Node's, so the same on every machine of the pin. */
export function gzip(bytes: Uint8Array): Buffer {
  return gzipSync(bytes, { level: 9 });
}

/** What each package of OpenWrt has as its script: the system's library does the common part, and ours after it. */
function script(common: string, first: readonly string[]): string {
  return [
    "#!/bin/sh",
    ...first,
    `[ -s "$\{IPKG_INSTROOT}/lib/functions.sh" ] || exit 0`,
    `. "$\{IPKG_INSTROOT}/lib/functions.sh"`,
    `${common} "$0" "$@"`,
    "",
  ].join("\n");
}

function controlText(control: Control, installedBytes: number): string {
  const [summary = "", ...more] = control.description;
  const users = control.users.map(({ name, id }) => `${name}=${id}:${name}=${id}`).join(" ");
  const fields: readonly (readonly [string, string])[] = [
    ["Package", control.name],
    ["Version", control.version],
    ["Depends", control.depends.join(", ")],
    ["Conflicts", control.conflicts.join(", ")],
    ["License", control.licence],
    ["Section", "net"],
    ["Require-User", users],
    ["SourceDateEpoch", `${control.epochSeconds}`],
    ["Architecture", control.architecture],
    ["Installed-Size", `${installedBytes}`],
    ["Description", [summary, ...more].join("\n ")],
  ];
  const lines = fields
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `${key}: ${value}`);
  return `${lines.join("\n")}\n`;
}
