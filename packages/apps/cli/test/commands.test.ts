import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readInput, routes } from "@passerelle/api";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { commands } from "../src/commands.ts";
import { httpDoor } from "../src/http-door.ts";
import { answers } from "./support/answers.ts";
import { FixtureBox, problemOf } from "./support/fixture-box.ts";
import { TestWorld } from "./support/test-world.ts";

/**
 * Every command of the table against a real HTTP server on a unix socket: it does what it says, gives the box's no with
 * its code, says when nobody is there, and speaks JSON.
 */
interface Case {
  readonly words: readonly string[];
  /** Part of the human output. */
  readonly says: string;
  /** The body of its last request, where it has one. */
  readonly sends?: unknown;
  /** False: it asks the box nothing. */
  readonly asks?: false;
}

const DRAFT = '{"basedOn":7,"patches":{"firewall":{"answerPing":false}}}';
const FILES: Readonly<Record<string, string>> = {
  "/home/person/.local/state/passerelle/draft-local.json": DRAFT,
  "/home/person/.local/state/passerelle/confirmation-local": "tok-1\n",
  "patch.json": '{"firewall":{"answerPing":false}}',
  "new.raucb": "a bundle",
  "backup.json": '{"format":"passerelle"}',
};

const CASES: Readonly<Record<string, Case>> = {
  status: { words: ["status"], says: "online since" },
  "devices list": { words: ["devices"], says: "Laptop" },
  "devices show": { words: ["devices", "show", "laptop"], says: "192.168.1.20" },
  "devices rename": {
    words: ["devices", "rename", "LAPTOP", "x"],
    says: "Laptop",
    sends: { name: "x" },
  },
  "devices block": {
    words: ["devices", "block", "192.168.1.20"],
    says: "Laptop",
    sends: { blocked: true },
  },
  "devices unblock": {
    words: ["devices", "unblock", "02-70-61-00-00-01"],
    says: "Laptop",
    sends: { blocked: false },
  },
  "devices reserve": {
    words: ["devices", "reserve", "d-1", "none"],
    says: "Laptop",
    sends: { reservedAddress: null },
  },
  "devices wake": { words: ["devices", "wake", "d-1"], says: "Laptop" },
  "devices forget": { words: ["devices", "forget", "d-1"], says: "Laptop" },
  "ports list": { words: ["ports"], says: "8080/tcp" },
  "ports open": {
    words: [
      "ports",
      "open",
      "5000-5010/udp",
      "laptop",
      "--name",
      "game",
      "--source",
      "192.0.2.0/24",
    ],
    says: "8080/tcp",
    sends: {
      protocol: "udp",
      port: 5000,
      portLast: 5010,
      to: "192.168.1.20",
      name: "game",
      source: "192.0.2.0/24",
    },
  },
  "ports close": { words: ["ports", "close", "8080"], says: "Closed" },
  "ports enable": { words: ["ports", "enable", "web"], says: "8080/tcp", sends: { enabled: true } },
  "ports disable": {
    words: ["ports", "disable", "8080/tcp"],
    says: "8080/tcp",
    sends: { enabled: false },
  },
  "config get": { words: ["config", "get", "lan/networks/0/address"], says: "192.168.1.1/24" },
  "config set": { words: ["config", "set", "firewall/answerPing", "false"], says: "draft" },
  "config unset": { words: ["config", "unset", "firewall/blocked/0"], says: "draft" },
  "config load": { words: ["config", "load", "patch.json"], says: "draft" },
  "config diff": {
    words: ["config", "diff"],
    says: "firewall/answerPing",
    sends: { changes: [{ section: "firewall", patch: { answerPing: false } }] },
  },
  "config discard": { words: ["config", "discard"], says: "thrown away", asks: false },
  "config apply": {
    words: ["config", "apply", "--confirm", "120", "--note", "why"],
    says: "passerelle config confirm tok-1",
    sends: {
      changes: [{ section: "firewall", patch: { answerPing: false } }],
      note: "why",
      probationSeconds: 120,
    },
  },
  "config confirm": { words: ["config", "confirm"], says: "revision 8", sends: { token: "tok-1" } },
  "config rollback": { words: ["config", "rollback", "3"], says: "revision 9", sends: { to: 3 } },
  "config history": { words: ["config", "history", "--limit", "5"], says: "firewall/answerPing" },
  "config export": { words: ["config", "export", "out.json"], says: "out.json", sends: {} },
  "config import": {
    words: ["config", "import", "backup.json"],
    says: "tok-2",
    sends: { document: '{"format":"passerelle"}' },
  },
  events: { words: ["events", "wan", "log"], says: "wan = " },
  log: {
    words: ["log", "--category", "security", "--limit", "1", "--before", "50"],
    says: "A wrong password.",
  },
  "diag no-internet": {
    words: ["diag", "no-internet"],
    says: "The cable is good.",
    sends: { kind: "no_internet" },
  },
  "diag slow": { words: ["diag", "slow"], says: "✓", sends: { kind: "slow" } },
  "diag ping": {
    words: ["diag", "ping", "example.org", "--count", "2"],
    says: "4.2 ms",
    sends: { kind: "ping", target: "example.org", count: 2 },
  },
  "diag trace": {
    words: ["diag", "trace", "example.org"],
    says: "192.0.2.1",
    sends: { kind: "trace", target: "example.org" },
  },
  "diag dns": {
    words: ["diag", "dns", "example.org", "--type", "AAAA", "--resolver", "192.0.2.53"],
    says: "192.0.2.1",
    sends: { kind: "dns_lookup", target: "example.org", type: "AAAA", resolver: "192.0.2.53" },
  },
  "diag capture": {
    words: ["diag", "capture", "lan", "--seconds", "3", "--device", "laptop", "-o", "x.pcap"],
    says: "x.pcap",
    sends: { kind: "capture", network: "lan", seconds: 3, mac: "02:70:61:00:00:01" },
  },
  "diag wake": {
    words: ["diag", "wake", "laptop"],
    says: "✓",
    sends: { kind: "wake", mac: "02:70:61:00:00:01" },
  },
  "diag jobs": { words: ["diag", "jobs"], says: "no_internet" },
  "support-bundle": { words: ["support-bundle"], says: "passerelle-support.json" },
  "system reboot": { words: ["system", "reboot", "--yes"], says: "starts again" },
  "system factory-reset": { words: ["system", "factory-reset", "--yes"], says: "erases" },
  "upgrade status": { words: ["upgrade"], says: "0.1.0" },
  "upgrade install": {
    words: ["upgrade", "install", "new.raucb", "--yes"],
    says: "0.2.0",
    sends: { restart: true },
  },
  "upgrade rollback": { words: ["upgrade", "rollback", "--yes"], says: "restarts" },
  "sessions list": { words: ["sessions"], says: "admin" },
  "sessions end": { words: ["sessions", "end", "s-2"], says: "ended" },
  login: {
    words: ["login"],
    says: "Logged in",
    sends: { kind: "password", password: "secret words", transport: "bearer" },
  },
  logout: { words: ["logout"], says: "Logged out" },
  "step-up": { words: ["step-up", "--button"], says: "Good until", sends: { kind: "button" } },
  "apps list": { words: ["apps"], says: "Home app" },
  "apps allow": {
    words: ["apps", "allow", "r-1", "read", "devices"],
    says: "Done",
    sends: { capabilities: ["read", "devices"] },
  },
  "apps refuse": { words: ["apps", "refuse", "r-1"], says: "Done", sends: { capabilities: [] } },
  "apps rights": {
    words: ["apps", "rights", "a-1", "read"],
    says: "Done",
    sends: { capabilities: ["read"] },
  },
  "apps remove": { words: ["apps", "remove", "a-1"], says: "Done" },
  api: { words: ["api", "GET", "/hosts"], says: '"Laptop"' },
  completion: { words: ["completion", "bash"], says: "_passerelle", asks: false },
  help: { words: ["help", "status"], says: "passerelle status", asks: false },
};

