import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FixtureBox } from "./support/fixture-box.ts";

/** The program as a person starts it: a process, its streams, its files, its signals. */
const PROGRAM = fileURLToPath(new URL("../../../../bin/passerelle", import.meta.url));

let root: string;
let box: FixtureBox;
const children: ChildProcess[] = [];
const servers: Server[] = [];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "psp-"));
  mkdirSync(join(root, "run/web"), { recursive: true });
  box = new FixtureBox();
  await box.listen(socket());
});
afterEach(() => {
  box.close();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

const socket = (name = "web/api.sock"): string => join(root, "run", name);

function start(...words: readonly string[]): ChildProcess {
  const child = spawn(PROGRAM, words, {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? "",
      PASSERELLE_RUNTIME_DIR: join(root, "run"),
      XDG_STATE_HOME: join(root, "state"),
    },
    stdio: "pipe",
  });
  children.push(child);
  return child;
}

async function run(
  words: readonly string[],
  input = "",
): Promise<readonly [number | null, string, string]> {
  const child = start(...words);
  child.stdin?.end(input);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (child.stdout === null || child.stderr === null) throw new Error("the streams are pipes");
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return [code, out, err];
}

test("says on its streams and with its exit code what the box says, without a warning of Node's", async () => {
  const [code, out, err] = await run(["devices", "--json"]);
  expect([code, err]).toEqual([0, ""]);
  expect(JSON.parse(out)).toMatchObject({ hosts: [{ name: "Laptop" }, {}, {}, {}] });
  expect(await run(["nonsense"])).toEqual([
    64,
    "",
    'passerelle: no command "nonsense"\nTry passerelle --help.\n',
  ]);
  box.close();
  expect((await run(["devices"]))[0]).toBe(69);
});

test("a draft and a token are files for their owner alone, and nothing half written stays", async () => {
  expect((await run(["config", "set", "firewall/answerPing", "false"]))[0]).toBe(0);
  expect((await run(["config", "apply"]))[0]).toBe(0);
  const directory = join(root, "state/passerelle");
  expect(statSync(directory).mode & 0o077).toBe(0);
  expect(readdirSync(directory)).toEqual(["confirmation-local"]);
  expect(statSync(join(directory, "confirmation-local")).mode & 0o077).toBe(0);
  expect((await run(["config", "confirm"]))[0]).toBe(0);
  expect(readdirSync(directory)).toEqual([]);
});

test("reads a body and a patch from its standard input, and a password's first line", async () => {
  const [code] = await run(["config", "load", "-"], '{"firewall":{"answerPing":false}}');
  expect(code).toBe(0);
  expect((await run(["api", "POST", "/config/confirm", "-"], '{"token":"x"}'))[0]).toBe(0);
  expect(box.requests.at(-1)?.body).toEqual({ token: "x" });
  expect((await run(["step-up"], "words of mine\nmore\n"))[0]).toBe(0);
  expect(box.requests.at(-1)?.body).toEqual({ kind: "password", password: "words of mine" });
});

test("a file of the box is written as it came", async () => {
  const [code] = await run(["diag", "capture", "wan", "-o", "packets.pcap"]);
  expect(code).toBe(0);
  expect(readFileSync(join(root, "packets.pcap"), "utf8")).toBe("PCAP");
});

/** A box whose stream of events goes on. */
async function endless(): Promise<void> {
  rmSync(socket(), { force: true });
  box.close();
  const server = createServer((_, response) => {
    response.on("error", () => undefined);
    response.writeHead(200);
    let seq = 0;
    const beat = setInterval(() => {
      seq += 1;
      response.write(
        `data: ${JSON.stringify({ type: "snapshot", seq, channel: "wan", value: seq })}\n\n`,
      );
    }, 10);
    response.once("close", () => clearInterval(beat));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(socket(), resolve));
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "events -f goes on until %s, and ends with 0 and no complaint",
  async (signal) => {
    await endless();
    const child = start("events", "-f", "wan", "--json");
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    let err = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      err += chunk.toString();
    });
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    child.kill(signal);
    expect([await ended, err]).toEqual([0, ""]);
  },
);

test("events -f ends when the reader of its output is gone", async () => {
  await endless();
  const child = start("events", "-f", "wan", "--json");
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let err = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.stdout?.destroy();
  expect([await ended, err]).toEqual([0, ""]);
});

test("Ctrl-C while the box says nothing ends with 130", async () => {
  rmSync(socket(), { force: true });
  box.close();
  const asked = new Promise<void>((resolve) => {
    const server = createServer(() => resolve());
    servers.push(server);
    server.listen(socket());
  });
  const child = start("devices");
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await asked;
  child.kill("SIGINT");
  expect(await ended).toBe(130);
});
