import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../packages/tools/image/src/paths.ts";
import { BOARD, built, must } from "./built.ts";

// Somebody else builds the same commit, elsewhere and with other habits: the octets are the same. The bundle is not
// compared: its signature has a time and, with ECDSA, a random number.

/** Two minutes where nothing else runs. */
const BUILD_MS = 900_000;
let directory = "";

beforeAll(() => {
  const { version, builtAt } = JSON.parse(readFileSync(built("release.json"), "utf8")) as {
    version: string;
    builtAt: string;
  };
  directory = mkdtempSync(join(ROOT, "build/image-again-"));
  must([process.execPath, join(ROOT, "packages/tools/image/src/main.ts"), "build", BOARD], {
    PASSERELLE_IMAGE_DIR: directory,
    // A commit since the first build is another release: what is compared here is the building.
    PASSERELLE_VERSION: version,
    SOURCE_DATE_EPOCH: `${Date.parse(builtAt) / 1000}`,
    TZ: "Pacific/Auckland",
    LC_ALL: "C",
    HOME: directory,
  });
}, BUILD_MS);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("the second build of the same sources", () => {
  it.each([
    "vmlinuz",
    "sbom.cdx.json",
    "licences.txt",
    "release.json",
    "rootfs.squashfs",
    "initramfs",
    "slot.ext4",
    "disk.img",
  ])("gives the same %s", (name) => {
    expect(sha256(join(directory, BOARD, name))).toBe(sha256(built(name)));
  });
});

/** In pieces: a disk is larger than a buffer should be. */
function sha256(path: string): string {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    const piece = Buffer.alloc(8 << 20);
    for (;;) {
      const length = readSync(file, piece);
      if (length === 0) return hash.digest("hex");
      hash.update(piece.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}
