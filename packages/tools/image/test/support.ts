import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { PackageGroupName } from "../src/board.ts";
import type { LockedPackage } from "../src/lock.ts";

export function locked(
  name: string,
  groups: readonly PackageGroupName[] = ["common"],
): LockedPackage {
  return {
    ...{ name, version: "1:1.0+b1-2", architecture: "arm64", suite: "trixie" },
    ...{ path: `pool/main/x/${name}_1.0_arm64.deb`, sizeBytes: 10, sha256: "0".repeat(64), groups },
  };
}

/** A folder with these files, gone after the test. A text that begins with "-> " is a link. */
export function plantTree(files: Readonly<Record<string, string | Uint8Array>>): string {
  const tree = mkdtempSync(join(tmpdir(), "passerelle-image-"));
  onTestFinished(() => rmSync(tree, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    if (typeof content === "string" && content.startsWith("-> ")) {
      symlinkSync(content.slice(3), join(tree, path));
    } else writeFileSync(join(tree, path), content);
  }
  return tree;
}
