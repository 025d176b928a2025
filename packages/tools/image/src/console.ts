import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Board } from "./board.ts";
import { BuildError } from "./fail.ts";
import { placesOf } from "./paths.ts";
import { qemuArguments } from "./qemu.ts";
import { run } from "./run.ts";

/** A board in QEMU with its serial console on this terminal, and no network. What it writes is forgotten. */
export function runConsole(board: Board): void {
  const { out } = placesOf(board.name);
  const disk = join(out, "disk.img");
  const firmware = join(out, "u-boot.bin");
  if (board.boot !== "u-boot-qemu") throw new BuildError(`${board.name} is no machine of QEMU`);
  if (!existsSync(disk)) throw new BuildError(`there is no ${disk}: make image first`);
  const folder = mkdtempSync(join(tmpdir(), "passerelle-qemu-"));
  const overlay = join(folder, "disk.qcow2");
  try {
    run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", disk, overlay]);
    process.stderr.write("image: Ctrl-A X ends the machine\n");
    const words = qemuArguments({
      firmware,
      disk: { path: overlay, format: "qcow2" },
      ports: [],
      console: "terminal",
    });
    spawnSync("qemu-system-aarch64", words, { stdio: "inherit" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
