/** One thing in an archive. Everything is root's; the path has no slash at its start. */
export type TarEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly mode: number;
      readonly content: Uint8Array;
    };

/**
 * An archive as opkg's own builder makes it: `./` before every name, numbers for owners, in the order of the names, so that
 * the same entries give the same octets. Format: POSIX.1-1988 (ustar), which busybox, GNU tar and opkg read.
 *
 * @param epochSeconds the time of every entry
 */
export function tar(entries: readonly TarEntry[], epochSeconds: number): Buffer {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const [index, { path }] of sorted.entries()) {
    if (sorted[index + 1]?.path === path) throw new Error(`invariant: ${path} is there once`);
  }
  const parts = sorted.flatMap((entry) => {
    const content = entry.kind === "file" ? entry.content : new Uint8Array(0);
    const padding = new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [header(entry, content.length, epochSeconds), content, padding];
  });
  // Two empty blocks end it; GNU tar fills up to twenty, and some readers expect no less.
  const length = parts.reduce((sum, part) => sum + part.length, 2 * BLOCK);
  const end = new Uint8Array(2 * BLOCK + ((RECORD - (length % RECORD)) % RECORD));
  return Buffer.concat([...parts, end]);
}

/** The folders that the paths of these entries need, each once, 0755. */
export function withFolders(entries: readonly TarEntry[]): readonly TarEntry[] {
  const folders = new Map<string, TarEntry>();
  for (const { path } of entries) {
    const names = path.split("/").slice(0, -1);
    for (let length = 1; length <= names.length; length += 1) {
      const folder = names.slice(0, length).join("/");
      folders.set(folder, { kind: "directory", path: folder, mode: 0o755 });
    }
  }
  for (const { path, kind } of entries) if (kind === "directory") folders.delete(path);
  return [...folders.values(), ...entries];
}

function header(entry: TarEntry, size: number, epochSeconds: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const name = `./${entry.path}${entry.kind === "directory" ? "/" : ""}`;
  const { head, prefix } = splitName(name);
  const text = (value: string, at: number, bytes: number): void => {
    if (Buffer.byteLength(value) > bytes) throw new Error(`invariant: "${value}" fits`);
    block.write(value, at, "utf8");
  };
  const octal = (value: number, at: number, bytes: number): void => {
    text(`${value.toString(8).padStart(bytes - 1, "0")}\0`, at, bytes);
  };
  text(head, 0, 100);
  octal(entry.kind === "link" ? 0o777 : entry.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(epochSeconds, 136, 12);
  text("        ", 148, 8);
  text({ file: "0", link: "2", directory: "5" }[entry.kind], 156, 1);
  if (entry.kind === "link") text(entry.target, 157, 100);
  text("ustar\0", 257, 6);
  text("00", 263, 2);
  octal(0, 329, 8);
  octal(0, 337, 8);
  text(prefix, 345, 155);
  const sum = block.reduce((total, octet) => total + octet, 0);
  text(`${sum.toString(8).padStart(6, "0")}\0 `, 148, 8);
  return block;
}

/** A name of more than 100 octets is cut at a slash. */
function splitName(name: string): { readonly head: string; readonly prefix: string } {
  if (Buffer.byteLength(name) <= 100) return { head: name, prefix: "" };
  for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) {
    const head = name.slice(at + 1);
    const prefix = name.slice(0, at);
    if (head !== "" && Buffer.byteLength(head) <= 100 && Buffer.byteLength(prefix) <= 155) {
      return { head, prefix };
    }
  }
  throw new Error(`invariant: ${name} fits a ustar header`);
}

const BLOCK = 512;
const RECORD = 20 * BLOCK;
