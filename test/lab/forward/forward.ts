import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { enterArguments } from "../holder.ts";
import { holderOf } from "../host.ts";
import { pathsOf } from "../state.ts";

/**
 * The way of a browser on the machine to the gateway's page: 127.0.0.1 → host `desk` → the gateway's LAN address.
 * The listening sockets are the machine's, the process that holds them is desk's: it dies with the lab.
 */
export interface Forward {
  readonly http: string;
  readonly https: string;
}

export async function openForward(lab: string): Promise<Forward> {
  const [http, https] = await Promise.all([listenFrom(8080), listenFrom(8443)]);
  await handOver(lab, { http, https });
  const forward = {
    http: `http://127.0.0.1:${http.port}/`,
    https: `https://127.0.0.1:${https.port}/`,
  };
  writeFileSync(forwardFile(lab), JSON.stringify(forward));
  return forward;
}

/** Where the page is on this machine; undefined while no forward was opened. */
export function readForward(lab: string): Forward | undefined {
  try {
    return JSON.parse(readFileSync(forwardFile(lab), "utf8")) as Forward;
  } catch {
    return undefined;
  }
}

interface Listening {
  readonly server: Server;
  readonly port: number;
}

/** How many ports are tried: other labs, and other people's programs, may have the first ones. */
const PORTS_TRIED = 50;
const READY_MS = 20_000;

async function listenFrom(first: number): Promise<Listening> {
  for (let port = first; port < first + PORTS_TRIED; port += 1) {
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(true));
    });
    if (free) return { server, port };
  }
  throw new Error(`no free port on 127.0.0.1 from ${first} to ${first + PORTS_TRIED - 1}`);
}

/** Starts the carrier as `desk`, gives it the sockets, and waits until it has an address there. */
async function handOver(
  lab: string,
  { http, https }: { readonly http: Listening; readonly https: Listening },
): Promise<void> {
  const words = enterArguments(holderOf(lab, "desk"), {});
  const program = join(import.meta.dirname, "carrier.ts");
  const [file = "", ...rest] = [...words, process.execPath, program];
  const path = join(pathsOf(lab).logs, "forward.log");
  const log = openSync(path, "a");
  const child = spawn(file, rest, { detached: true, stdio: ["ignore", log, log, "ipc"] });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${READY_MS} ms went by`)), READY_MS);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the carrier ended with ${code}: see ${path}`)));
    child.on("message", (word) => {
      if (word !== "ready") return;
      clearTimeout(timer);
      resolve();
    });
    child.send("http", http.server);
    child.send("https", https.server);
  });
  for (const { server } of [http, https]) server.close();
  child.removeAllListeners("exit");
  child.disconnect();
  child.unref();
}

function forwardFile(lab: string): string {
  return join(pathsOf(lab).config, "forward.json");
}
