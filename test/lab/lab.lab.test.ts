import { spawn } from "node:child_process";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENTS, currentLease, stopClient } from "./clients.ts";
import { Lab } from "./lab.ts";
import { down } from "./neighbourhood.ts";
import {
  commandLine,
  isAlive,
  killExactly,
  processNumbers,
  run,
  sleep,
  waitFor,
} from "./process.ts";
import { LABS_DIRECTORY, pathsOf, readState } from "./state.ts";
import { HOME_HOSTS, HOSTS, WAN_MAC } from "./topology.ts";

// The lab judges the gateway, so it is judged first: by what it leaves behind, and by programs that are not ours.

const DOOR = join(import.meta.dirname, "../../bin/lab");

describe("a lab's life", () => {
  it("leaves no process, namespace, interface, mount or file behind", async () => {
    const before = await machine();
    const lab = await Lab.up({ gateway: "none" });
    console.log(`up took ${lab.upMs} ms`);
    const namespaces = namespacesOf(lab.name);
    // One of each kind a host: network, mounts, names, processes.
    expect(namespaces.size).toBeGreaterThan(HOSTS.length * 4);
    expect((await machine()).links).toEqual(before.links);
    expect((await machine()).mounts).toEqual(before.mounts);
    await lab.exec("lan1", ["sh", "-c", "sleep 1000 & mount -t tmpfs x /mnt; touch /etc/left"]);
    lab.spawn("lan2", ["sleep", "1000"]);
    await lab.down();
    expect(await waitForNothingOf(lab.name, namespaces)).toEqual([]);
    expect(existsSync(lab.paths.directory)).toBe(false);
    expect(await machine()).toEqual(before);
    // Down twice is fine.
    await down(lab.name);
  });

  it("lets two labs stand side by side", async () => {
    const [one, two] = await Promise.all([
      Lab.up({ gateway: "none" }),
      Lab.up({ gateway: "none", operator: "orange" }),
    ]);
    try {
      await one.must("lan1", ["touch", "/etc/of-one"]);
      expect((await two.exec("lan1", ["ls", "/etc/of-one"])).code).not.toBe(0);
      for (const lab of [one, two]) {
        expect(await lab.must("attacker-wan", ["curl", "-s", WEB_ADDRESS])).toBe("81.250.0.66\n");
      }
      await one.down();
      expect(await two.must("attacker-wan", ["curl", "-s", WEB_ADDRESS])).toBe("81.250.0.66\n");
    } finally {
      await Promise.all([one.down(), two.down()]);
    }
  });

  it("comes up over what a killed `up` or dead hosts left behind", async () => {
    const name = "test-stale";
    const child = spawn(DOOR, ["up", "--gateway", "none", "--name", name], { stdio: "ignore" });
    await waitFor("half a lab", () => (readState(name)?.holders.isp ? true : undefined), 10_000, 1);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const first = await Lab.up({ gateway: "none", name });
    const gone = readState(name)?.holders.isp;
    if (gone === undefined) throw new Error("no isp");
    killExactly(gone, "SIGKILL");
    await waitFor("isp ends", () => !isAlive(gone), 2000, 5);
    const namespaces = namespacesOf(name);
    const second = await Lab.up({ gateway: "none", name });
    expect((await second.exec("isp", ["true"])).code).toBe(0);
    await first.down();
    expect(await waitForNothingOf(name, namespaces)).toEqual([]);
  });

  it("refuses a second `up` of the same name and says how to go on", async () => {
    const lab = await Lab.up({ gateway: "none" });
    try {
      await expect(Lab.up({ gateway: "none", name: lab.name })).rejects.toThrow(/already up/);
      expect((await lab.exec("isp", ["true"])).code).toBe(0);
    } finally {
      await lab.down();
    }
  });

  it("kills only the process it noted, never a later one with its number", async () => {
    const child = spawn("sleep", ["100"]);
    const pid = child.pid ?? 0;
    killExactly({ pid, start: "1" }, "SIGKILL");
    await sleep(50);
    expect(child.signalCode).toBeNull();
    child.kill();
  });
});

