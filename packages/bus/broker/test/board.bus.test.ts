import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIENTS, type ClientName } from "@passerelle/contract";
import { afterAll, expect, test } from "vitest";
import { boardSocketPath, mosquittoConfiguration } from "../src/index.ts";
import { until } from "./support/brokers.ts";

/** Numbers that nobody has: of mosquitto, and of the first client. */
const BROKER = 61_700;
const FIRST = 61_701;

const directory = mkdtempSync(join(tmpdir(), "psr-"));
let mosquitto: ChildProcess | undefined;

afterAll(() => {
  mosquitto?.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

const numberOf = (client: ClientName): number => FIRST + CLIENTS.indexOf(client);

/** As rootfs/usr/lib/tmpfiles.d/passerelle.conf makes them. */
function makeDirectories(): void {
  chmodSync(directory, 0o755);
  mkdirSync(join(directory, "bus"));
  for (const client of CLIENTS) {
    const own = join(directory, "bus", client);
    mkdirSync(own);
    chownSync(own, BROKER, numberOf(client));
    chmodSync(own, 0o2750);
  }
}

/** Which sockets a program with the number of `client` can open. */
function opened(client: ClientName): readonly ClientName[] {
  const paths = CLIENTS.map((other) => boardSocketPath(directory, other));
  const program = `
    const { createConnection } = require("node:net");
    const opens = (path) => new Promise((resolve) => {
      const socket = createConnection(path, () => { socket.destroy(); resolve(true); });
      socket.on("error", () => resolve(false));
    });
    Promise.all(${JSON.stringify(paths)}.map(opens)).then((all) => console.log(JSON.stringify(all)));`;
  const id = numberOf(client);
  const words = ["--reuid", `${id}`, "--regid", `${id}`, "--clear-groups"];
  const said = execFileSync("setpriv", [...words, process.execPath, "-e", program], {
    encoding: "utf8",
  });
  const all = JSON.parse(said) as boolean[];
  return CLIENTS.filter((_, index) => all[index] === true);
}

// Another user's socket can be tried by root alone; `make test` is root.
test.runIf(process.getuid?.() === 0)(
  "S-38 on a board: a daemon opens its own socket and no other",
  async () => {
    makeDirectories();
    const configurationDirectory = join(directory, "conf");
    mkdirSync(configurationDirectory);
    const files = mosquittoConfiguration({
      runtimeDirectory: directory,
      configurationDirectory,
      socketPath: (client) => boardSocketPath(directory, client),
    });
    for (const [name, text] of files) writeFileSync(join(configurationDirectory, name), text);
    const words = ["--reuid", `${BROKER}`, "--regid", `${BROKER}`, "--clear-groups"];
    mosquitto = spawn(
      "setpriv",
      [...words, "mosquitto", "-c", join(configurationDirectory, "mosquitto.conf")],
      { stdio: "ignore" },
    );
    await until(() => opened("observer").includes("observer"), "mosquitto listens for the last");
    const wrong = CLIENTS.filter((client) => String(opened(client)) !== client);
    expect(wrong).toEqual([]);
  },
);
