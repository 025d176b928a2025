import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { enterPrivateNetwork } from "@passerelle/native";
import { afterAll, beforeAll, expect, test } from "vitest";

/**
 * The real service on real bridges, judged by udhcpc and dhclient, each in a network namespace of
 * its own. This thread's namespace is the gateway. Needs root.
 */
enterPrivateNetwork();

const directory = mkdtempSync(join(tmpdir(), "passerelle-lan-"));
const script = join(directory, "udhcpc.sh");
const children: ChildProcess[] = [];
/** How to run something as the machine behind a port. */
const behind = new Map<string, readonly string[]>();
let server: Server;

interface Server {
  readonly process: ChildProcess;
  readonly told: { readonly kind: string; readonly value: Record<string, unknown> }[];
}

/** A machine of the home behind a port of the bridge; a sleeping child keeps its namespace. */
async function addClient(port: string, mac: string): Promise<readonly string[]> {
  const anchor = spawn("unshare", ["-n", "sleep", "600"], { stdio: "ignore" });
  children.push(anchor);
  await until(() => {
    const own = execFileSync("readlink", [`/proc/${process.pid}/task/${process.pid}/ns/net`]);
    const its = execFileSync("readlink", [`/proc/${anchor.pid}/ns/net`]);
    const comm = readFileSync(`/proc/${anchor.pid}/comm`, "utf8").trim();
    return comm === "sleep" && !own.equals(its);
  });
  const peer = `c-${port}`;
  execFileSync("ip", ["link", "add", port, "type", "veth", "peer", "name", peer]);
  execFileSync("ip", ["link", "set", peer, "netns", String(anchor.pid)]);
  const inside = ["nsenter", "-t", String(anchor.pid), "-n"];
  run([...inside, "ip", "link", "set", peer, "address", mac, "up"]);
  behind.set(port, inside);
  return inside;
}