describe("the door", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up({ gateway: "none" });
  });
  afterAll(() => lab.down());
  const door = (...words: readonly string[]) =>
    run([DOOR, ...words], { env: { ...process.env, LAB_NAME: lab.name }, cwd: "/usr" });

  it("passes exit code, both outputs, input, directory and arguments through", async () => {
    const script = 'cat; pwd; hostname; echo "$1"; echo oops >&2; exit 7';
    const argv = [DOOR, "exec", "phone2", "--", "sh", "-c", script, "x", "a b $c"];
    const env = { ...process.env, LAB_NAME: lab.name };
    const outcome = await run(argv, { input: "hello\n", env, cwd: "/usr" });
    expect(outcome).toEqual({ code: 7, stdout: "hello\n/usr\nphone2\na b $c\n", stderr: "oops\n" });
  });

  it("gives the program the terminal", async () => {
    const inner = `${DOOR} exec lan1 --name ${lab.name} -- tty`;
    const outcome = await run(["script", "-qec", inner, "/dev/null"]);
    expect(outcome.stdout).toMatch(/^\/dev\/pts\/\d+/);
  });

  it("says in a sentence what it can't do", async () => {
    for (const [words, sentence] of [
      [["up", "--gateway", "qemu"], /QEMU/],
      [["up", "--operator", "pppoe"], /PPP/],
      [["exec", "nobody", "--", "true"], /exec needs a host/],
      [["fault", "clock-jump", "3600"], /refused in namespaces/],
      [["fault", "nothing"], /no fault/],
      [["fault", "park", "maybe"], /"on" or "off"/],
      [["frobnicate"], /no command/],
    ] as const) {
      const outcome = await door(...words);
      expect(outcome.code).not.toBe(0);
      expect(outcome.stderr).toMatch(sentence);
      expect(outcome.stderr).not.toContain("    at ");
    }
  });

  it("tells the status in words and as JSON", async () => {
    expect((await door("status")).stdout).toContain("81.253.149.10/32");
    const status = JSON.parse((await door("status", "--json")).stdout);
    expect(status).toMatchObject({ up: true, operator: "ethernet", gateway: "none" });
    expect(status.hosts).toHaveLength(HOSTS.length);
  });

  it("gives every host its own files and processes", async () => {
    const machineResolver = readFileSync("/etc/resolv.conf", "utf8");
    for (const path of ["/etc/resolv.conf", "/run/here", "/tmp/here", "/var/lib/here"]) {
      await lab.must("lan1", ["sh", "-c", 'echo mine >"$0"', path]);
      expect(await lab.must("lan1", ["cat", path])).toBe("mine\n");
      expect((await lab.exec("lan2", ["cat", path])).stdout).not.toBe("mine\n");
    }
    expect(readFileSync("/etc/resolv.conf", "utf8")).toBe(machineResolver);
    const ids = await Promise.all(
      HOME_HOSTS.map((host) => lab.must(host, ["cat", "/etc/machine-id"])),
    );
    expect(new Set(ids).size).toBe(HOME_HOSTS.length);
    expect(await lab.must("lan1", ["ls", "/sys/class/net"])).toBe("eth0\nlo\n");
    expect(await lab.must("lan1", ["cat", "/proc/1/comm"])).toBe("sh\n");
  });

  it("ends a program with the child that stands for it", async () => {
    const child = lab.spawn("lan1", ["sleep", "4321"]);
    const count = async () => (await lab.exec("lan1", ["pgrep", "-fx", "sleep 4321"])).code === 0;
    await lab.waitFor("it runs", count, 2000);
    child.kill("SIGKILL");
    await lab.waitFor("it ends", async () => !(await count()), 2000);
  });

  it("leaves no dead process uncollected", async () => {
    await lab.exec("lan1", ["sh", "-c", "for n in 1 2 3 4 5; do (sleep 0.1 &); done"]);
    await sleep(300);
    expect(await lab.must("lan1", ["ps", "--ppid", "1", "-o", "stat="])).not.toMatch(/^Z/m);
  });
});