let directory: string;
let box: FixtureBox;
let world: TestWorld;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "psc-"));
  box = new FixtureBox();
  await box.listen(join(directory, "api.sock"));
});
afterAll(() => {
  box.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  box.requests.length = 0;
  box.problems.clear();
  box.streams = [
    [
      { type: "hello", seq: 1, boot: "b" },
      { type: "snapshot", seq: 2, channel: "wan", value: { line: 1 } },
      { type: "snapshot", seq: 3, channel: "log", value: { code: "x" } },
    ],
  ];
  world = worldAt("api.sock");
});

function worldAt(socket: string): TestWorld {
  const { signal } = new AbortController();
  const made = new TestWorld(() =>
    httpDoor({ kind: "socket", path: join(directory, socket) }, signal),
  );
  // The door is the local one to the command: its name is in the names of files.
  for (const [path, text] of Object.entries(FILES)) made.files.set(path, text);
  return made;
}

const cases = Object.entries(CASES);
const asking = cases.filter(([, { asks }]) => asks !== false);

test("every command of the table has its case, and no case is of another command", () => {
  expect(Object.keys(CASES)).toEqual(commands.map(({ path }) => path.join(" ")));
});

test("the fixture is what the API would answer", () => {
  for (const [key, answer] of Object.entries(answers)) {
    const { reply } = routes[key as keyof typeof routes];
    if (reply === undefined) throw new Error(`${key} answers nothing`);
    expect([key, readInput(reply, answer)]).toMatchObject([key, { ok: true }]);
  }
});