function run(argv: readonly string[]): string {
  const [command = "", ...rest] = argv;
  return execFileSync(command, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

async function startServer(): Promise<Server> {
  const host = join(import.meta.dirname, "lab-host.ts");
  const child = spawn(process.execPath, [host, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const started: Server = { process: child, told: [] };
  let rest = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) started.told.push(JSON.parse(line));
  });
  await until(() => started.told.some((one) => one.kind === "ready"));
  return started;
}

async function killServer(): Promise<void> {
  const gone = new Promise((resolve) => server.process.once("exit", resolve));
  server.process.kill("SIGKILL");
  await gone;
}

async function until(condition: () => boolean, ms = 10_000): Promise<void> {
  for (let waited = 0; waited < ms; waited += 50) {
    if (condition()) return;
    await sleep(50);
  }
  throw new Error("waited in vain");
}

/** What the script of udhcpc was told last. */
function told(): Record<string, string> {
  const lines = readFileSync(join(directory, "told"), "utf8").split("\n");
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

beforeAll(async () => {
  const lines = [
    "#!/bin/sh",
    'if [ "$1" = bound ] || [ "$1" = renew ]; then',
    '  ip addr replace "$ip/$mask" dev "$interface"',
    "fi",
    `(echo "event=$1"; env) > ${directory}/told.new && mv ${directory}/told.new ${directory}/told`,
  ];
  writeFileSync(script, `${lines.join("\n")}\n`, { mode: 0o755 });
  server = await startServer();
});

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

test("udhcpc: lease, renewal, renewal after kill -9, release, the same address again", async () => {
  // The port is plugged in after the daemon has started.
  const inside = await addClient("eth1", "02:00:00:00:00:01");
  const argv = [...inside, "udhcpc", "-f", "-t", "5", "-T", "1", "-i", "c-eth1", "-s", script];
  const [command = "", ...rest] = argv;
  const client = spawn(command, rest, { stdio: "ignore" });
  children.push(client);
  const heard = (event: string) => () => {
    try {
      return told().event === event;
    } catch {
      return false;
    }
  };
  await until(heard("bound"));
  const first = told();
  expect(first).toMatchObject({
    router: "192.168.1.1",
    dns: "192.168.1.1",
    domain: "home.arpa",
    lease: "86400",
    mask: "24",
  });
  const address = first.ip ?? "";
  expect(address).toMatch(/^192\.168\.1\.(5\d|[6-9]\d|1\d\d|2[0-4]\d|250)$/);
  expect(run([...inside, "ping", "-c", "1", "-W", "2", "192.168.1.1"])).toContain("1 received");

  client.kill("SIGUSR1");
  await until(heard("renew"));

  await killServer();
  writeFileSync(join(directory, "told"), "event=none\n");
  // The bridge and its address outlive the daemon.
  expect(run([...inside, "ping", "-c", "1", "-W", "2", "192.168.1.1"])).toContain("1 received");
  server = await startServer();
  client.kill("SIGUSR1");
  await until(heard("renew"));
  expect(told().ip).toBe(address);

  const exited = new Promise((resolve) => client.once("exit", resolve));
  client.kill("SIGUSR2");
  await until(() =>
    server.told.some((one) => one.kind === "lease" && one.value.kind === "released"),
  );
  client.kill("SIGTERM");
  await exited;
  const again = run([...argv, "-q"]);
  expect(told().ip).toBe(address);
  expect(again).toBe("");
});

test("an address that somebody took by hand is not given to another", async () => {
  const inside = behind.get("eth1") ?? [];
  run([...inside, "ip", "addr", "add", "192.168.1.77/24", "dev", "c-eth1"]);
  const other = await addClient("eth2", "02:00:00:00:00:02");
  run([
    ...other,
    "udhcpc",
    "-f",
    "-q",
    "-n",
    "-t",
    "5",
    "-T",
    "1",
    "-i",
    "c-eth2",
    "-r",
    "192.168.1.77",
    "-s",
    script,
  ]);
  expect(told().ip).not.toBe("192.168.1.77");
  await until(() =>
    server.told.some(
      (one) => one.kind === "leases" && JSON.stringify(one.value).includes(`"${told().ip}"`),
    ),
  );
});

test("dhclient gets a lease, and a reservation by MAC holds", async () => {
  const inside = behind.get("eth2") ?? [];
  run([...inside, "ip", "link", "set", "c-eth2", "down"]);
  run([...inside, "ip", "addr", "flush", "dev", "c-eth2"]);
  run([...inside, "ip", "link", "set", "c-eth2", "address", "02:00:00:00:00:99", "up"]);
  const leases = join(directory, "dhclient.leases");
  const pidFile = join(directory, "dhclient.pid");
  const dhclient = ["dhclient", "-1", "-lf", leases, "-pf", pidFile, "-sf", "/bin/true", "c-eth2"];
  const [command = "", ...rest] = [...inside, "timeout", "20", ...dhclient];
  // It stays behind as a daemon, and would keep a pipe open.
  execFileSync(command, rest, { stdio: "ignore" });
  expect(readFileSync(leases, "utf8")).toContain("fixed-address 192.168.1.9;");
  process.kill(Number(readFileSync(pidFile, "utf8")));
});

test("10 000 made-up MACs from one machine: a device of the home gets its lease within three seconds", async () => {
  await killServer();
  server = await startServer();
  const inside = behind.get("eth1") ?? [];
  const flooder = behind.get("eth2") ?? [];
  run([...flooder, "ip", "addr", "replace", "192.168.1.251/24", "dev", "c-eth2"]);
  // Globally administered: nothing tells them from real ones but that there are so many.
  const argv = ["perfdhcp", "-4", "-l", "c-eth2", "-r", "2000", "-p", "6", "-R", "10000"];
  const [command = "", ...rest] = [...flooder, ...argv, "-b", "mac=00:0c:29:00:00:00"];
  const flood = spawn(command, rest, { stdio: "ignore" });
  children.push(flood);
  await sleep(2000);
  const udhcpc = ["udhcpc", "-f", "-q", "-n", "-t", "3", "-T", "1", "-i", "c-eth1", "-s", script];
  writeFileSync(join(directory, "told"), "event=none\n");
  run([...inside, ...udhcpc]);
  expect(told().event).toBe("bound");
  expect(flood.exitCode).toBeNull();
  flood.kill("SIGTERM");
  await until(() => server.told.some((one) => one.kind === "state"));
  const states = server.told.filter((one) => one.kind === "state");
  const [home] = (states.at(-1)?.value.networks ?? []) as {
    readonly dhcp: { readonly free: number };
  }[];
  expect(home?.dhcp.free).toBeGreaterThanOrEqual(Math.floor(201 / 8) - 1);
});
