import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";

/** Who tries to get out, from inside the very unit of each daemon, in the machine: C1 of security.md. */

const DAEMONS = ["config", "system", "firewall", "wan", "lan", "web"] as const;
type Daemon = (typeof DAEMONS)[number];

/** What each may do; everything else that the probe tries is refused. */
const ALL = ["write own state", "write own runtime", "bus as itself"];
const ADDRESSES = [
  ...["packet socket", "raw socket", "netlink socket", "change the network"],
  ...["reach the Internet", "reach the home"],
];
const ALLOWED: Readonly<Record<Daemon, readonly string[]>> = {
  config: [...ALL, "read factory values"],
  web: [...ALL, "reach the home"],
  firewall: [...ALL, "netlink socket", "change the network", "write a network setting"],
  wan: [...ALL, ...ADDRESSES],
  lan: [...ALL, ...ADDRESSES],
  system: [
    ...ALL,
    ...ADDRESSES.filter((name) => name !== "change the network"),
    ...["order a factory reset", "set the clock", "see another", "message bus"],
  ],
};
/** The probe tries so many things at least: one that says nothing is not a good one. */
const ATTEMPTS_MIN = 48;

const FOLDER = "/run/passerelle-probe";
const PROBE = join(import.meta.dirname, "sandbox-probe.ts");

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.up();
  await lab.must("gw", ["mkdir", "-p", FOLDER]);
  await lab.must("gw", ["tee", `${FOLDER}/probe.ts`], { input: readFileSync(PROBE, "utf8") });
});
afterAll(() => lab?.down());

/** The unit of a daemon under another name, with another program: the sandbox as it is, and the daemon goes on. */
async function makeUnit(daemon: Daemon, name: string, program: string): Promise<void> {
  const text = await lab.must("gw", ["systemctl", "cat", "--no-pager", `passerelle@${daemon}`]);
  const unit = [
    text.replaceAll("%i", daemon),
    "[Service]",
    "Type=oneshot",
    "Restart=no",
    "WatchdogSec=0",
    "TimeoutStartSec=120",
    "ExecStart=",
    `ExecStart=${program}`,
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
  const words = ["/usr/bin/node", `${FOLDER}/probe.ts`, daemon, String(pid), module];
  await makeUnit(daemon, name, words.join(" "));
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

test("who takes more memory than it was given is ended, and nobody else", async () => {
  const before = await lab.daemon("lan");
  const name = "passerelle-probe-memory";
  await lab.must("gw", ["tee", `${FOLDER}/memory.ts`], {
    input: "const kept = []; for (;;) kept.push(Buffer.alloc(1 << 20, 1));\n",
  });
  await makeUnit("web", name, `/usr/bin/node ${FOLDER}/memory.ts`);
  expect((await lab.exec("gw", ["systemctl", "start", name])).code).not.toBe(0);
  const shown = await lab.must("gw", ["systemctl", "show", "--property", "Result", name]);
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
