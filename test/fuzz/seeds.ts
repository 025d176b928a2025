import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "@passerelle/bytes";

/** Every golden capture of a package: hexadecimal with `#` comments. Throws where there is none. */
export function goldens(packagePath: string): readonly Uint8Array[] {
  const folder = join(import.meta.dirname, "../../packages", packagePath, "test/golden");
  const seeds = readdirSync(folder)
    .filter((name) => name.endsWith(".hex"))
    .map((name) => hexFile(join(folder, name)));
  if (seeds.length === 0) throw new Error(`no golden in ${packagePath}`);
  return seeds;
}

/** Every fixture of a package, as it is. Throws where there is none. */
export function fixtures(packagePath: string): readonly Uint8Array[] {
  const folder = join(import.meta.dirname, "../../packages", packagePath, "test/fixtures");
  const seeds = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".md"))
    .map((entry) => new Uint8Array(readFileSync(join(folder, entry.name))));
  if (seeds.length === 0) throw new Error(`no fixture in ${packagePath}`);
  return seeds;
}

function hexFile(path: string): Uint8Array {
  const text = readFileSync(path, "utf8").replace(/#.*$/gm, "");
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`${path} is not hexadecimal`);
  return bytes;
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
