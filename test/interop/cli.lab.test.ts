import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labelOf } from "../face/admin.ts";
import { IS_MACHINE, Lab } from "../lab/lab.ts";
import { type Outcome, run } from "../lab/process.ts";
import { homeMac } from "../lab/topology.ts";
import { Box, type WanView } from "./box.ts";

/** The command line against the whole gateway: on the box by its socket, and from a device of the home. */
const REPOSITORY = join(import.meta.dirname, "../..");
const PROGRAM = join(REPOSITORY, "bin/passerelle");

let lab: Lab;
let wanAddress = "";

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  const wan = await new Box(lab).until<WanView>(
    "wan/state",
    "online",
    (w) => w.reach.kind === "online",
  );
  wanAddress = wan.session.address?.split("/")[0] ?? "";
  await lab.lease("udhcpc", "lan1");
  // A name that would clear a screen and begin another line, as a DHCP client may send it.
  const name = Buffer.from("\u001b[2Jevil\nname").toString("hex");
  await lab.must("lan2", ["udhcpc", "-i", "eth0", "-n", "-q", "-x", `0x0c:${name}`]);
  await lab.waitFor(
    "the page's door",
    async () => (await passerelle("api", "GET", "/welcome")).code === 0,
    20_000,
  );
  // By its hardware address, which a hostile device can't make harder to type; the page hears of it a moment later.
  await lab.waitFor(
    "the device",
    async () => (await passerelle("devices", "rename", homeMac("lan2"), "Nas")).code === 0,
    20_000,
  );
  // The inventory may know the device by its address before it knows the name its lease brings.
  await lab.waitFor(
    "the name it gave itself",
    async () =>
      (await passerelle("devices", "show", "nas", "--json")).stdout.includes(`"hostname"`),
    20_000,
  );
});
afterAll(() => lab.down());

/** As root on the box. */
function passerelle(...words: readonly string[]): Promise<Outcome> {
  return lab.passerelle(words, { env: environment(), timeoutMs: 60_000 });
}

function environment(): NodeJS.ProcessEnv {
  const { LANG: _, LC_ALL: __, ...env } = process.env;
  return { ...env, PASSERELLE_RUNTIME_DIR: lab.places.runtime, XDG_STATE_HOME: "/tmp/state" };
}

async function json<T>(...words: readonly string[]): Promise<T> {
  const outcome = await passerelle(...words, "--json");
  expect([words, outcome.code, outcome.stderr]).toEqual([words, 0, ""]);
  return JSON.parse(outcome.stdout) as T;
}

const pingFromWan = async (): Promise<boolean> =>
  (await lab.exec("attacker-wan", ["ping", "-c", "1", "-W", "1", wanAddress])).code === 0;

interface History {
  readonly revisions: readonly {
    readonly revision: number;
    readonly phase: string;
    readonly note?: string;
  }[];
}

