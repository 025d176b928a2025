import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../packages/tools/image/src/paths.ts";
import { enterArguments } from "../holder.ts";
import { holderOf, runAs, serveAs } from "../host.ts";
import { must, waitFor } from "../process.ts";
import { type MachineKind, pathsOf } from "../state.ts";
import { MACHINE } from "../topology.ts";
import { callThere, doorOf, SLOWNESS } from "./channel.ts";
import { EMULATOR, type Kernel, readyKernel, whyNoMachine } from "./kernel.ts";
import { UML_SETTINGS, umlArguments, umlPid, whyNoUml } from "./uml.ts";

/**
 * The machine that carries a lab: QEMU with a Debian kernel (`--kernel vm`) or User-mode Linux (`--kernel uml`), with the
 * files of this machine, which it only reads. It runs in a host of its own, whose end is its end.
 */

/** From power on until the agent answers; a loaded machine may be given more. */
const BOOT_MS = Number(process.env.LAB_BOOT_MS ?? 180_000);
/** What runs on Node in there. */
const PROGRAMS = [
  "packages/apps/passerelle/src/main.ts",
  "test/lab/gateway/supervisor.ts",
  "test/lab/operator/orange-server.ts",
  "test/lab/services/spoiler.ts",
  "test/lab/services/web.ts",
  "test/lab/vm/agent.ts",
].map((path) => join(ROOT, path));
/** How long the gateway's daemons may take in there, before the patience that all has. */
const READY_MS = Number(process.env.LAB_READY_MS ?? 60_000);
const POWER_OFF_MS = 5000;
const CONSOLE_LINES = 30;
const MEMORY_MIB = 1536;
const PROCESSORS = 2;

/** The cable to the agent; both of its ends are in namespaces that hold nothing else. */
const CABLE = {
  device: "door",
  here: "169.254.77.1/30",
  there: "169.254.77.2/30",
  agent: "169.254.77.2:7",
} as const;

