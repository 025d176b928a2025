/**
 * Our netlink beside the package `node-netlink` 0.0.4, in one run, for ADR 0002. Needs root, and the package
 * installed beside ours with its install scripts, which build three addons: we do not ship it.
 *
 *     node packages/platform/netlink/bench/compare-node-netlink.ts
 *     node packages/platform/netlink/bench/compare-node-netlink.ts memory ours|theirs
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { addVethPair, enterPrivateNetwork } from "@passerelle/native";
import { createLinuxNetlink } from "../src/index.ts";

const ROUNDS = 10;
const DUMPS = 500;

interface Side {
  readonly name: string;
  dump(): Promise<number>;
  close(): Promise<void>;
}

async function ours(): Promise<Side> {
  const made = createLinuxNetlink();
  if (!made.ok) throw new Error(made.error.text);
  const kernel = made.value;
  return {
    name: "ours",
    async dump() {
      const links = await kernel.links();
      if (!links.ok) throw new Error(links.error.text);
      return links.value.length;
    },
    close: async () => kernel.close(),
  };
}

interface Packet {
  readonly header: { readonly nlmsg_type: bigint };
  readonly payload: Uint8Array;
}

interface NodeNetlink {
  open(options: { family: number }): Promise<{
    talk(message: { header: Record<string, bigint>; payload: Uint8Array }): Promise<Packet[]>;
    close(): Promise<void>;
  }>;
}

/** RTM_GETLINK with REQUEST, ACK and DUMP; the payload is the same query as ours, the answer stays octets. */
async function theirs(): Promise<Side> {
  const module = (await import("node-netlink" as string)) as { default: NodeNetlink };
  const socket = await module.default.open({ family: 0 });
  const payload = Buffer.alloc(24);
  payload.set([8, 0, 29, 0, 8], 16);
  const header = { nlmsg_type: 18n, nlmsg_flags: 0x305n };
  return {
    name: "theirs",
    dump: async () => (await socket.talk({ header, payload })).length,
    close: () => socket.close(),
  };
}

async function time(side: Side): Promise<{ micros: number[]; cpuMs: number }> {
  const micros: number[] = [];
  const cpu = process.cpuUsage();
  for (let i = 0; i < DUMPS; i += 1) {
    const from = performance.now();
    const count = await side.dump();
    micros.push((performance.now() - from) * 1000);
    if (count !== 3) throw new Error(`${side.name}: ${count} links instead of 3`);
  }
  const used = process.cpuUsage(cpu);
  return { micros, cpuMs: (used.user + used.system) / 1000 };
}

function quantile(values: readonly number[], q: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * q)] ?? 0).toFixed(1);
}

async function compare(): Promise<void> {
  const sides = [await ours(), await theirs()];
  const all = new Map(sides.map((side) => [side.name, { micros: [] as number[], cpuMs: 0 }]));
  for (const side of sides) await time(side);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of sides) {
      const one = await time(side);
      const sum = all.get(side.name);
      sum?.micros.push(...one.micros);
      if (sum !== undefined) sum.cpuMs += one.cpuMs;
    }
  }
  for (const [name, { micros, cpuMs }] of all) {
    const cpu = ((cpuMs / micros.length) * 1000).toFixed(1);
    process.stdout.write(
      `${name}: ${micros.length} dumps, median ${quantile(micros, 0.5)} µs, p99 ${quantile(micros, 0.99)} µs, CPU ${cpu} µs a dump\n`,
    );
  }
  for (const side of sides) await side.close();
}

async function memory(make: () => Promise<Side>): Promise<void> {
  const before = rssKb();
  const side = await make();
  await side.dump();
  const opened = rssKb();
  await sleep(200);
  const switches = voluntarySwitches();
  await sleep(5000);
  const idle = voluntarySwitches() - switches;
  for (let i = 0; i < 5000; i += 1) await side.dump();
  process.stdout.write(
    `${side.name}: opened +${opened - before} kB, after 5000 dumps +${rssKb() - before} kB, ${idle} wake-ups in 5 s of rest\n`,
  );
  await side.close();
}

function rssKb(): number {
  const line = /^Private_Dirty: +(\d+)/m.exec(readFileSync("/proc/self/smaps_rollup", "utf8"));
  return Number(line?.[1]);
}

/** Of all threads of this process. */
function voluntarySwitches(): number {
  const out = execFileSync("grep", [
    "-h",
    "^voluntary",
    "-r",
    `/proc/${process.pid}/task`,
    "--include=status",
  ]);
  return [...out.toString().matchAll(/\d+/g)].reduce((sum, [text]) => sum + Number(text), 0);
}

enterPrivateNetwork();
addVethPair("left", "right");
if (process.argv[2] === "memory") await memory(process.argv[3] === "theirs" ? theirs : ours);
else await compare();
process.exit(0);