describe("on the box", () => {
  test("status: one screen in words, and the API's answers", async () => {
    const { code, stdout } = await passerelle("status");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Internet +fine +online since .*81\.250\.0\./m);
    expect(stdout).toMatch(/^Openings +fine +none from the Internet$/m);
    const french = await passerelle("status", "--lang", "fr");
    expect(french.stdout).toMatch(/^Internet +bien +en ligne depuis /m);
    expect(await json("status")).toMatchObject({
      wan: { line: { reach: { kind: "online" } } },
      config: { phase: { kind: "confirmed" } },
    });
  });

  test("devices: a hostile name is one harmless line, and the device answers to its address", async () => {
    const { stdout } = await passerelle("devices", "show", "nas");
    expect(stdout).toContain(String.raw`\u001b[2Jevil\nname`);
    expect(stdout).not.toContain("\u001b");
    const shown = await json<{ readonly name: string; readonly hostname?: string }>(
      "devices",
      "show",
      "nas",
    );
    expect(shown).toMatchObject({
      name: "Nas",
      nameSource: "person",
      hostname: "\u001b[2Jevil\nname",
    });
    const unknown = await passerelle("devices", "show", "nobody");
    expect([unknown.code, unknown.stdout]).toEqual([1, ""]);
    expect(unknown.stderr).toContain("[unknown_device]");
  });

  test("block and unblock: the device loses the Internet and gets it back", async () => {
    const surf = async (): Promise<boolean> =>
      (
        await lab.exec("lan1", [
          "curl",
          "-4",
          "-sS",
          "--max-time",
          "3",
          "http://web.internet.test/",
        ])
      ).code === 0;
    expect(await surf()).toBe(true);
    expect((await passerelle("devices", "block", homeMac("lan1"))).code).toBe(0);
    await lab.waitFor("the block", async () => !(await surf()), 10_000);
    expect((await passerelle("devices", "unblock", homeMac("lan1"))).code).toBe(0);
    await lab.waitFor("the Internet", surf, 10_000);
  });

  test("ports: opened to a device by its name, reached from the WAN, closed by its port", async () => {
    await lab.must("lan2", ["mkdir", "-p", "/tmp/www"]);
    await lab.exec("lan2", ["tee", "/tmp/www/index.html"], { input: "this is lan2\n" });
    await lab.serve("lan2", "httpd", ["busybox", "httpd", "-f", "-p", "80", "-h", "/tmp/www"]);
    const visit = (): Promise<Outcome> =>
      lab.exec("attacker-wan", ["curl", "-sS", "--max-time", "3", `http://${wanAddress}:8080/`]);
    const opened = await passerelle("ports", "open", "8080", "nas:80", "--name", "site");
    expect([opened.code, opened.stderr]).toEqual([0, ""]);
    await lab.waitFor(
      "the opening",
      async () => (await visit()).stdout === "this is lan2\n",
      10_000,
    );
    expect((await passerelle("ports")).stdout).toMatch(
      /8080\/tcp +→ 192\.168\.1\.20:80 +open +site/,
    );
    expect((await passerelle("ports", "open", "8080", "nas:80")).code).toBe(1);
    expect((await passerelle("ports", "close", "8080")).code).toBe(0);
    await lab.waitFor("the end", async () => (await visit()).code !== 0, 10_000);
  });

  test("a diagnosis ends with what it found: 0, and 2 with the cable out", async () => {
    const good = await passerelle("diag", "ping", "web.internet.test", "--count", "2");
    expect(good.code).toBe(0);
    expect(good.stdout).toContain("93.184.216.34");
    expect((await passerelle("diag", "dns", "nothing.example.test")).code).toBe(2);
    const isOnline = async () => (await passerelle("status")).stdout.includes("online since");
    await lab.fault("carrier-loss", "on");
    await lab.waitFor("the line is known to be down", async () => !(await isOnline()), 20_000);
    const bad = await passerelle("diag", "no-internet");
    await lab.fault("carrier-loss", "off");
    expect(bad.code).toBe(2);
    expect(bad.stdout).toMatch(/^✗ .*\[cable\]$/m);
    await lab.waitFor("the line", isOnline, 20_000);
  });

  test("a capture is a file that tcpdump reads", async () => {
    const capturing = passerelle("diag", "capture", "lan", "--seconds", "4", "-o", "/tmp/lan.pcap");
    await lab.exec("lan1", ["ping", "-i", "0.2", "-c", "25", "192.168.1.1"]);
    expect((await capturing).code).toBe(0);
    const packets = await lab.read("gw", "/tmp/lan.pcap");
    const { stdout } = await run(["tcpdump", "-n", "-r", "-", "icmp"], { input: packets });
    expect(stdout).toContain("ICMP echo request");
  });

  test("the support bundle is a file without the password of the label", async () => {
    expect((await passerelle("support-bundle", "-o", "/tmp/bundle.json")).code).toBe(0);
    const text = await lab.must("gw", ["cat", "/tmp/bundle.json"]);
    expect(text.length).toBeGreaterThan(1000);
    expect(text).not.toContain(labelOf(lab));
  });

  test("events -f: a change is seen, the web daemon may die meanwhile, Ctrl-C ends with 0", async () => {
    // Says its number on the box before it becomes the program.
    const said = [
      "sh",
      "-c",
      'echo $$; exec "$@"',
      "sh",
      ...lab.places.program,
      "events",
      "-f",
      "--json",
      "config",
    ];
    const seen = collected(lab.spawn("gw", said, environment()));
    await lab.waitFor("the state", () => seen.text.includes('"snapshot"'), 10_000);
    await passerelle("config", "set", "config/device/name", "Box");
    expect((await passerelle("config", "apply")).code).toBe(0);
    await lab.waitFor("the change", () => seen.text.includes('"patch"'), 10_000);
    await lab.must("gw", ["kill", "-9", String((await lab.daemon("web")).pid)]);
    const hellos = (): number => seen.text.split('"type":"hello"').length - 1;
    await lab.waitFor("the second connection", () => hellos() >= 2, 30_000);
    const [pid = "", ...lines] = seen.text.trim().split("\n");
    await lab.must("gw", ["kill", "-INT", pid]);
    expect(await seen.code).toBe(0);
    for (const line of lines) JSON.parse(line);
  });
});