const WEB_ADDRESS = "http://93.184.216.34/address";

describe("the small Internet", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up({ gateway: "none" });
    await lab.must("attacker-wan", [
      ...["sh", "-c", "echo nameserver 81.253.149.10 > /etc/resolv.conf"],
    ]);
  });
  afterAll(() => lab.down());
  const dig = (...words: readonly string[]) => lab.must("attacker-wan", ["dig", ...words]);

  it("serves pages by name and says whom it saw", async () => {
    const page = await lab.must("attacker-wan", ["curl", "-si", "http://web.internet.test/"]);
    expect(page).toContain("You are 81.250.0.66.");
    expect(page.toLowerCase()).toContain("x-client-address: 81.250.0.66");
    const argv = ["curl", "-s", "-o", "/dev/null", "-w", "%{size_download}"];
    const url = "http://web.internet.test/big?bytes=5000001";
    expect(await lab.must("attacker-wan", [...argv, url])).toBe("5000001");
  });

  it("answers names as the tests need them", async () => {
    expect(await dig("+short", "chain1.internet.test")).toContain("93.184.216.34");
    expect(await dig("+short", "rebind.internet.test")).toBe("192.168.1.1\n");
    expect(await dig("+noall", "+comments", "+authority", "nowhere.internet.test")).toMatch(
      /NXDOMAIN.*SOA/s,
    );
    expect(await dig("+noall", "+comments", "nowhere.example.com")).toContain("NXDOMAIN");
    expect(
      await dig("+notcp", "+ignore", "+noall", "+comments", "TXT", "big.internet.test"),
    ).toMatch(/flags:[^;]* tc/);
    expect((await dig("+short", "TXT", "big.internet.test")).length).toBeGreaterThan(4800);
    expect(await dig("+short", "TXT", "a.wild.internet.test")).toContain("wildcard");
  });

  it("has a resolver that can die", async () => {
    await lab.fault("resolver-dead", "on");
    const dead = await lab.exec("attacker-wan", [
      "dig",
      "+tries=1",
      "+time=1",
      "web.internet.test",
    ]);
    expect(dead.code).toBe(9);
    await lab.fault("resolver-dead", "off");
    expect(await dig("+short", "web.internet.test")).toBe("93.184.216.34\n");
  });

  it("can be cut off behind the operator", async () => {
    await lab.fault("internet-dead", "on");
    const dead = await lab.exec("attacker-wan", ["curl", "-s", "-m", "1", WEB_ADDRESS]);
    expect(dead.code).not.toBe(0);
    await lab.fault("internet-dead", "off");
    expect(await lab.must("attacker-wan", ["curl", "-s", "-m", "5", WEB_ADDRESS])).toContain("81.");
  });

  it("records packets", async () => {
    const capture = await lab.capture("isp", "access", "icmp");
    await lab.must("attacker-wan", ["ping", "-c", "2", "-i", "0.2", "81.250.0.1"]);
    await lab.waitFor("packets", async () => (await capture.text()).length >= 4, 3000);
    await capture.stop();
    expect((await capture.text())[0]).toContain("81.250.0.66 > 81.250.0.1: ICMP echo request");
  });
});

describe("the home's clients", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up({ gateway: "none" });
    await startJudgeServer(lab);
  });
  afterAll(() => lab.down());

  CLIENTS.forEach((client, at) => {
    it(`${client} gets a lease from dnsmasq`, async () => {
      const host = HOME_HOSTS[at] ?? "lan1";
      const lease = await lab.lease(client, host);
      expect(lease).toMatchObject({
        prefixLength: 24,
        router: "192.168.1.1",
        resolvers: ["192.168.1.1"],
        domain: "home.arpa",
      });
      expect(lease.address).toMatch(/^192\.168\.1\.1\d\d$/);
      await lab.must(host, ["ping", "-c", "1", "-W", "2", "192.168.1.1"]);
      await stopClient(lab.name, client, host);
      expect(await currentLease(lab.name, host)).toBeUndefined();
    });
  });
});

