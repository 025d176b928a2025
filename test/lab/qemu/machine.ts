import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BOARD } from "../../../board/qemu-virt-arm64/board.ts";
import { placesOf } from "../../../packages/tools/image/src/paths.ts";
import { type QemuMachine, qemuArguments } from "../../../packages/tools/image/src/qemu.ts";
import { factoryDefaults } from "../gateway/defaults.ts";
import { labelPassword } from "../gateway/label.ts";
import { enterArguments } from "../holder.ts";
import { holderOf, runAs, serveAs } from "../host.ts";
import { must, sleep, waitFor } from "../process.ts";
import { pathsOf, readState } from "../state.ts";
import { cableLines, NICS, tapOf } from "./cables.ts";
import { type MachinePaths, machinePaths } from "./paths.ts";
import { Qmp } from "./qmp.ts";
import { isPoweredOn, type ServedTimes, waitUntilServed } from "./ready.ts";

/** The gateway as the board's image in a virtual machine (`--gateway qemu`), emulated by QEMU inside the host `gw`. */

const BUILT = placesOf(BOARD.name).out;

/** Power on, for a lab whose hosts and cables are there, until the home is served. */
export async function startMachine(lab: string): Promise<void> {
  const state = readState(lab);
  if (state === undefined) throw new Error(`the lab "${lab}" is not up: bin/lab up`);
  const paths = machinePaths(lab);
  mkdirSync(pathsOf(lab).config, { recursive: true });
  const defaults = factoryDefaults(state.operator, labelPassword(lab));
  writeFileSync(paths.defaults, JSON.stringify(defaults, undefined, 2));
  await makeDisk(paths);
  // Only the network namespace: `ip` of the machine.
  const enter = enterArguments(holderOf(lab, "gw"), { namespaces: "network" });
  await must([...enter, "sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1"]);
  await must([...enter, "ip", "-batch", "-"], { input: `${cableLines().join("\n")}\n` });
  await serveAs(lab, "gw", "switchboard", [
    ...[process.execPath, "--disable-warning=ExperimentalWarning"],
    ...[join(import.meta.dirname, "switchboard.ts"), paths.agent, paths.door],
  ]);
  await powerOn(lab, state.recordWrites === true ? { writeLog: paths.writes } : {});
}

export function builtImage(): string {
  return join(BUILT, "disk.img");
}

async function makeDisk(paths: MachinePaths): Promise<void> {
  const image = builtImage();
  if (!existsSync(image)) throw new Error("there is no image: make image BOARD=qemu-virt-arm64");
  try {
    // A build that replaces the image meanwhile leaves this one as it is.
    linkSync(image, paths.image);
  } catch {
    // Another file system; most of the disk is empty. Its date says later whether it is still the build's.
    await must(["cp", "--preserve=timestamps", "--sparse=always", image, paths.image]);
  }
  const create = ["qemu-img", "create", "-q", "-f", "qcow2"];
  await must([...create, "-b", paths.image, "-F", "raw", paths.disk]);
}

/** How the machine starts, where it is not as a person would switch it on. */
export interface PowerOn {
  /** Another disk, for a test that made one. */
  readonly disk?: QemuMachine["disk"];
  /** Every write to the disk is noted in this file (QEMU's filter blklogwrites). */
  readonly writeLog?: string;
  /** It goes on from this snapshot of its disk and does not start anew. */
  readonly snapshot?: string;
}

/** Power on; does not wait for anything that the machine does. */
export async function switchOn(lab: string, how: PowerOn = {}): Promise<void> {
  const paths = machinePaths(lab);
  rmSync(paths.pid, { force: true });
  // The filter opens its file and makes none.
  if (how.writeLog !== undefined) writeFileSync(how.writeLog, "");
  await serveAs(lab, "gw", "qemu", machineArguments(paths, how));
  await waitFor("QEMU starts", () => existsSync(paths.pid), 10_000).catch(() => {
    throw new Error(`QEMU does not start: see ${pathsOf(lab).logs}/qemu.log`);
  });
}

/** Power on, until the home is served. */
export async function powerOn(lab: string, how: PowerOn = {}): Promise<ServedTimes> {
  const began = performance.now();
  await switchOn(lab, how);
  return waitUntilServed(lab, began);
}

/** QEMU ends in the middle of whatever the machine was doing, and starts on the same disk. */
export async function cutMachinePower(lab: string, seconds: number): Promise<undefined> {
  await killMachine(lab);
  await sleep(seconds * 1000);
  await powerOn(lab);
}

/** QEMU is gone when this resolves; what it wrote is in the disk's file. */
export async function killMachine(lab: string): Promise<void> {
  const pid = readFileSync(machinePaths(lab).pid, "utf8").trim();
  await runAs(lab, "gw", ["kill", "-KILL", pid]);
  await waitFor("QEMU ends", async () => !(await isPoweredOn(lab)), 10_000);
}

/** A cable is pulled out of the machine, or put in again: its driver sees it. */
export async function setCarrier(lab: string, port: string, up: boolean): Promise<void> {
  using qmp = await Qmp.open(machinePaths(lab).qmp);
  await qmp.call("set_link", { name: tapOf(port), up });
}

function machineArguments(paths: MachinePaths, how: PowerOn): string[] {
  return [
    ...["qemu-system-aarch64", "-pidfile", paths.pid, ...NO_OFFLOAD],
    ...qemuArguments({
      firmware: join(BUILT, "u-boot.bin"),
      disk: how.disk ?? { path: paths.disk, format: "qcow2" },
      ports: NICS.map(({ name, mac, slot }) => ({ tap: tapOf(name), mac, addr: slot })),
      console: { log: paths.console },
      qmpSocket: paths.qmp,
      guestAgentSocket: paths.agent,
      defaults: paths.defaults,
      ...(how.writeLog === undefined ? {} : { writeLog: how.writeLog }),
    }),
    ...(how.snapshot === undefined ? [] : ["-loadvm", how.snapshot]),
  ];
}

/** As the boards' own chips: each packet is one frame with its checksum, in both directions. */
const NO_OFFLOAD = [
  ...["csum", "gso", "guest_csum", "guest_tso4", "guest_tso6", "guest_ecn", "guest_ufo"],
  ...["host_tso4", "host_tso6", "host_ecn", "host_ufo"],
].flatMap((feature) => ["-global", `virtio-net-device.${feature}=off`]);
