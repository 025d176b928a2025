import { spawn } from "node:child_process";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
import { HOME_HOSTS, HOSTS, WEB_ADDRESS } from "./topology.ts";

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
      [["up", "--gateway", "bare-metal"], /--gateway is one of/],
      [["up", "--operator", "pppoe"], /PPP/],
      [["exec", "nobody", "--", "true"], /exec needs a host/],
      [["fault", "clock-jump", "3600"], /needs a lab/],
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
    await lab.exec("lan1", ["pkill", "sleep"]);
    await lab.exec("lan1", ["sh", "-c", "for n in 1 2 3 4 5; do (sleep 0.1 &); done"]);
    await sleep(300);
    expect(await lab.must("lan1", ["ps", "--ppid", "1", "-o", "stat="])).not.toMatch(/^Z/m);
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