describe("config", () => {
  test("the draft changes nothing; apply --confirm holds until its time is over, and is undone by the box itself", async () => {
    expect(await pingFromWan()).toBe(true);
    expect((await passerelle("config", "set", "firewall/answerPing", "false")).code).toBe(0);
    const diff = await passerelle("config", "diff");
    expect(diff.stdout).toContain("firewall/answerPing\n  - true\n  + false\n");
    expect(await pingFromWan()).toBe(true);
    const applied = await passerelle("config", "apply", "--confirm", "10", "--note", "no ping");
    expect([applied.code, applied.stderr]).toEqual([0, ""]);
    const [, token] = /passerelle config confirm (\S+)\n/.exec(applied.stdout) ?? [];
    expect(token).toMatch(/^[0-9a-f]{40}$/);
    await lab.waitFor("no answer to ping", async () => !(await pingFromWan()), 8000);
    await lab.waitFor("the box to undo it", pingFromWan, 20_000);
    const { revisions } = await json<History>("config", "history");
    expect(revisions[0]).toMatchObject({ phase: "rolled_back", note: "no ping" });
    expect((await passerelle("config", "get", "firewall/answerPing")).stdout).toBe("true\n");
    const late = await passerelle("config", "confirm");
    expect(late.code).toBe(1);
    expect(late.stderr).toContain("[no_probation]");
  });

  test("confirmed with the kept token it stays; a rollback to the revision before takes it away", async () => {
    const before = (await json<History>("config", "history")).revisions.find(
      ({ phase }) => phase === "confirmed",
    );
    await passerelle("config", "set", "firewall/answerPing", "false");
    expect((await passerelle("config", "apply", "--confirm", "60")).code).toBe(0);
    const confirmed = await passerelle("config", "confirm");
    expect([confirmed.code, confirmed.stderr]).toEqual([0, ""]);
    expect(await json("config", "get", "firewall/answerPing")).toBe(false);
    expect(await json("api", "GET", "/config/state")).toMatchObject({
      phase: { kind: "confirmed" },
    });
    expect(await pingFromWan()).toBe(false);
    expect((await passerelle("config", "rollback", String(before?.revision))).code).toBe(0);
    await lab.waitFor("the answer to ping", pingFromWan, 10_000);
  });

  test("what another did in between refuses the change, until it was looked at", async () => {
    await passerelle("config", "set", "firewall/answerPing", "false");
    await passerelle("ports", "open", "9000", "192.168.1.20");
    const stale = await passerelle("config", "apply");
    expect(stale.code).toBe(1);
    expect(stale.stderr).toContain("[stale_revision]");
    await passerelle("config", "diff");
    expect((await passerelle("config", "apply")).code).toBe(0);
    expect((await passerelle("ports")).stdout).toContain("9000/tcp");
    await passerelle("config", "set", "firewall/answerPing", "true");
    await passerelle("config", "apply");
    await passerelle("ports", "close", "9000");
  });

  test("an impossible setting is refused in words", async () => {
    await passerelle("config", "set", "lan/networks/0/address", "nonsense");
    const diff = await passerelle("config", "diff");
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(/✗ lan.*192\.168\.1\.1\/24/);
    expect((await passerelle("config", "apply")).code).toBe(1);
    await passerelle("config", "discard");
  });

  test("a backup with its secrets goes out and comes back, on probation", async () => {
    await lab.exec("gw", ["tee", "/tmp/phrase"], { input: "eight words or more\n" });
    const phrase = ["--passphrase-file", "/tmp/phrase"];
    expect((await passerelle("config", "export", "/tmp/backup.json", ...phrase)).code).toBe(0);
    await passerelle("config", "set", "firewall/answerPing", "false");
    expect((await passerelle("config", "apply")).code).toBe(0);
    expect((await passerelle("config", "import", "/tmp/backup.json")).code).toBe(1);
    const imported = await passerelle("config", "import", "/tmp/backup.json", ...phrase);
    expect([imported.code, imported.stderr]).toEqual([0, ""]);
    expect((await passerelle("config", "confirm")).code).toBe(0);
    expect(await json("config", "get", "firewall/answerPing")).toBe(true);
  });
});

