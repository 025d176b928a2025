import { statSync } from "node:fs";
import { join } from "node:path";
import { Box, type WanView } from "../interop/box.ts";
import { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/process.ts";
import { builtImage, killMachine, powerOn } from "../lab/qemu/machine.ts";
import { readTimes, type ServedTimes } from "../lab/qemu/ready.ts";
import { type BenchSection, median, table } from "./section.ts";

/**
 * The board's image in an emulated machine with 512 MB (two cortex-a53 on this machine's processors): its size, what
 * it uses at rest, how soon it serves, how soon a killed daemon is back. Times of a real board are shorter.
 */
const BOOTS = 3;
const IDLE_MS = 60_000;
const KILLED = ["lan", "wan", "web", "config", "firewall", "system", "broker"] as const;
const MIB = 2 ** 20;

export async function benchImage(): Promise<BenchSection> {
  const lab = await Lab.up({ gateway: "qemu", operator: "ethernet" });
  try {
    const box = new Box(lab);
    const first = readTimes(lab.name);
    const boots = await measureBoots(lab);
    await box.until<WanView>("wan/state", "online", (wan) => wan.reach.kind === "online");
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const memory = await measureMemory(lab);
    const restarts: (readonly [string, number])[] = [];
    for (const name of KILLED) restarts.push([name, await measureRestart(lab, name)]);
    return { title: "The image", markdown: markdown(first, boots, memory, restarts) };
  } finally {
    await lab.down();
  }
}

interface Boot extends ServedTimes {
  readonly internet: number;
}

/** Power gone and back, on a disk that has started before. */
async function measureBoots(lab: Lab): Promise<readonly Boot[]> {
  const boots: Boot[] = [];
  for (let n = 0; n < BOOTS; n += 1) {
    await killMachine(lab.name);
    const began = performance.now();
    const served = await powerOn(lab.name);
    const visit = ["curl", "-sSf", "-m", "3", "-o", "/dev/null", "http://web.internet.test/"];
    await waitFor("the Internet", async () => (await lab.exec("desk", visit)).code === 0, 300_000);
    boots.push({ ...served, internet: Math.round(performance.now() - began) });
  }
  return boots;
}

interface Memory {
  readonly availableMiB: number;
  readonly totalMiB: number;
  readonly pss: readonly (readonly [string, number])[];
  readonly allPssMiB: number;
}

async function measureMemory(lab: Lab): Promise<Memory> {
  const info = await lab.must("gw", ["cat", "/proc/meminfo"]);
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(info)?.[1]);
  const every = await lab.must("gw", [
    ...["find", "/proc", "-maxdepth", "2", "-name", "smaps_rollup"],
    ...["-exec", "grep", "-H", "^Pss:", "{}", ";"],
  ]);
  const byPid = new Map(
    [...every.matchAll(/^\/proc\/(\d+)\/smaps_rollup:Pss:\s+(\d+) kB/gm)].map(([, pid, kib]) => [
      Number(pid),
      Number(kib) / 1024,
    ]),
  );
  const pss = await Promise.all(
    KILLED.map(async (name) => [name, byPid.get((await lab.daemon(name)).pid) ?? 0] as const),
  );
  return {
    availableMiB: field("MemAvailable") / 1024,
    totalMiB: field("MemTotal") / 1024,
    pss,
    allPssMiB: [...byPid.values()].reduce((sum, one) => sum + one, 0),
  };
}

/** From kill -9 until systemd holds the new process ready, by the machine's own clock, in milliseconds. */
async function measureRestart(lab: Lab, name: string): Promise<number> {
  const before = await lab.daemon(name);
  const unit = name === "broker" ? "passerelle-broker.service" : `passerelle@${name}.service`;
  const killed = Number(await lab.must("gw", ["cut", "-d", " ", "-f", "1", "/proc/uptime"]));
  await lab.must("gw", ["kill", "-KILL", `${before.pid}`]);
  await lab.waitFor(
    `${name} again`,
    async () => {
      const now = await lab.daemon(name).catch(() => undefined);
      return now !== undefined && now.pid !== before.pid;
    },
    30_000,
  );
  const ask = [
    "systemctl",
    "show",
    "--property",
    "ActiveState,ActiveEnterTimestampMonotonic",
    unit,
  ];
  const said = await lab.waitFor(
    `${name} ready`,
    async () => {
      const text = await lab.must("gw", ask);
      return text.includes("ActiveState=active") && text;
    },
    30_000,
  );
  const active = Number(/ActiveEnterTimestampMonotonic=(\d+)/.exec(said)?.[1]) / 1000;
  return active - killed * 1000;
}

function markdown(
  first: ServedTimes | undefined,
  boots: readonly Boot[],
  memory: Memory,
  restarts: readonly (readonly [string, number])[],
): string {
  const size = (file: string) =>
    `${(statSync(join(builtImage(), "..", file)).size / MIB).toFixed(1)} MiB`;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const spread = (pick: (boot: Boot) => number) => {
    const values = boots.map(pick);
    return `${seconds(median(values))} (${seconds(Math.min(...values))} to ${seconds(Math.max(...values))})`;
  };
  const once = (ms: number | undefined) => (ms === undefined ? "" : seconds(ms));
  return [
    table([
      ["file", "size"],
      ...["rootfs.squashfs", "vmlinuz", "initramfs", "upgrade.raucb"].map((f) => [f, size(f)]),
    ]),
    "",
    table([
      ["from power on to", "first start ever", `then, median of ${BOOTS} (lowest to highest)`],
      ["DHCP acknowledged", once(first?.dhcp), spread((boot) => boot.dhcp)],
      ["a name answered", once(first?.names), spread((boot) => boot.names)],
      ["the page", once(first?.page), spread((boot) => boot.page)],
      ["the Internet", "", spread((boot) => boot.internet)],
    ]),
    "",
    table([
      ["memory a minute after, every daemon up", "MiB"],
      ["MemAvailable", memory.availableMiB.toFixed(0)],
      ["MemTotal", memory.totalMiB.toFixed(0)],
      ["PSS of every process", memory.allPssMiB.toFixed(0)],
      ...memory.pss.map(([name, mib]) => [`PSS of ${name}`, mib.toFixed(1)]),
    ]),
    "",
    table([
      ["kill -9 to ready again under its unit", "the machine's time"],
      ...restarts.map(([name, ms]) => [name, `${ms.toFixed(0)} ms`]),
    ]),
  ].join("\n");
}
