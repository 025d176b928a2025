import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { CLIENTS, type ClientName } from "@passerelle/contract";
import {
  busSocketPath,
  type EmbeddedBroker,
  mosquittoConfiguration,
  startEmbeddedBroker,
} from "../../src/index.ts";

/** A broker that a test starts, stops and starts again on the same sockets. */
export interface TestBroker {
  readonly name: string;
  socketPath(client: ClientName): string;
  start(): Promise<void>;
  stop(): Promise<void>;
  dispose(): Promise<void>;
}

/** Short, because a Unix socket's path has 107 octets. */
function runtimeDirectory(): string {
  return mkdtempSync(join(tmpdir(), "psr-"));
}

export function embedded(): TestBroker {
  const directory = runtimeDirectory();
  let broker: EmbeddedBroker | undefined;
  const log = { info: () => undefined, warn: () => undefined };
  return {
    name: "embedded",
    socketPath: (client) => busSocketPath(directory, client),
    async start() {
      broker = await startEmbeddedBroker({ runtimeDirectory: directory, log });
    },
    async stop() {
      await broker?.stop();
      broker = undefined;
    },
    async dispose() {
      await broker?.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The mosquitto of the system, with the files that the board gets. */
export function mosquitto(): TestBroker {
  const directory = runtimeDirectory();
  const configuration = join(directory, "conf");
  mkdirSync(join(directory, "bus"), { recursive: true });
  mkdirSync(configuration);
  const files = mosquittoConfiguration({
    runtimeDirectory: directory,
    configurationDirectory: configuration,
    user: userInfo().username,
  });
  for (const [name, text] of files) writeFileSync(join(configuration, name), text, { mode: 0o600 });
  let child: ChildProcess | undefined;
  let said = "";
  const stop = async () => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    await new Promise<void>((resolve) => {
      running.once("exit", () => resolve());
      running.kill("SIGKILL");
    });
  };
  return {
    name: "mosquitto",
    socketPath: (client) => busSocketPath(directory, client),
    async start() {
      child = spawn("mosquitto", ["-c", join(configuration, "mosquitto.conf")], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      child.stderr?.on("data", (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-4000);
      });
      for (const client of CLIENTS)
        await until(
          () => canConnect(busSocketPath(directory, client)),
          () => `mosquitto listens for ${client}: ${said}`,
        );
    },
    stop,
    async dispose() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export const BROKERS: readonly { readonly name: string; readonly make: () => TestBroker }[] = [
  { name: "embedded", make: embedded },
  { name: "mosquitto", make: mosquitto },
];

/** Polls until it is true; says what was awaited when it never is. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string) = "condition",
  limitMs = 8000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error(`waited in vain: ${typeof what === "string" ? what : what()}`);
    await pause(1);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
