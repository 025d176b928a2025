import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createLinuxProcesses, textOf } from "@passerelle/process";
import { createLinuxSlots } from "../src/linux.ts";
import type { World } from "./contract.ts";

const processes = createLinuxProcesses();

/** A real RAUC with files for slots, on a message bus of its own. The files of its boot loader are two texts. */
export interface RaucWorld extends World {
  readonly directory: string;
  stop(): Promise<void>;
}

export async function startRauc(): Promise<RaucWorld> {
  const directory = mkdtempSync(join(tmpdir(), "passerelle-rauc-"));
  const at = (name: string): string => join(directory, name);
  writeFileSync(at("dbus.conf"), busConfiguration(at("bus")));
  writeFileSync(at("boot.sh"), BOOT_LOADER.replace("@DIRECTORY@", at("boot")), { mode: 0o755 });
  mkdirSync(at("boot"));
  for (const slot of ["a.img", "b.img"]) {
    writeFileSync(at(slot), "");
    truncateSync(at(slot), 4 << 20);
  }
  await makeBundles(directory);
  writeFileSync(at("system.conf"), raucConfiguration(directory));
  const env = {
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    LC_ALL: "C",
    DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${at("bus")}`,
    DBUS_STARTER_BUS_TYPE: "system",
  };
  const bus = spawn("dbus-daemon", [`--config-file=${at("dbus.conf")}`, "--nofork"], { env });
  const slots = createLinuxSlots({ processes, env });
  await until(() => busIsThere(env));
  const rauc = spawn("rauc", [`--conf=${at("system.conf")}`, "--override-boot-slot=A", "service"], {
    env,
  });
  await until(async () => (await slots.progress()).ok);
  return {
    slots,
    directory,
    // Debian 12 has RAUC 1.8, whose Info has the board and the version only.
    describes: false,
    bundle: (name) => at(`${name}.raucb`),
    pause: () => sleep(20),
    async stop() {
      for (const child of [rauc, bus]) {
        const gone = new Promise((resolve) => child.once("exit", resolve));
        if (child.kill("SIGTERM")) await gone;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function busIsThere(env: Readonly<Record<string, string>>): Promise<boolean> {
  const listed = await processes.run({ argv: ["busctl", "list"], env });
  return listed.ok && listed.value.code === 0;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 250; tries += 1) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error("did not come up");
}

async function makeBundles(directory: string): Promise<void> {
  const at = (name: string): string => join(directory, name);
  for (const name of ["own", "other"]) {
    const subject = ["-subj", `/CN=${name}`, "-days", "2"];
    const files = ["-keyout", at(`${name}.key`), "-out", at(`${name}.crt`)];
    await run([...OPENSSL, ...subject, ...files]);
  }
  for (const [name, compatible, key] of [
    ["good", "passerelle-test", "own"],
    ["foreign", "other", "own"],
    ["wrong-key", "passerelle-test", "other"],
  ] as const) {
    const content = at(`${name}.in`);
    mkdirSync(content);
    writeFileSync(join(content, "slot.img"), Buffer.alloc(1 << 20, name));
    writeFileSync(join(content, "manifest.raucm"), manifest(compatible));
    const [cert, secret] = [at(`${key}.crt`), at(`${key}.key`)];
    const out = at(`${name}.raucb`);
    await run(["rauc", `--cert=${cert}`, `--key=${secret}`, "bundle", content, out]);
  }
  const whole = readFileSync(at("good.raucb"));
  writeFileSync(at("cut.raucb"), whole.subarray(0, Math.floor(whole.length / 2)));
}

const OPENSSL = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"] as const;

async function run(argv: readonly [string, ...string[]]): Promise<void> {
  const done = await processes.run({ argv });
  if (!done.ok) throw new Error(done.error.text);
  if (done.value.code !== 0) throw new Error(`${argv[0]}: ${textOf(done.value.stderr)}`);
}

const manifest = (compatible: string): string => `[update]
compatible=${compatible}
version=0.2.0
description=Notes
build=2026-11-25
[bundle]
format=plain
[image.rootfs]
filename=slot.img
`;

const raucConfiguration = (directory: string): string => `[system]
compatible=passerelle-test
bootloader=custom
bundle-formats=plain verity
mountprefix=${directory}/mnt
statusfile=${directory}/status
[keyring]
path=${directory}/own.crt
[handlers]
bootloader-custom-backend=${directory}/boot.sh
[slot.rootfs.0]
device=${directory}/a.img
type=raw
bootname=A
[slot.rootfs.1]
device=${directory}/b.img
type=raw
bootname=B
`;

/** RAUC's protocol for a boot loader that it does not know. */
const BOOT_LOADER = `#!/bin/sh
cd @DIRECTORY@
case "$1" in
get-primary) cat primary 2>/dev/null || echo A ;;
set-primary) echo "$2" > primary; echo good > "state-$2" ;;
get-state) cat "state-$2" 2>/dev/null || echo good ;;
set-state) echo "$3" > "state-$2" ;;
get-current) echo A ;;
*) exit 1 ;;
esac
`;

const busConfiguration = (path: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
`;
