import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { ADDRESSES } from "../lab/topology.ts";

/** Who tries to get out, from inside the very unit of each daemon, in the machine: C1 of security.md. */

const DAEMONS = ["config", "system", "firewall", "wan", "lan", "web"] as const;
type Daemon = (typeof DAEMONS)[number];

/** What each may do; everything else that the probe tries is refused. */
const ALL = ["write own state", "write own runtime", "bus as itself"];
const NETWORK = [
  ...["packet socket", "raw socket", "netlink socket", "change the network"],
  ...["reach the Internet", "reach the home"],
];
const ALLOWED: Readonly<Record<Daemon, readonly string[]>> = {
  config: [...ALL, "read factory values"],
  web: [...ALL, "reach the home"],
  firewall: [...ALL, "netlink socket", "change the network", "write a network setting"],
  wan: [...ALL, ...NETWORK],
  lan: [...ALL, ...NETWORK],
  system: [
    ...ALL,
    ...NETWORK.filter((name) => name !== "change the network"),
    ...["order a factory reset", "see another", "message bus"],
  ],
};
/** The probe tries so many things at least: one that says nothing is not a good one. */
const ATTEMPTS_MIN = 48;

const FOLDER = "/run/passerelle-probe";
const PROBE = join(import.meta.dirname, "sandbox-probe.ts");
const SCRIPT = "probe.sh";

/** The box's chrony has no Node, and no memory for it: a line for each thing that could be done. */
const CHRONY_PROBE = `
try() {
  name=$1
  shift
  # Not every tool of busybox ends with a number that says it failed.
  if complaint=$("$@" 2>&1 >/dev/null) && [ -z "$complaint" ]; then echo "$name"; fi
}
try "set the clock" date -s "@$(date +%s)"
try "write its drift" touch /var/lib/chrony/probe
try "write its socket" touch /run/chrony/probe
rm -f /var/lib/chrony/probe /run/chrony/probe
try "write its configuration" touch /run/passerelle/clock/probe
try "write the root" touch /probe
try "write /usr" touch /usr/probe
try "write /etc" touch /etc/probe
try "read shadow" cat /etc/shadow
try "see states of daemons" ls /var/lib/passerelle
try "see run-time files of daemons" ls /run/passerelle/system
try "see the bus" ls /run/passerelle/bus
try "see the message bus" ls /run/dbus
try "see init" ls /proc/1
try "open the disk" cat /dev/passerelle/disk
try "mount" mount -t tmpfs probe /tmp
try "unshare" unshare -U true
try "set the name" hostname probe
try "write a kernel setting" sh -c "echo 5 >/proc/sys/kernel/panic"
try "change the network" ip link set lo mtu 65536
try "restart at once" reboot -f
echo "the end"
`;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.up();
  await lab.must("gw", ["mkdir", "-p", FOLDER]);
  await lab.must("gw", ["tee", `${FOLDER}/probe.ts`], { input: readFileSync(PROBE, "utf8") });
  await lab.must("gw", ["tee", `${FOLDER}/${SCRIPT}`], { input: CHRONY_PROBE });
});
afterAll(() => lab?.down());

/** A unit under another name, with another program: the sandbox as it is, and who runs in it goes on. */
async function makeUnit(of: string, name: string, program: string): Promise<void> {
  const text = await lab.must("gw", ["systemctl", "cat", "--no-pager", of]);
  const unit = [
    text.replaceAll("%i", of.replace("passerelle@", "")),
    "[Service]",
    "Type=oneshot",
    "Restart=no",
    "WatchdogSec=0",
    "TimeoutStartSec=120",
    "ExecCondition=",
    "ExecStart=",
    `ExecStart=${program}`,
    // A program that is a script; for others it is nothing.
    `StandardInput=file:${FOLDER}/${SCRIPT}`,
    `StandardOutput=truncate:${FOLDER}/${name}.out`,
    "",
  ].join("\n");
  await lab.must("gw", ["tee", `/run/systemd/system/${name}.service`], { input: unit });
  await lab.must("gw", ["systemctl", "daemon-reload"]);
}

async function probe(daemon: Daemon): Promise<Readonly<Record<string, string>>> {
  const name = `passerelle-probe-${daemon}`;
  const { pid } = await lab.daemon(daemon === "web" ? "config" : "web");
  const kernel = (await lab.must("gw", ["uname", "-r"])).trim();
  const module = `/usr/lib/modules/${kernel}/kernel/drivers/net/dummy.ko`;
  const words = ["/usr/bin/node", `${FOLDER}/probe.ts`, daemon, `${pid}`, module];
  await makeUnit(`passerelle@${daemon}`, name, [...words, ADDRESSES.internet].join(" "));
  await lab.must("gw", ["systemctl", "start", name]);
  return JSON.parse(await lab.must("gw", ["cat", `${FOLDER}/${name}.out`])) as Record<
    string,
    string
  >;
}

describe.each(DAEMONS)("from inside %s", (daemon) => {
  test("nothing can be done that is not its own", async () => {
    const said = await probe(daemon);
    expect(Object.keys(said).length).toBeGreaterThanOrEqual(ATTEMPTS_MIN);
    // A program or a file that the box does not have refuses nothing.
    const untried = Object.entries(said).filter(([, why]) => /applet not found/.test(why));
    expect(untried).toEqual([]);
    const done = Object.keys(said).filter((name) => said[name] === "done");
    expect(done.sort(), JSON.stringify(said, undefined, 1)).toEqual([...ALLOWED[daemon]].sort());
  });
});

test("from inside chrony the clock can be set, its own files written, and nothing else is there", async () => {
  const name = "passerelle-probe-chrony";
  await makeUnit("passerelle-chrony", name, "/usr/bin/busybox sh");
  await lab.must("gw", ["systemctl", "start", name]);
  const said = (await lab.must("gw", ["cat", `${FOLDER}/${name}.out`])).trim().split("\n");
  expect(said.at(-1)).toBe("the end");
  expect(said.slice(0, -1).sort()).toEqual([
    "set the clock",
    "write its drift",
    "write its socket",
  ]);
});

test("who takes more memory than it was given is ended, and nobody else", async () => {
  const before = await lab.daemon("lan");
  const name = "passerelle-probe-memory";
  await lab.must("gw", ["tee", `${FOLDER}/memory.ts`], {
    // At once, so that the others are not kept waiting; less than the machine has, or the kernel refuses it.
    input: "Buffer.alloc(1 << 28, 1);\n",
  });
  await makeUnit("passerelle@web", name, `/usr/bin/node ${FOLDER}/memory.ts`);
  expect((await lab.exec("gw", ["systemctl", "start", name])).code).not.toBe(0);
  const shown = await lab.must("gw", ["systemctl", "show", "--property", "Result", name]);
  await lab.must("gw", ["systemctl", "reset-failed", name]);
  expect(shown.trim()).toBe("Result=oom-kill");
  expect(await lab.daemon("lan")).toEqual(before);
});

test("no unit of the box failed, and no directive was passed over", async () => {
  const failed = await lab.must("gw", ["systemctl", "--failed", "--plain", "--no-legend"]);
  expect(failed.trim()).toBe("");
  const journal = await lab.must("gw", ["journalctl", "-b", "--no-pager", "-o", "cat", "_PID=1"]);
  expect(
    journal.split("\n").filter((line) => /Unknown key|Failed to parse|ignoring/.test(line)),
  ).toEqual([]);
});
