import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Kilobytes (1 000 octets) of JavaScript and style sheets after gzip. */
const HOME_MAX = 60;
const ALL_MAX = 150;
const ICONS_MAX = 12;

interface Chunk {
  readonly file: string;
  readonly src?: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}

/**
 * Fails where the built page is heavier than a phone in the house should have to carry. Home is: the document's script and
 * style, Home's own, all they import, and the words of one language, the longer.
 */
const dist = join(import.meta.dirname, "dist");
const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8")) as Readonly<
  Record<string, Chunk>
>;
const words = ["src/words/en.ts", "src/words/fr.ts"].map((entry) => [...filesOf([entry])]);
const longer = words.sort((a, b) => weigh(b) - weigh(a))[0] ?? [];
const home = new Set([...filesOf(["index.html", "src/pages/home/home.tsx"]), ...longer]);
const all = new Set(Object.keys(manifest).flatMap((key) => [...filesOf([key])]));
const icons = Object.values(manifest).find(({ src }) => src === "src/icons.svg")?.file;
if (icons === undefined) throw new Error("the sprite of icons is not in the manifest");

const rows = [
  ["home", weigh(home), HOME_MAX],
  ["all", weigh(all), ALL_MAX],
  ["icons (raw)", readFileSync(join(dist, icons)).length / 1000, ICONS_MAX],
] as const;
for (const [name, weight, max] of rows) {
  const verdict = weight <= max ? "" : "  OVER";
  process.stdout.write(`ui: ${name} ${weight.toFixed(1)} kB of ${max}${verdict}\n`);
  if (!(weight <= max)) process.exitCode = 1;
}

function filesOf(keys: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const files = new Set<string>();
  const visit = (key: string): void => {
    if (seen.has(key)) return;
    seen.add(key);
    const chunk = manifest[key];
    if (chunk === undefined) throw new Error(`${key} is not in the manifest`);
    for (const file of [chunk.file, ...(chunk.css ?? [])]) {
      if (/\.(js|css)$/.test(file)) files.add(file);
    }
    for (const next of chunk.imports ?? []) visit(next);
  };
  for (const key of keys) visit(key);
  return files;
}

function weigh(files: Iterable<string>): number {
  let octets = 0;
  for (const file of files) {
    octets += gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
  }
  return octets / 1000;
}
