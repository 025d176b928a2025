import { createRequire } from "node:module";
import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { ROOT } from "./paths.ts";

/**
 * Programs of this checkout as they run from this checkout, each in a few files without types, for a machine where to
 * find, read and translate hundreds of sources takes far longer than to run them. `sources` are whole paths; what
 * becomes of a.ts is a.mjs in the folder.
 */
export async function bundlePrograms(folder: string, sources: readonly string[]): Promise<void> {
  const build = await rolldown({
    input: Object.fromEntries(sources.map((path) => [basename(path, ".ts"), path])),
    cwd: ROOT,
    platform: "node",
    // A program that was bundled bundles nothing.
    external: [SQLITE, "rolldown"],
    plugins: [keepPlaces(), sqliteWhereItIs()],
  });
  await build.write({
    ...{ dir: folder, format: "esm" as const },
    // No package.json need say what they are.
    ...{ entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
  });
  await build.close();
}

/** A module still finds what lies beside its source. */
function keepPlaces() {
  return {
    name: "keep-places",
    transform(code: string, id: string): string | undefined {
      if (!id.startsWith(ROOT) || !code.includes(META)) return undefined;
      const places = { dirname: dirname(id), filename: id, url: pathToFileURL(id).href };
      return Object.entries(places).reduce(
        (text, [key, value]) => text.replaceAll(`${META}${key}`, JSON.stringify(value)),
        code,
      );
    },
  };
}

/** In two halves, or this very file would be changed, too. */
const META = ["import", "meta", ""].join(".");

/** It loads an addon that it looks for beside itself. */
function sqliteWhereItIs() {
  return {
    name: "sqlite-where-it-is",
    resolveId(id: string) {
      return id === "better-sqlite3" ? { id: SQLITE, external: true } : undefined;
    },
  };
}

const SQLITE = createRequire(import.meta.url).resolve("better-sqlite3");
