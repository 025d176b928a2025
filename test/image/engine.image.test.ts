import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Box, copyOfDisk } from "./box.ts";
import { BUILT, must } from "./built.ts";
import { makeReleaseBundle } from "./bundles.ts";

/**
 * The upgrade engine by itself: what RAUC, its handler and U-Boot do with a bundle that somebody hands to them as root,
 * past every check of a daemon.
 */

const folder = mkdtempSync(join(BUILT, "work/engine-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
/** Newer than any that is built here. */
const NEWER = "900.0.0";

describe("a bundle that root installs", () => {
  it("is refused with the slot untouched, or starts as a trial", {
    timeout: 1_200_000,
  }, async () => {
    await using box = new Box(copyOfDisk(folder, "disk.img"), [bundleDisk()]);
    await box.run(["mkdir", "-p", "/run/bundles"]);
    await box.run(["mount", "-o", "ro", "/dev/vdb", "/run/bundles"]);
    // The message bus gives a service that it starts 25 s, which an emulated machine can need for itself.
    await box.run(["systemctl", "start", "rauc"], MINUTES);
    // What runs proves itself first, and says so in the boot state.
    await expect
      .poll(() => box.run(["fw_printenv"]), { timeout: MINUTES, interval: 2000 })
      .toContain("BOOT_A_LEFT=3\n");
    const slotB = (): Promise<string> => box.run(["sha256sum", "/dev/passerelle/slot-b"], MINUTES);
    const before = { slot: await slotB(), state: await box.run(["fw_printenv"]) };

    const refusals: readonly (readonly [string, RegExp])[] = [
      ["altered", /corrupt|handler/i],
      ["truncated", /LastError: .*(signature|size)/i],
      ["wrong_key", /LastError: .*(certificate|signature)/i],
      ["wrong_board", /LastError: .*compatible/i],
      ["older", /LastError: .*(version|handler)/i],
      ["same", /LastError: .*handler/i],
    ];
    for (const [name, reason] of refusals) {
      await expect(install(box, name), name).rejects.toThrow(reason);
    }
    expect({ slot: await slotB(), state: await box.run(["fw_printenv"]) }).toEqual(before);

    await install(box, "good");
    const state = await box.run(["fw_printenv"]);
    expect(state).toContain("BOOT_ORDER=B A\n");
    expect(state).toContain("BOOT_B_LEFT=3\n");
    expect(state).toContain("passerelle_trial=B\n");
    await box.order(["reboot", "-f"]);
    await box.until(/slot B, 2 tries left/, MINUTES);
    expect(await box.run(["cat", "/usr/share/passerelle/release.json"], MINUTES)).toContain(NEWER);
    expect(await box.run(["ls", "/run/passerelle-boot"])).toContain("trial");
    expect(await box.run(["fw_printenv", "passerelle_trial"])).toMatch(/=(B\+|none)\n/);
  });

  function install(box: Box, name: string): Promise<string> {
    return box.run(["rauc", "install", `/run/bundles/${name}.raucb`], MINUTES);
  }
});

/** A file system with one bundle a kind: the second disk of the machine. */
function bundleDisk(): string {
  const files = join(folder, "bundles");
  mkdirSync(files);
  const small = join(folder, "small.ext4");
  writeFileSync(small, randomBytes(8 << 20));
  const put = (name: string, bundle: string): void =>
    renameSync(bundle, join(files, `${name}.raucb`));
  for (const kind of ["altered", "truncated", "wrong_key", "wrong_board"] as const) {
    put(kind, makeReleaseBundle({ kind, version: NEWER, work: folder, slot: small }));
  }
  const older = { kind: "good", version: "0.0.1", work: folder, slot: small } as const;
  put("older", makeReleaseBundle(older));
  const { version } = JSON.parse(must(["cat", join(BUILT, "release.json")])) as { version: string };
  put("same", makeReleaseBundle({ ...older, version }));
  put("good", makeReleaseBundle({ kind: "good", version: NEWER, work: folder }));
  const image = join(folder, basename("bundles.ext4"));
  must(["mke2fs", "-q", "-F", "-t", "ext4", "-d", files, image, "400M"]);
  return image;
}

const MINUTES = 300_000;
