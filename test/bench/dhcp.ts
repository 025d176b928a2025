import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHosts, type Host, until } from "../../packages/daemons/firewall/test/lab/hosts.ts";
import { type DhcpServer, type Program, SERVER, SERVERS } from "./dhcp-servers.ts";
import { type BenchSection, median, table } from "./section.ts";

const ROUNDS = 3;
/** Exchanges offered a second, step by step, until a server leaves some without an answer. */
const LADDER = [100, 200, 400, 800, 1200, 1600, 2400, 3200, 4800];
const STEP_SECONDS = 1;
const HALF_SECONDS = 2;
/** What every server of the bench serves: here their waits can be compared. */
const COMMON_RATE = 200;
const CLIENTS = 10_000;
/** Every server has a core for itself; perfdhcp, and the daemons beside ours, have the other one. */
const CORES = { server: 0, clients: 1 } as const;
/** Part of the offered exchanges that must end well for a step to count. */
const SERVED = 0.97;
/** USER_HZ of every Linux architecture we build for. */
const TICKS_PER_SECOND = 100;

interface Measured {
  /** Complete exchanges a second at the highest step that was served. */
  readonly peak: number;
  /** What 99 of 100 waited at most for OFFER and ACK, ms: at the common rate and at half of the peak. */
  readonly common: Waits;
  readonly half: Waits;
  /** Processor milliseconds of the server per exchange, at half of the peak. */
  readonly cpuMs: number;
  readonly pssMegabytes: number;
  readonly doubled: number;
}

interface Waits {
  readonly offerMs: number;
  readonly ackMs: number;
}

