/** What an archive holds: the kernel makes it into the first root file system. All of it is root's. */
export type CpioEntry =
  | { readonly kind: "folder"; readonly path: string }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly bytes: Uint8Array;
      readonly mode: number;
    };

/**
 * A cpio archive in the "newc" format (Linux, Documentation/driver-api/early-userspace/buffer-format.rst). The same
 * entries give the same octets: no time, no owner, inode numbers in order.
 */
export function encodeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    requireParent(entry.path, seen);
    seen.add(entry.path);
    parts.push(...encodeEntry(entry, index + 1));
  }
  parts.push(...record({ path: "TRAILER!!!", inode: 0, mode: 0, links: 1 }, new Uint8Array(0)));
  return Buffer.concat(parts);
}

/** The kernel skips an entry whose folder is not there yet, without a word. */
function requireParent(path: string, seen: ReadonlySet<string>): void {
  if (path === "" || path.startsWith("/") || path.split("/").includes("..")) {
    throw new Error(`invariant: "${path}" is no path inside an archive`);
  }
  if (seen.has(path)) throw new Error(`invariant: "${path}" is twice in the archive`);
  const folder = path.split("/").slice(0, -1).join("/");
  if (folder !== "" && !seen.has(folder)) {
    throw new Error(`invariant: the folder of "${path}" is not before it`);
  }
}

function encodeEntry(entry: CpioEntry, inode: number): readonly Uint8Array[] {
  if (entry.kind === "folder") {
    const head = { path: entry.path, inode, mode: S_IFDIR | 0o755, links: 2 };
    return record(head, new Uint8Array(0));
  }
  if (!(entry.bytes.length <= FILE_BYTES_MAX))
    throw new Error(`invariant: ${entry.path} is too long`);
  const head = { path: entry.path, inode, mode: S_IFREG | (entry.mode & 0o777), links: 1 };
  return record(head, entry.bytes);
}

interface Head {
  readonly path: string;
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
}

function record(head: Head, data: Uint8Array): readonly Uint8Array[] {
  const name = Buffer.from(`${head.path}\0`);
  const fields = [
    head.inode,
    head.mode,
    0, // uid
    0, // gid
    head.links,
    0, // mtime
    data.length,
    0, // device, major and minor
    0,
    0, // device of a device node, major and minor
    0,
    name.length,
    0, // check: only of the "crc" format
  ];
  const text = MAGIC + fields.map((field) => field.toString(16).padStart(8, "0")).join("");
  return [Buffer.from(text), name, padding(text.length + name.length), data, padding(data.length)];
}

/** Name and data each end on a multiple of four octets. */
function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}

const MAGIC = "070701";
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const FILE_BYTES_MAX = 0xffff_ffff;