describe("who may", () => {
  // In a machine that is tried with the accounts of its units (test/image).
  test.skipIf(IS_MACHINE)("another account of the box may not: 77", async () => {
    // The checkout may stand where another account can't go: so it is the door that belongs to somebody else, and
    // root without its powers that knocks.
    const door = join(lab.places.runtime, "web/api.sock");
    const powerless = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"];
    await lab.must("gw", ["chown", "65534", door]);
    const refused = await lab.exec("gw", [...powerless, PROGRAM, "devices"], {
      env: environment(),
    });
    await lab.must("gw", ["chown", "0", door]);
    expect(refused.stderr).toContain("[socket_denied]");
    expect(refused.code).toBe(77);
    expect((await passerelle("devices")).code).toBe(0);
  });

  test("from a device of the home: login, a proof for what is dangerous, logout", async () => {
    const there = (words: readonly string[], input?: string): Promise<Outcome> =>
      lab.exec("lan1", [PROGRAM, ...words], {
        env: { ...environment(), PASSERELLE_URL: "http://192.168.1.1" },
        ...(input === undefined ? {} : { input }),
        timeoutMs: 60_000,
      });
    expect((await there(["devices"])).code).toBe(77);
    expect((await there(["login"], `${labelOf(lab)}\n`)).code).toBe(0);
    expect((await there(["devices"])).stdout).toContain("Nas");
    const open = ["ports", "open", "8081", "nas:80"];
    const unproved = await there(open);
    expect(unproved.code).toBe(77);
    expect(unproved.stderr).toContain("[step_up_required]");
    expect((await there(["step-up"], `${labelOf(lab)}\n`)).code).toBe(0);
    expect((await there(open)).code).toBe(0);
    expect((await there(["ports", "close", "8081"])).code).toBe(0);
    expect((await there(["logout"])).code).toBe(0);
    expect((await there(["devices"])).code).toBe(77);
  });

  test("from the WAN and the guests nobody answers: 69", async () => {
    await lab.lease("udhcpc", "guest");
    for (const [host, address] of [
      ["attacker-wan", wanAddress],
      ["guest", "192.168.179.1"],
    ] as const) {
      const words = [PROGRAM, "devices", "--url", `http://${address}`];
      const { code } = await lab.exec(host, words, { env: environment(), timeoutMs: 30_000 });
      expect([host, code]).toEqual([host, 69]);
    }
  });
});

test("a stranger drives the box from its document alone", async () => {
  const tour = join(REPOSITORY, "docs/api-tour.sh");
  const run = await lab.exec("lan1", ["bash", tour, "http://192.168.1.1", labelOf(lab)], {
    timeoutMs: 60_000,
  });
  expect([run.code, run.stderr]).toEqual([0, ""]);
  expect(run.stdout).toContain('"name":"Nas"');
  const [opened, closed] = run.stdout.trim().split("\n").slice(-2);
  expect(opened).toContain('"port":8443');
  expect(closed).toContain('{"portMappings":[]}');
});

function collected(child: ChildProcess): { text: string; readonly code: Promise<number | null> } {
  const seen = {
    text: "",
    code: new Promise<number | null>((resolve) => child.once("exit", resolve)),
  };
  child.stdout?.on("data", (chunk: Buffer) => {
    seen.text += chunk.toString();
  });
  return seen;
}
