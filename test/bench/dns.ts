import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { queryBytes } from "../../packages/daemons/lan/test/dns-messages.ts";
import { type BenchSection, median, table } from "./section.ts";

const ROUNDS = 3;
const SECONDS = 4;
const NAMES = 1000;
const BLOCKED_NAMES = 1_000_000;
const MISSES = 400;
const UPSTREAM_PORT = 15_350;

interface Contestant {
  readonly name: string;
  readonly port: number;
  readonly command: readonly string[];
  child?: ChildProcess;
  said: string;
  readonly rate: number[];
  readonly cpuPerMillion: number[];
  readonly p99Ms: number[];
  readonly missMs: number[];
  pssMb: number;
}

/** Cached answers, look-ups and memory of our forwarder beside dnsmasq and unbound, each one process on one core. */
export async function benchDns(): Promise<BenchSection> {
  const folder = mkdtempSync(join(tmpdir(), "bench-dns-"));
  const children: ChildProcess[] = [];
  try {
    return await measure(folder, children);
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

async function measure(folder: string, children: ChildProcess[]): Promise<BenchSection> {
  const names = Array.from({ length: NAMES }, (_, i) => `host${i}.bench.test A`).join("\n");
  writeFileSync(join(folder, "queries"), `${names}\n`);
  await writeBlocklist(join(folder, "million"));
  writeFileSync(join(folder, "upstream.conf"), unboundConf(UPSTREAM_PORT, ANSWERS_ALL));
  const start = (command: readonly string[]): ChildProcess => {
    const [program = "", ...args] = command;
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
    children.push(child);
    return child;
  };
  start(["unbound", "-d", "-c", join(folder, "upstream.conf")]);
  await sleep(800);
  const all = contestants(folder);
  for (const one of all) {
    one.child = start(["taskset", "-c", "1", ...one.command]);
    one.child.stdout?.on("data", (piece: Buffer) => {
      one.said += piece.toString();
    });
  }
  await sleep(5000);
  await missRounds(all);
  const file = join(folder, "queries");
  for (const one of all) await dnsperf(one.port, file, 1, []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of all) await saturate(one, file);
  }
  const half = Math.floor(Math.min(...all.map((one) => median(one.rate))) / 2);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of all) one.p99Ms.push(await p99(one.port, file, half));
  }
  for (const one of all) one.pssMb = pss(one.child?.pid ?? 0);
  return { title: "DNS forwarder", markdown: report(all, half) };
}

function contestants(folder: string): readonly Contestant[] {
  const blank = () => ({ said: "", rate: [], cpuPerMillion: [], p99Ms: [], missMs: [], pssMb: 0 });
  const server = join(import.meta.dirname, "dns-server.ts");
  const unbound = join(folder, "unbound.conf");
  writeFileSync(unbound, unboundConf(15_353, FORWARDS));
  const dnsmasq =
    "-k -p 15352 --listen-address=127.0.0.1 --bind-interfaces -R -h -c 10000 -C /dev/null";
  return [
    {
      ...blank(),
      name: "passerelle",
      port: 15_351,
      command: [process.execPath, server, "15351", String(UPSTREAM_PORT), folder, "million"],
    },
    {
      ...blank(),
      name: "dnsmasq",
      port: 15_352,
      command: ["dnsmasq", ...dnsmasq.split(" "), `--server=127.0.0.1#${UPSTREAM_PORT}`],
    },
    { ...blank(), name: "unbound", port: 15_353, command: ["unbound", "-d", "-c", unbound] },
  ];
}

const ANSWERS_ALL = `  local-zone: "bench.test." redirect
  local-data: "bench.test. 3600 IN A 198.18.0.1"
`;
const FORWARDS = `  msg-cache-size: 16m
  rrset-cache-size: 32m
  domain-insecure: "test."
  local-zone: "test." nodefault
  module-config: "iterator"
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${UPSTREAM_PORT}
`;

function unboundConf(port: number, rest: string): string {
  return `server:
  interface: 127.0.0.1@${port}
  port: ${port}
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  pidfile: ""
  do-ip6: no
  num-threads: 1
  do-not-query-localhost: no
${rest}remote-control:
  control-enable: no
`;
}

/** Names as blocklists carry them, in the hosts notation. */
function writeBlocklist(path: string): Promise<void> {
  const file = createWriteStream(path);
  for (let i = 0; i < BLOCKED_NAMES; i += 20_000) {
    let text = "";
    for (let k = i; k < i + 20_000; k += 1) text += `0.0.0.0 ads${k}.tracker${k % 9973}.example\n`;
    file.write(text);
  }
  return new Promise((resolve) => file.end(resolve));
}

