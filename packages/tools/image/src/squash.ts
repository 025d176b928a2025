import { rmSync } from "node:fs";
import { run } from "./run.ts";

/** The root file system as one file: every file root's, every time the release's, the order that of the names. */
export function makeSquashfs(tree: string, file: string, epochSeconds: number): void {
  rmSync(file, { force: true });
  run(
    [
      ...(["mksquashfs", tree, file, "-comp", "zstd", "-Xcompression-level", "19", "-b", "1M"] as const),
      ...["-all-root", "-no-xattrs", "-noappend", "-no-progress", "-quiet", "-reproducible"],
    ],
    { env: { SOURCE_DATE_EPOCH: `${epochSeconds}` } },
  );
}
