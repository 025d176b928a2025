/**
 * Runs as the host `desk`: takes connections from the two sockets of the machine that it is handed and carries them
 * to the router of its lease. Moves with the gateway's LAN: an address that no longer answers is asked for anew.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, Server, type Socket } from "node:net";

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };
const CONNECT_MS = 2000;

process.on("message", (word, handle) => {
  const port = PORTS[String(word)];
  if (port === undefined || !(handle instanceof Server)) return;
  handle.on("connection", (near) => void carry(near, port));
  wanted.delete(port);
  if (wanted.size > 0) return;
  askForAddress();
  process.send?.("ready");
});
// The lab's command went on; the sockets keep this process.
process.on("disconnect", () => {});

const wanted = new Set(Object.values(PORTS));

async function carry(near: Socket, port: number): Promise<void> {
  near.on("error", () => near.destroy());
  near.pause();
  let far = await reach(port);
  if (far === undefined) {
    askForAddress();
    far = await reach(port);
  }
  if (far === undefined || far.destroyed) {
    near.destroy();
    return;
  }
  far.on("error", () => near.destroy());
  far.on("close", () => near.destroy());
  near.on("close", () => far.destroy());
  near.pipe(far);
  far.pipe(near);
}

/** Undefined where nobody has that address; a closed port is an answer that a new address would not change. */
function reach(port: number): Promise<Socket | undefined> {
  const host = router();
  if (host === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const far = connect({ host, port, allowHalfOpen: true });
    const give = (socket: Socket | undefined) => {
      clearTimeout(timer);
      far.removeListener("error", failed);
      if (socket === undefined) far.destroy();
      resolve(socket);
    };
    const failed = (error: NodeJS.ErrnoException) =>
      give(error.code === "ECONNREFUSED" ? far : undefined);
    const timer = setTimeout(() => give(undefined), CONNECT_MS);
    far.once("error", failed);
    far.once("connect", () => give(far));
  });
}

function askForAddress(): void {
  spawnSync("udhcpc", ["-i", "eth0", "-n", "-q", "-t", "3", "-T", "1", "-x", "hostname:desk"], {
    stdio: "inherit",
  });
}

/** Gateway of the default route: the kernel writes its octets in the machine's order. */
function router(): string | undefined {
  for (const line of readFileSync("/proc/self/net/route", "utf8").split("\n")) {
    const [, destination, gateway] = line.split("\t");
    if (destination !== "00000000" || gateway === undefined) continue;
    const number = Buffer.alloc(4);
    number.writeUInt32LE(Number.parseInt(gateway, 16));
    return number.join(".");
  }
  return undefined;
}