async function saturate(one: Contestant, file: string): Promise<void> {
  const before = cpuSeconds(one.child?.pid ?? 0);
  const text = await dnsperf(one.port, file, SECONDS, ["-q", "400"]);
  const used = cpuSeconds(one.child?.pid ?? 0) - before;
  const completed = number(text, /Queries completed:\s+(\d+)/);
  one.rate.push(number(text, /Queries per second:\s+([\d.]+)/));
  one.cpuPerMillion.push((used * 1e6) / completed);
}

async function p99(port: number, file: string, rate: number): Promise<number> {
  const text = await dnsperf(port, file, SECONDS, ["-Q", String(rate), "-v"]);
  const latencies = [...text.matchAll(/^> \S+ \S+ \S+ ([\d.]+)/gm)].map((m) => Number(m[1]));
  latencies.sort((a, b) => a - b);
  return (latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN) * 1000;
}

async function dnsperf(
  port: number,
  file: string,
  seconds: number,
  more: readonly string[],
): Promise<string> {
  const args = [
    "-c",
    "0",
    "dnsperf",
    "-s",
    "127.0.0.1",
    "-p",
    String(port),
    "-d",
    file,
    "-l",
    String(seconds),
    "-c",
    "20",
    "-T",
    "1",
    ...more,
  ];
  const { stdout } = await promisify(execFile)("taskset", args, { maxBuffer: 1 << 28 });
  return stdout;
}

/** Names nobody asked before, one after the other, alternating between asking directly and through each server. */
async function missRounds(all: readonly Contestant[]): Promise<void> {
  direct.length = 0;
  const targets = [
    { port: UPSTREAM_PORT, into: direct },
    ...all.map((one) => ({ port: one.port, into: one.missMs })),
  ];
  const socket = createSocket("udp4");
  for (let i = 0; i < MISSES; i += 1) {
    for (const { port, into } of targets) {
      const query = queryBytes(`miss${i}x${port}.bench.test`, 1, { id: i });
      const from = process.hrtime.bigint();
      const answered = new Promise<void>((resolve) => socket.once("message", () => resolve()));
      socket.send(query, port, "127.0.0.1");
      await Promise.race([answered, sleep(2000)]);
      // The first ones warm everything up.
      if (i >= MISSES / 4) into.push(Number(process.hrtime.bigint() - from) / 1e6);
    }
  }
  socket.close();
}

const direct: number[] = [];

function report(all: readonly Contestant[], half: number): string {
  const [ours, ...peers] = all;
  const rows = all.map((one) => [
    one.name,
    Math.round(median(one.rate)).toLocaleString("en"),
    one === ours ? "1" : (median(ours?.rate ?? []) / median(one.rate)).toFixed(2),
    median(one.cpuPerMillion).toFixed(2),
    median(one.p99Ms).toFixed(2),
    (median(one.missMs) - median(direct)).toFixed(2),
    one.pssMb.toFixed(0),
  ]);
  const head = [
    "server",
    "cached answers/s",
    "ours ÷ it",
    "CPU s per million",
    `p99 ms at ${half}/s`,
    "added to a miss, ms",
    "PSS MB",
  ];
  const started = /\{.*\}/.exec(ours?.said ?? "")?.[0] ?? "{}";
  const cpuRatio = peers.map(
    (p) =>
      `${(median(p.cpuPerMillion) / median(ours?.cpuPerMillion ?? [])).toFixed(2)} × ${p.name}`,
  );
  return [
    table([head, ...rows]),
    "",
    `Medians of ${ROUNDS} alternated rounds of ${SECONDS} s, dnsperf with ${NAMES} names on one core of ${cpus()[0]?.model ?? "this machine"}, each server alone on the other.`,
    `Ours answers with all checks and ${BLOCKED_NAMES.toLocaleString("en")} blocked names loaded; the peers have no blocklist. Start: \`${started}\`.`,
    `Answers per CPU second, ours against theirs: ${cpuRatio.join(", ")}. A miss asked directly takes ${median(direct).toFixed(2)} ms (p50 of ${direct.length}).`,
  ].join("\n");
}

function number(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? Number.NaN);
}

/** User and system time of a process: fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function pss(pid: number): number {
  return number(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"), /^Pss:\s+(\d+)/m) / 1024;
}

if (import.meta.main) {
  const section = await benchDns();
  console.log(`## ${section.title}\n\n${section.markdown}`);
}
