import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { enterPrivateNetwork } from "@passerelle/native";
import { afterAll, beforeAll, expect, test } from "vitest";

/**
 * Router and DHCPv6 server on a real bridge, judged by a Linux host, rdisc6 and dhclient behind it. This thread's
 * namespace is the gateway. Needs root.
 */
enterPrivateNetwork();

const MAC = "02:00:00:00:00:01";
const FIRST = "2a01:cb00:1:100::/56";
const SECOND = "2a01:cb00:2:200::/56";
const OWN = "fd12:3456:789a::/48";
const directory = mkdtempSync(join(tmpdir(), "passerelle-lan6-"));
const script = join(directory, "dhclient.sh");
const children: ChildProcess[] = [];
let inside: readonly string[] = [];
let host: ChildProcess;
let heard = "";

interface HostAddress {
  readonly local: string;
  readonly deprecated?: boolean;
  readonly valid_life_time: number;
}

function run(argv: readonly string[]): string {
  const [command = "", ...rest] = argv;
  return execFileSync(command, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

async function until(condition: () => boolean, ms = 90_000): Promise<void> {
  for (let waited = 0; waited < ms; waited += 50) {
    if (condition()) return;
    await sleep(50);
  }
  throw new Error("waited in vain");
}

function say(line: string): void {
  host.stdin?.write(`${line}\n`);
}

/** The client's global addresses. */
function addresses(): readonly HostAddress[] {
  const shown = run([
    ...inside,
    "ip",
    "-6",
    "-j",
    "address",
    "show",
    "dev",
    "c1",
    "scope",
    "global",
  ]);
  const links = JSON.parse(shown) as readonly { readonly addr_info?: readonly HostAddress[] }[];
  return links.flatMap((link) => link.addr_info ?? []).filter(({ local }) => local !== undefined);
}

function addressIn(prefix: string): HostAddress | undefined {
  return addresses().find(({ local }) => local.startsWith(prefix));
}

function hasDefaultRoute(): boolean {
  return run([...inside, "ip", "-6", "route", "show", "default"]).includes("default via fe80::");
}

/** What dhclient has, with the options given. */
function dhclient(...options: readonly string[]): string {
  const file = join(directory, `leases-${options.join("")}`);
  const pid = join(directory, "pid");
  run([
    ...[...inside, "dhclient", "-6", "-1", ...options, "-lf", file, "-pf", pid],
    ...["-sf", script, "c1"],
  ]);
  process.kill(Number(readFileSync(pid, "utf8")), "SIGKILL");
  // Without leases it keeps nothing but what its script is told.
  return readFileSync(options.includes("-S") ? join(directory, "told") : file, "utf8");
}

beforeAll(async () => {
  writeFileSync(script, `#!/bin/sh\nenv > ${directory}/told\n`, { mode: 0o755 });
  const anchor = spawn("unshare", ["-n", "sleep", "600"], { stdio: "ignore" });
  children.push(anchor);
  await until(() => {
    const own = execFileSync("readlink", [`/proc/${process.pid}/task/${process.pid}/ns/net`]);
    const its = execFileSync("readlink", [`/proc/${anchor.pid}/ns/net`]);
    return readFileSync(`/proc/${anchor.pid}/comm`, "utf8").trim() === "sleep" && !own.equals(its);
  });
  inside = ["nsenter", "-t", String(anchor.pid), "-n"];
  run(["ip", "link", "add", "br-lan", "address", MAC, "type", "bridge"]);
  run(["ip", "link", "set", "br-lan", "up"]);
  run(["ip", "link", "add", "eth1", "master", "br-lan", "type", "veth", "peer", "name", "c1"]);
  run(["ip", "link", "set", "c1", "netns", String(anchor.pid)]);
  run(["ip", "link", "set", "eth1", "up"]);
  run([...inside, "ip", "link", "set", "lo", "up"]);
  run([...inside, "ip", "link", "set", "c1", "address", "02:00:00:00:00:99", "up"]);
  const ready = (ns: readonly string[], device: string): boolean =>
    /fe80/.test(run([...ns, "ip", "-6", "address", "show", "dev", device, "-tentative"]));
  await until(() => ready([], "br-lan") && ready(inside, "c1"));
  const [link] = JSON.parse(run(["ip", "-j", "link", "show", "br-lan"])) as { ifindex: number }[];
  const program = join(import.meta.dirname, "lab-host.ts");
  host = spawn(process.execPath, [program, "br-lan", String(link?.ifindex), MAC], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(host);
  host.stdout?.on("data", (chunk: Buffer) => {
    heard += chunk.toString();
  });
  await until(() => heard.includes("ready"));
});

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

test("a Linux host makes addresses of every prefix, and has a default route", async () => {
  say(`${FIRST} ${OWN}`);
  await until(() => addressIn("2a01:cb00:1:100:") !== undefined && hasDefaultRoute());
  expect(addressIn("fd12:3456:789a:")).toBeDefined();
  expect(addressIn("2a01:cb00:1:100:")?.valid_life_time).toBeLessThanOrEqual(5400);
});

test("rdisc6 asks and is answered with the same", () => {
  const told = run([...inside, "rdisc6", "-1", "-r", "3", "-w", "5000", "c1"]);
  expect(told).toMatch(/Stateful address conf\. *: *Yes/);
  expect(told).toMatch(/Stateful other conf\. *: *Yes/);
  expect(told).toMatch(/Router lifetime *: *2700 /);
  expect(told).toContain("2a01:cb00:1:100::/64");
  expect(told).toContain("2a01:cb00:1:100::/56");
  expect(told).toContain("fd12:3456:789a::1");
  expect(told).toContain("home.arpa");
});

test("dhclient gets an address of every prefix, a prefix for its own network, and other configuration", async () => {
  const lease = dhclient("-N", "-P");
  expect(lease).toMatch(/iaaddr 2a01:cb00:1:100:1/);
  expect(lease).toMatch(/iaaddr fd12:3456:789a:0:1/);
  const prefix = /iaprefix (2a01:cb00:1:1[0-9a-f]{2}::\/64)/.exec(lease)?.[1];
  expect(prefix).toBeDefined();
  await until(() => heard.includes(`${prefix} via fe80::ff:fe00:99`));
  expect(dhclient("-S")).toContain("new_dhcp6_name_servers=fd12:3456:789a::1\n");
});

test("L-13: the prefix of before is deprecated by the host within seconds, with the new one there", async () => {
  say(`${SECOND} ${OWN}`);
  await until(() => addressIn("2a01:cb00:1:100:")?.deprecated === true, 20_000);
  await until(() => addressIn("2a01:cb00:2:200:") !== undefined);
  expect(addressIn("2a01:cb00:2:200:")?.deprecated).toBeUndefined();
  expect(hasDefaultRoute()).toBe(true);
});

test("G-5: no Internet, no default route; the addresses stay", async () => {
  await sleep(3000);
  say(`${SECOND} ${OWN} unreachable`);
  await until(() => !hasDefaultRoute(), 20_000);
  expect(addressIn("2a01:cb00:2:200:")?.deprecated).toBeUndefined();
  say(`${SECOND} ${OWN}`);
  await until(hasDefaultRoute, 20_000);
});

test("a router that goes says so", async () => {
  say("stop");
  await until(() => !hasDefaultRoute(), 20_000);
});
