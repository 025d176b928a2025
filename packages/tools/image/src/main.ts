import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { BuildError } from "./fail.ts";
import { formatLock } from "./lock.ts";
import { hostMirror } from "./mirror.ts";
import { CACHE, LOCK_FILE, loadBoard, loadPackageChoice, placesOf } from "./paths.ts";
import { resolveLock } from "./resolve.ts";

const HELP = `Usage: node packages/tools/image/src/main.ts COMMAND

  build BOARD    everything of a board into build/image/BOARD
  bundle DIR     the program alone, for this machine's processor: the lab can run it
  openwrt        packages for OpenWrt and the root file system for a chroot into build/openwrt
  qemu BOARD     the board's console in this terminal, without a network
  flash BOARD DEVICE [FORCE]
                 the board's image onto a disk, after a question
  lock           pin the newest packages anew: board/common/packages.lock.json
`;

type Command = (words: readonly string[]) => Promise<void>;

/** Loaded when asked for. */
const COMMANDS: Readonly<Record<string, Command>> = {
  build: async ([board = ""]) => (await import("./build.ts")).build(await loadBoard(board)),
  bundle: async ([directory = ""]) => {
    if (directory === "") throw new BuildError("bundle into which folder?");
    const architecture = process.arch === "arm64" ? "arm64" : "x64";
    const made = await (await import("./bundle.ts")).bundle(resolve(directory), architecture);
    process.stdout.write(`${made.files} files, ${made.bytes} octets\n`);
  },
  openwrt: async () => (await import("./openwrt/build.ts")).buildOpenwrt(),
  qemu: async ([board = ""]) => (await import("./console.ts")).runConsole(await loadBoard(board)),
  flash: async ([board = "", device = "", force = ""]) => {
    const { flash, listBlockDevices } = await import("./flash.ts");
    const question = createInterface({ input: process.stdin, output: process.stderr });
    try {
      await flash({
        image: join(placesOf((await loadBoard(board)).name).out, "disk.img"),
        device,
        force,
        listDevices: listBlockDevices,
        ask: (text) => question.question(text),
        say: (text) => process.stderr.write(`flash: ${text}\n`),
      });
    } finally {
      question.close();
    }
  },
  lock: async () => {
    const { PACKAGE_GROUPS } = await loadPackageChoice();
    const lock = resolveLock(PACKAGE_GROUPS, hostMirror(), join(CACHE, "apt"));
    writeFileSync(LOCK_FILE, formatLock(lock));
    process.stdout.write(`${lock.packages.length} packages pinned\n`);
  },
};

// What is made has the same modes, whoever makes it.
process.umask(0o022);
const [name = "", ...words] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command === undefined) {
  process.stderr.write(HELP);
  process.exitCode = 2;
} else {
  try {
    await command(words);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`image: ${error.message}\n`);
    process.exitCode = 1;
  }
}
