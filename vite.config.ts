import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const root = join(import.meta.dirname, "packages/apps/ui");
const outDir = join(root, "dist");

/** The page of the box: files with hashed names, each with .br and .gz beside it, so that the box never compresses. */
export default defineConfig({
  root,
  // Nothing that is not imported is served.
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2022",
    // A data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: "manifest.json",
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What several pages share is one file: two dozen small ones are two dozen questions of a phone.
          groups: [
            {
              name: "shared",
              test: /\/(src\/(box|components|core|parts|shell)|node_modules\/(preact|@preact))\//,
              minShareCount: 2,
            },
          ],
        },
      },
    },
  },
  plugins: [compressed()],
});

/** Small texts only gain from compression above about a packet. */
const WORTH_IT = 256;

function compressed(): Plugin {
  let written = outDir;
  return {
    name: "compressed",
    apply: "build",
    configResolved(config) {
      written = resolve(root, config.build.outDir);
    },
    closeBundle() {
      for (const entry of readdirSync(written, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|svg|html|json)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const text = readFileSync(path);
        if (text.length < WORTH_IT) continue;
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
        writeFileSync(
          `${path}.br`,
          brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
        );
      }
    },
  };
}