/** A LAN that is not ours: a bridge and dnsmasq in the gateway's place. */
async function startJudgeServer(lab: Lab): Promise<void> {
  const ports = ["lan0", "lan1", "lan2", "lan3", "lan4", "lan5"];
  const lines = [
    "link add br-lan type bridge",
    ...ports.map((port) => `link set ${port} master br-lan up`),
    "link set br-lan up",
    "address add 192.168.1.1/24 dev br-lan",
  ];
  await lab.must("gw", ["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
  await lab.serve("gw", "judge", [
    ...["dnsmasq", "--conf-file=/dev/null", "--user=root", "--pid-file=", "--keep-in-foreground"],
    ...["--interface=br-lan", "--bind-interfaces", "--no-resolv", "--no-ping"],
    ...["--dhcp-range=192.168.1.100,192.168.1.150,255.255.255.0,600", "--domain=home.arpa"],
    "--dhcp-leasefile=/tmp/judge.leases",
  ]);
}

describe("faults of the access", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up({ gateway: "none" });
    await lab.must("gw", ["ip", "link", "set", "wan0", "up"]);
  });
  afterAll(() => lab.down());
  const request = () =>
    lab.exec("gw", ["udhcpc", "-i", "wan0", "-n", "-q", "-t", "3", "-T", "1"], {
      timeoutMs: 15_000,
    });
  const carrier = async (host: "gw" | "lan1", device: string) =>
    (await lab.exec(host, ["cat", `/sys/class/net/${device}/carrier`])).stdout.trim();

  it("an Ethernet operator serves any client, and stays silent when told", async () => {
    expect((await request()).stderr).toMatch(/lease of 81\.250\.0\.1[0-4]\d obtained/);
    expect(await lab.must("gw", ["curl", "-s", "-m", "5", WEB_ADDRESS])).toMatch(/^81\.250\.0\.1/);
    expect(lab.operatorLeases()).toMatchObject([{ mac: WAN_MAC }]);
    await lab.fault("operator-silent", "on");
    expect((await request()).code).not.toBe(0);
    await lab.fault("operator-silent", "off");
    expect((await request()).code).toBe(0);
  });

  it("an Ethernet operator moves the line when its session is killed, its router or its network changes", async () => {
    await lab.fault("session-kill");
    expect((await request()).stderr).toMatch(/lease of 81\.250\.0\.1[5-9]\d obtained/);
    await lab.fault("gateway-change");
    await request();
    expect(await lab.must("gw", ["ip", "route"])).toContain("default via 81.250.0.254");
    expect(await lab.must("gw", ["curl", "-s", "-m", "5", WEB_ADDRESS])).toMatch(/^81\.250/);
    await lab.fault("renumber");
    await request();
    expect(await lab.must("gw", ["curl", "-s", "-m", "5", WEB_ADDRESS])).toMatch(/^81\.251\.0/);
    await lab.fault("lease-time", "120");
    expect((await request()).stderr).toContain("lease time 120");
  });

  it("carrier loss is seen by the gateway, for as long as asked", async () => {
    expect(await carrier("gw", "wan0")).toBe("1");
    await lab.fault("carrier-loss", "on");
    expect(await carrier("gw", "wan0")).toBe("0");
    await lab.fault("carrier-loss", "off");
    expect(await carrier("gw", "wan0")).toBe("1");
    const began = performance.now();
    const over = lab.fault("carrier-loss", "0.5");
    await sleep(250);
    expect(await carrier("gw", "wan0")).toBe("0");
    await over;
    expect(performance.now() - began).toBeGreaterThan(480);
    expect(await carrier("gw", "wan0")).toBe("1");
  });

  it("a full disk refuses one more octet, and an emptied one takes it", async () => {
    const file = join(lab.paths.gateway, "state", "probe");
    const write = () => lab.exec("gw", ["dd", "if=/dev/zero", `of=${file}`, "bs=8k", "count=1"]);
    expect((await write()).code).toBe(0);
    await lab.must("gw", ["rm", file]);
    await lab.fault("disk-full", "on");
    expect((await write()).stderr).toContain("No space left");
    await lab.fault("disk-full", "off");
    expect((await write()).code).toBe(0);
  });

  it("a power cut loses all but the disk and the cables, and the home sees it dark", async () => {
    const kept = join(lab.paths.gateway, "state", "kept");
    await lab.must("gw", ["sh", "-c", 'echo precious >"$0"; echo x >/tmp/lost', kept]);
    await lab.must("gw", ["ip", "link", "set", "lan0", "up"]);
    await lab.must("gw", ["nft", "add", "table", "inet", "rules"]);
    const program = lab.spawn("gw", ["sleep", "1000"]);
    const ended = new Promise((resolve) => program.once("exit", resolve));
    expect(await carrier("lan1", "eth0")).toBe("1");
    const over = lab.fault("power-cut", "0.5");
    await ended;
    await sleep(300);
    expect(await carrier("lan1", "eth0")).toBe("0");
    await over;
    expect(await lab.must("gw", ["cat", kept])).toBe("precious\n");
    expect((await lab.exec("gw", ["cat", "/tmp/lost"])).code).not.toBe(0);
    expect(await lab.must("gw", ["nft", "list", "ruleset"])).toBe("");
    expect(await lab.must("gw", ["ip", "-4", "-br", "address"])).not.toContain("wan0");
    await lab.must("gw", ["ip", "link", "set", "wan0", "up"]);
    await lab.must("gw", ["ip", "link", "set", "lan0", "up"]);
    expect(await carrier("lan1", "eth0")).toBe("1");
    expect((await request()).code).toBe(0);
    expect((await lab.must("gw", ["ip", "link", "show", "wan0"])).includes(WAN_MAC)).toBe(true);
  });
});

