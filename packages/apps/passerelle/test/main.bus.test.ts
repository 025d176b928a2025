import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@passerelle/bus-broker/testing";
import { afterEach, beforeEach, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

let root: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "psa-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

function environment() {
  return {
    PATH: process.env.PATH ?? "",
    PASSERELLE_STATE_DIR: join(root, "state"),
    PASSERELLE_RUNTIME_DIR: join(root, "run"),
  };
}

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly complaint: string;
}

function passerelle(...words: readonly string[]): Promise<Outcome> {
  return passerelleWith({}, ...words);
}

function passerelleWith(env: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...words],
      { env: { ...environment(), ...env } },
      (error, out, complaint) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, out, complaint });
      },
    );
  });
}

function start(program: string, ...words: readonly string[]): ChildProcess {
  const child = spawn(program, words, { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

function startConfig(...flags: readonly string[]) {
  return start(process.execPath, MAIN, "run", "config", ...flags);
}

async function configIsThere(): Promise<void> {
  await until(
    async () => (await passerelle("get", "config/state")).code === 0,
    "config's state",
    15_000,
  );
}

test("help is asked for and given", async () => {
  const { code, out } = await passerelle("--help");
  expect(code).toBe(0);
  expect(out).toContain("passerelle run NAME");
});

test("wrong words end with 64 and one line that says why", async () => {
  const wrong = [
    [],
    ["nonsense"],
    ["run"],
    ["run", "nonsense"],
    ["run", "--all", "lan"],
    ["run", "lan", "--nonsense"],
    ["get"],
    ["get", "nonsense"],
    ["get", "wan/reconnect"],
    ["call", "wan/state"],
    ["call", "wan/reconnect", "{"],
    ["watch", "nonsense"],
    ["bus-config"],
  ];
  for (const words of wrong) {
    const { code, out, complaint } = await passerelle(...words);
    expect([words, code, out]).toEqual([words, 64, ""]);
    expect(complaint).toMatch(/^passerelle: .+\nTry passerelle --help.\n$/);
  }
});

test("config over the embedded broker: get, call, a fault, watch, an end with 0", async () => {
  const config = startConfig("--embedded-broker");
  await configIsThere();
  const state = JSON.parse((await passerelle("get", "config/state")).out);
  expect(state).toMatchObject({ revision: 1, phase: { kind: "confirmed" } });
  const history = await passerelle("call", "config/history", "{}");
  expect(history.code).toBe(0);
  expect(JSON.parse(history.out)).toMatchObject({
    ok: true,
    data: { revisions: [{ revision: 1 }] },
  });
  const refused = await passerelle("call", "gw/v1/config/cmd/history", '{"limit":-1}');
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.out)).toMatchObject({ ok: false, fault: { code: "bad_request" } });
  expect((await passerelle("get", "wan/state")).code).toBe(1);
  const watcher = start(process.execPath, MAIN, "watch", "config");
  let seen = "";
  watcher.stdout?.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
  });
  await until(() => seen.includes("gw/v1/config/state"), "config's state");
  for (const line of seen.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("topic");
  config.kill("SIGTERM");
  await until(() => config.exitCode !== null, "the end");
  expect(config.exitCode).toBe(0);
  watcher.kill("SIGTERM");
  await until(() => watcher.exitCode !== null, "the end of watch");
  expect(watcher.exitCode).toBe(0);
});

test("a bus that comes later than a value may is waited for", async () => {
  startConfig("--embedded-broker");
  await configIsThere();
  const late = join(root, "late.sock");
  const asked = passerelleWith({ PASSERELLE_BUS: late }, "get", "config/state");
  await new Promise((resolve) => setTimeout(resolve, 4000));
  symlinkSync(join(root, "run/bus/observer.sock"), late);
  const { code, out, complaint } = await asked;
  expect([code, complaint]).toEqual([0, ""]);
  expect(JSON.parse(out)).toMatchObject({ revision: 1 });
});

test("a bus that does not come is not a state that is not there: 69, the code, the cause, what to do", async () => {
  const [got, called] = await Promise.all([
    passerelle("get", "config/state"),
    passerelle("call", "config/history"),
  ]);
  for (const { code, out, complaint } of [got, called]) {
    expect([code, out]).toEqual([69, ""]);
    expect(complaint).toMatch(
      /^passerelle: .+ \[bus_not_reached\]\n {2}connect ENOENT .+\n→ .+\n$/,
    );
  }
});

test("what a daemon writes is for nobody else", async () => {
  startConfig("--embedded-broker");
  await configIsThere();
  const directory = join(root, "state/config");
  expect(statSync(directory).mode & 0o077).toBe(0);
  for (const name of readdirSync(directory))
    expect([name, statSync(join(directory, name)).mode & 0o077]).toEqual([name, 0]);
});

test("mosquitto starts with the files of bus-config, has no TCP socket, and config runs over it", async () => {
  const directory = join(root, "conf");
  mkdirSync(join(root, "run/bus"), { recursive: true });
  const written = await passerelle("bus-config", directory, "--user", userInfo().username);
  expect(written.out).toBe(`${join(directory, "mosquitto.conf")}\n`);
  const mosquitto = start("mosquitto", "-c", join(directory, "mosquitto.conf"));
  startConfig();
  await configIsThere();
  const sockets = inodesOf(mosquitto.pid ?? 0);
  const tcp = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/)[9] ?? ""),
  );
  expect(sockets.size).toBeGreaterThan(9);
  expect(tcp.filter((inode) => sockets.has(inode))).toEqual([]);
});

test("bad factory values end with 78", async () => {
  const child = spawn(process.execPath, [MAIN, "run", "config"], {
    env: { ...environment(), PASSERELLE_DEFAULTS: "/nonexistent.json" },
    stdio: "ignore",
  });
  children.push(child);
  await until(() => child.exitCode !== null, "the end", 10_000);
  expect(child.exitCode).toBe(78);
});

function inodesOf(pid: number): ReadonlySet<string> {
  const directory = `/proc/${pid}/fd`;
  const inodes = new Set<string>();
  for (const name of readdirSync(directory)) {
    const match = /^socket:\[(\d+)\]$/.exec(readlink(join(directory, name)));
    if (match?.[1] !== undefined) inodes.add(match[1]);
  }
  return inodes;
}

function readlink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return "";
  }
}