/** Address assignment for many clients beside the servers that gateways use. */
export async function benchDhcp(): Promise<BenchSection> {
  const results = new Map<DhcpServer, Measured[]>(SERVERS.map((server) => [server, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [server, all] of results) all.push(await measure(server));
  }
  return { title: "DHCP", markdown: report(results) };
}

async function measure(server: DhcpServer): Promise<Measured> {
  const hosts = createHosts();
  const directory = mkdtempSync(join(tmpdir(), "passerelle-bench-"));
  try {
    const home = await hosts.host("home");
    const box = await hosts.host("box");
    for (const line of [
      `link add ${SERVER.port} type veth peer name eth0 netns ${home.pid}`,
      `link set ${SERVER.port} up`,
      `address add ${SERVER.address}/${SERVER.prefixLength} dev ${SERVER.port}`,
    ]) {
      await box.must(["ip", ...line.split(" ")]);
    }
    await home.must(["ip", "link", "set", "eth0", "up"]);
    await home.must(["ip", "address", "add", `10.77.0.2/${SERVER.prefixLength}`, "dev", "eth0"]);
    const { helpers = [], ...program } = server.prepare(directory);
    for (const helper of helpers) box.spawn(commandOf(helper, CORES.clients));
    const process = box.spawn(commandOf(program, CORES.server));
    const { pid } = process;
    if (pid === undefined) throw new Error(`${server.name} did not start`);
    await until(
      `${server.name} serves`,
      async () => {
        if (process.exitCode !== null) throw new Error(`${server.name} ended: ${process.exitCode}`);
        return (await dora(home, 0, 5, 1)).completed >= 3 || undefined;
      },
      20_000,
    );
    return await climb(home, pid);
  } finally {
    await hosts.end();
    rmSync(directory, { recursive: true, force: true });
  }
}

function commandOf({ argv, env = {} }: Program, core: number): readonly string[] {
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return ["taskset", "--cpu-list", `${core}`, "env", ...words, ...argv];
}

async function climb(home: Host, pid: number): Promise<Measured> {
  let peak = 0;
  let doubled = 0;
  let rate = LADDER[0] ?? 0;
  for (const [step, offered] of LADDER.entries()) {
    const done = await dora(home, step + 1, offered, STEP_SECONDS);
    if (done.completed < SERVED * done.sent) break;
    doubled += done.doubled;
    peak = done.completed / STEP_SECONDS;
    rate = offered;
  }
  const common = await dora(home, LADDER.length + 2, COMMON_RATE, HALF_SECONDS);
  const before = cpuSeconds(pid);
  const half = await dora(home, LADDER.length + 1, Math.round(rate / 2), HALF_SECONDS);
  return {
    peak,
    common,
    half,
    cpuMs: ((cpuSeconds(pid) - before) * 1000) / half.completed,
    pssMegabytes: pss(pid),
    doubled: doubled + common.doubled + half.doubled,
  };
}

interface Exchanges extends Waits {
  readonly sent: number;
  readonly completed: number;
  readonly doubled: number;
}

/** Runs perfdhcp with clients that no other step has. */
async function dora(host: Host, step: number, rate: number, seconds: number): Promise<Exchanges> {
  const mac = `00:0c:${(step + 16).toString(16)}:00:00:00`;
  const argv = [
    ...["taskset", "--cpu-list", `${CORES.clients}`],
    ...["perfdhcp", "-4", "-l", "eth0", "-r", `${rate}`, "-p", `${seconds}`, "-R", `${CLIENTS}`],
    ...["-b", `mac=${mac}`, "-u", "-x", "t", "-W", "300000"],
  ];
  // perfdhcp ends with an error where some exchange got no answer: the counts say it better.
  const { stdout } = await host.run(argv);
  const [, discover = "", request = ""] = stdout.split("***Statistics for: ");
  const [, offers = "", acks = ""] = stdout.split("***Timestamps for packets: ");
  return {
    sent: number(discover, /sent packets: (\d+)/),
    completed: number(request, /received packets: (\d+)/),
    doubled: number(request, /non unique addresses: (\d+)/),
    offerMs: p99(offers),
    ackMs: p99(acks),
  };
}

function number(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

/** Lines "sent / received: SECONDS / SECONDS". */
function p99(text: string): number {
  const waits = [...text.matchAll(/: ([\d.]+) \/ ([\d.]+)/g)].map(
    ([, sent, received]) => (Number(received) - Number(sent)) * 1000,
  );
  waits.sort((a, b) => a - b);
  return waits[Math.floor(waits.length * 0.99)] ?? Number.NaN;
}

/** utime and stime, fields 14 and 15 of /proc/PID/stat. */
function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function pss(pid: number): number {
  return number(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"), /^Pss:\s+(\d+) kB/m) / 1024;
}

function report(results: ReadonlyMap<DhcpServer, readonly Measured[]>): string {
  const rows = [...results].map(([server, all]) => {
    const of = (pick: (one: Measured) => number) => median(all.map(pick));
    return [
      server.name,
      server.durability,
      `${Math.round(of((m) => m.peak))}`,
      waits(of, (m) => m.common),
      waits(of, (m) => m.half),
      of((m) => m.cpuMs).toFixed(2),
      of((m) => m.pssMegabytes).toFixed(0),
      `${all.reduce((sum, one) => sum + one.doubled, 0)}`,
    ];
  });
  return [
    `perfdhcp in a namespace of its own, ${ROUNDS} rounds, alternated, a fresh server each; medians. Every step has new`,
    `clients. Peak: complete exchanges of the highest step (of ${LADDER.join(", ")} a second, ${STEP_SECONDS} s each) of which`,
    `${SERVED * 100} % were served. Waits are p99 of OFFER and ACK, processor time is at half of the peak, ${HALF_SECONDS} s each. No server asks the network`,
    "before it gives an address. Doubled: addresses given twice, over all rounds. Each server has one core, perfdhcp the other one;",
    "`lan` is a process of its own, as on a board, `config` and the broker are on the core of perfdhcp; CPU and PSS are the server's.",
    "",
    table([
      [
        ...["server", "a lease when its ACK leaves", "peak, DORA/s"],
        ...[`ms at ${COMMON_RATE}/s`, "ms at half of the peak"],
        ...["CPU ms a DORA", "PSS MB", "doubled"],
      ],
      ...rows,
    ]),
  ].join("\n");
}

function waits(
  of: (pick: (one: Measured) => number) => number,
  which: (one: Measured) => Waits,
): string {
  const [offer, ack] = [of((m) => which(m).offerMs), of((m) => which(m).ackMs)];
  return `${offer.toFixed(1)} and ${ack.toFixed(1)}`;
}

if (import.meta.main) console.log((await benchDhcp()).markdown);
