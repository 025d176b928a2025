import { rmSync } from "node:fs";
import { run } from "./run.ts";

/** The root file system as one file: every file root's, every time the release's, the order that of the names. */
export function makeSquashfs(tree: string, file: string, epochSeconds: number): void {
  rmSync(file, { force: true });
  const time = `${epochSeconds}`;
  run(
    [
      ...([
        "mksquashfs",
        tree,
        file,
        "-comp",
        "zstd",
        "-Xcompression-level",
        "19",
        "-b",
        "1M",
      ] as const),
      ...["-all-root", "-no-xattrs", "-noappend", "-no-progress", "-quiet", "-reproducible"],
      ...["-mkfs-time", time, "-all-time", time],
    ],
    // It takes the times from one place or the other, and refuses both.
    { env: { SOURCE_DATE_EPOCH: undefined } },
  );
}