interface Machine {
  readonly links: readonly string[];
  readonly mounts: readonly string[];
}

/** What the lab could leave in the machine's own namespaces. Other tests' links are theirs. */
async function machine(): Promise<Machine> {
  const outcome = await run(["ip", "-j", "link", "show"]);
  const links = JSON.parse(outcome.stdout) as {
    readonly ifname: string;
    readonly address: string;
  }[];
  return {
    links: links.filter((link) => link.address.startsWith("02:70:61:")).map((link) => link.ifname),
    mounts: readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(LABS_DIRECTORY)),
  };
}

const KINDS = ["net", "mnt", "uts", "pid"] as const;

function namespacesOf(name: string): Set<string> {
  const own = new Set(KINDS.map((kind) => readlinkSync(`/proc/self/ns/${kind}`)));
  const found = Object.values(readState(name)?.holders ?? {}).flatMap((id) =>
    KINDS.flatMap((kind) => {
      const link = namespaceOf(id.pid, kind);
      return link === undefined || own.has(link) ? [] : [link];
    }),
  );
  return new Set(found);
}

function namespaceOf(pid: number, kind: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}

/** Everything on the machine that still belongs to a lab. Namespaces and processes end a moment after their killers. */
async function waitForNothingOf(name: string, namespaces: ReadonlySet<string>): Promise<string[]> {
  const left = () => [
    ...processNumbers()
      .filter((pid) => commandLine(pid).some((word) => word.includes(pathsOf(name).directory)))
      .map((pid) => `process ${pid}: ${commandLine(pid).join(" ")}`),
    ...processNumbers().flatMap((pid) =>
      KINDS.map((kind) => namespaceOf(pid, kind)).filter(
        (link) => link !== undefined && namespaces.has(link),
      ),
    ),
  ];
  await waitFor("nothing is left", () => left().length === 0, 2000).catch(() => {});
  return left().map(String);
}