describe("done", () => {
  test.each(cases)("%s", async (name, { words, says, sends }) => {
    expect(await world.run(...words)).toBe(0);
    expect(world.err === "" || name === "log").toBe(true);
    expect(world.out).toContain(says);
    const bodies = box.requests.map(({ body }) => body).filter((body) => body !== undefined);
    expect(bodies.at(-1)).toEqual(sends);
    // What it says that it calls is what it calls.
    const declared: readonly string[] =
      commands.find(({ path }) => path.join(" ") === name)?.uses ?? [];
    if (name === "api") return;
    for (const { key } of box.requests) expect(declared).toContain(key);
  });
});

describe("with --json every line is JSON", () => {
  test.each(asking)("%s", async (_name, { words }) => {
    expect(await world.run(...words, "--json")).toBe(0);
    expect(world.err).toBe("");
    for (const line of world.out.split("\n").filter((text) => text !== "")) JSON.parse(line);
  });
});

describe("the box says no", () => {
  test.each(asking)("%s", async (_name, { words }) => {
    box.problems.set("*", problemOf("not_allowed", 403));
    expect(await world.run(...words)).toBe(77);
    expect(world.out).toBe("");
    expect(world.err).toBe("passerelle: No: not_allowed [not_allowed]\n→ Do it again.\n");
    expect(await world.run(...words, "--lang", "fr")).toBe(77);
    expect(world.err).toBe("passerelle: Non : not_allowed [not_allowed]\n→ Recommencez.\n");
    expect(await world.run(...words, "--json")).toBe(77);
    expect(JSON.parse(world.err)).toEqual(problemOf("not_allowed", 403));
  });
});

describe("nobody is there", () => {
  test.each(asking)("%s", async (_name, { words }) => {
    const alone = worldAt("nobody.sock");
    expect(await alone.run(...words)).toBe(69);
    expect(alone.out).toBe("");
    expect(alone.err).toContain("[box_unreachable]");
  });
});

test("each kind of no has its exit code", async () => {
  const expected = [
    [401, 77],
    [403, 77],
    [404, 1],
    [409, 1],
    [412, 1],
    [422, 1],
    [429, 75],
    [500, 1],
    [503, 75],
    [504, 75],
  ];
  for (const [status, exit] of expected) {
    box.problems.set("*", problemOf("some_code", status ?? 0));
    expect([status, await world.run("devices")]).toEqual([status, exit]);
  }
});

test("--json is exactly what the API answered", async () => {
  for (const [words, key] of [
    [["devices"], "GET /hosts"],
    [["ports"], "GET /nat/port-mappings"],
    [["log"], "GET /event-log"],
    [["config", "get"], "GET /config"],
    [["config", "history"], "GET /config/history"],
    [["sessions"], "GET /sessions"],
    [["apps"], "GET /apps"],
    [["diag", "slow"], "GET /jobs/{id}"],
    [["support-bundle"], "POST /system/support-bundle"],
  ] as const) {
    await world.run(...words, "--json");
    expect(JSON.parse(world.out)).toEqual(answers[key]);
  }
});