/** Power on, for a lab whose host MACHINE is there, until the agent answers. */
export async function bootMachine(lab: string, kind: MachineKind): Promise<void> {
  const why = kind === "uml" ? whyNoUml() : whyNoMachine();
  if (why !== undefined) throw new Error(`--kernel ${kind}: ${why}`);
  const paths = placesOf(lab);
  const kernel = kind === "uml" ? undefined : readyKernel();
  // Only here: who merely talks with a machine need not load the bundler.
  const { bundlePrograms } = await import("../../../packages/tools/image/src/programs.ts");
  await bundlePrograms(paths.programs, PROGRAMS);
  writeFileSync(paths.init, `${join(import.meta.dirname, "guest-init.sh")}\n`);
  writeFileSync(paths.settings, settingsOf(lab, kernel?.modules));
  const enter = enterArguments(holderOf(lab, MACHINE), { namespaces: "network" });
  const lines = [
    `tuntap add dev ${CABLE.device} mode tap`,
    `address add ${CABLE.here} dev ${CABLE.device}`,
    `link set dev ${CABLE.device} addrgenmode none up`,
  ];
  await must([...enter, "ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
  const [address = "", port = ""] = CABLE.agent.split(":");
  await serveAs(lab, MACHINE, "relay", [
    ...[process.execPath, "--disable-warning=ExperimentalWarning"],
    ...[join(import.meta.dirname, "relay.ts"), doorOf(lab), address, port],
  ]);
  await serveAs(
    lab,
    MACHINE,
    "machine",
    kernel === undefined ? umlArguments(lab, CABLE.device, MEMORY_MIB) : qemuArguments(lab, kernel),
  );
  await untilItAnswers(lab);
}

/** It ends by itself, or with its host a moment later. */
export async function powerOffMachine(lab: string): Promise<void> {
  try {
    await callThere(lab, "power-off", [], POWER_OFF_MS);
    await waitFor("the machine ends", async () => !(await isOn(lab)), POWER_OFF_MS);
  } catch {
    // It hangs, or was gone before.
  }
}

async function untilItAnswers(lab: string): Promise<void> {
  const paths = placesOf(lab);
  let looks = 0;
  let wasOn = false;
  try {
    await waitFor(
      "the agent in the lab's machine",
      async () => {
        if (existsSync(paths.ready)) return true;
        looks += 1;
        if (looks % LOOKS_PER_QUESTION !== 0) return false;
        // On a machine that is busy QEMU needs seconds until it has written its number.
        const isOnNow = await isOn(lab);
        if (wasOn && !isOnNow) throw new Error("the machine ended");
        wasOn = isOnNow;
        return false;
      },
      BOOT_MS,
    );
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const ends = ["console", "machine"].map((name) => `--- ${name}\n${lastLines(lab, name)}`);
    throw new Error([said, ...ends].join("\n"));
  }
}

/** Whether QEMU lives is asked now and then: it costs a process. */
const LOOKS_PER_QUESTION = 20;

async function isOn(lab: string): Promise<boolean> {
  const pid = placesOf(lab).pids.find((path) => existsSync(path));
  if (pid === undefined) return false;
  return (await runAs(lab, MACHINE, ["kill", "-0", readFileSync(pid, "utf8").trim()])).code === 0;
}

function qemuArguments(lab: string, kernel: Kernel): string[] {
  const { directory, logs } = pathsOf(lab);
  const files = "security_model=none,multidevs=remap";
  return [
    ...[EMULATOR, "-pidfile", join(directory, "qemu.pid")],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ...["-M", "pc", "-accel", "tcg,thread=multi", "-cpu", "max,la57=off"],
    ...["-smp", String(PROCESSORS), "-m", String(MEMORY_MIB)],
    ...["-kernel", kernel.image, "-initrd", kernel.initramfs, "-append", COMMAND_LINE],
    ...["-virtfs", `local,path=/,mount_tag=files,readonly=on,${files}`],
    ...["-virtfs", `local,path=${directory},mount_tag=lab,${files}`],
    ...["-netdev", `tap,id=door,ifname=${CABLE.device},script=no,downscript=no`],
    ...["-device", "virtio-net-pci,netdev=door,romfile="],
    ...["-device", "virtio-rng-pci"],
    ...["-serial", `file:${join(logs, "console.log")}`],
  ];
}

/**
 * A panic ends QEMU (-no-reboot). The defences against other programs on one processor defend nobody here. On a machine
 * that is busy the kernel takes a timer that comes late for one that does not work (no_timer_check), and measures the
 * processor's counter wrong: the clock is the one that it chooses itself, though the counter is quicker to read.
 */
const COMMAND_LINE =
  "console=ttyS0 quiet panic=-1 no_timer_check mitigations=off random.trust_cpu=on";

/** What guest-init.sh reads: assignments of a shell. */
function settingsOf(lab: string, modules: string | undefined): string {
  const settings = {
    lab,
    ...(modules === undefined ? UML_SETTINGS : { ...QEMU_SETTINGS, modules }),
    programs: placesOf(lab).programs,
    node: process.execPath,
    address: CABLE.there,
    network: CABLE.agent,
    patience: String(SLOWNESS),
    ready: String(READY_MS),
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}='${value.replaceAll("'", "'\\''")}'\n`)
    .join("");
}

const QEMU_SETTINGS = {
  device: "eth0",
  drivers: "virtio_net af_packet ppp_generic pppoe",
  environment: "",
} as const;

function placesOf(lab: string) {
  const { directory, config } = pathsOf(lab);
  return {
    pids: [join(directory, "qemu.pid"), umlPid(lab)],
    programs: join(config, "programs"),
    init: join(config, "guest-init"),
    settings: join(config, "guest"),
    ready: join(config, "agent-ready"),
  };
}

function lastLines(lab: string, log: string): string {
  const path = join(pathsOf(lab).logs, `${log}.log`);
  if (!existsSync(path)) return "";
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-CONSOLE_LINES).join("\n");
}
