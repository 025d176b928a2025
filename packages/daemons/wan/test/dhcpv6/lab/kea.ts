import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** What the client of a test is to be. */
export interface ClientSetup {
  readonly rapidCommit?: boolean;
  /** Options of the operator, as hexadecimal octets by code. */
  readonly options?: Readonly<Record<string, string>>;
}

/** What it says of itself. */
export interface ClientState {
  readonly at: number;
  readonly phase: string;
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
  readonly resolvers: readonly string[];
  /** Milliseconds. */
  readonly solMaxRt: number;
  readonly trouble?: string;
}

/** Two private namespaces with a cable between them: our client, and Kea as the operator's server. */
export class KeaLab {
  readonly #client: string;
  readonly #operator: string;
  readonly #directory = mkdtempSync(join(tmpdir(), "kealab-"));
  readonly #configuration = join(this.#directory, "kea.json");
  readonly #children = new Set<ChildProcess>();
  #server: ChildProcess | undefined;
  #started: Client | undefined;

  constructor(name: string) {
    this.#client = `kealab-${process.pid}-${name}-gw`;
    this.#operator = `kealab-${process.pid}-${name}-isp`;
    for (const namespace of [this.#client, this.#operator]) {
      run("ip", "netns", "add", namespace);
      // Its own address is usable at once: detection of duplicates is not what is tested here.
      const sysctl = "net.ipv6.conf.default.accept_dad=0";
      run("ip", "netns", "exec", namespace, "sysctl", "-q", "-w", sysctl);
    }
    run(
      ...["ip", "-n", this.#client, "link", "add", "wan", "type", "veth"],
      ...["peer", "name", "line", "netns", this.#operator],
    );
    run("ip", "-n", this.#operator, "link", "set", "line", "up");
    run("ip", "-n", this.#client, "link", "set", "wan", "up");
  }

  /** @param subnet what the subnet has beyond its number and interface; @param more of the whole document */
  async serve(subnet: object, more: object = {}): Promise<void> {
    // Of a test that has failed: there is one port 546.
    await this.#started?.stop();
    const document = {
      Dhcp6: {
        "interfaces-config": { interfaces: ["line"] },
        "lease-database": { type: "memfile", persist: false },
        // The same after a restart, without a file: RFC 5612 has the number for examples.
        "server-id": { type: "EN", "enterprise-id": 32473, identifier: "01", persist: false },
        loggers: [LOGGER],
        subnet6: [{ id: 1, subnet: "2001:db8:1::/64", interface: "line", ...subnet }],
        ...more,
      },
    };
    writeFileSync(this.#configuration, JSON.stringify(document));
    await this.restart();
  }

  /** Without the leases it gave. */
  async restart(): Promise<void> {
    await this.silence();
    const server = this.#spawn(this.#operator, [
      ...["env", `KEA_PIDFILE_DIR=${this.#directory}`, "KEA_LOCKFILE_DIR=none"],
      ...["kea-dhcp6", "-c", this.#configuration],
    ]);
    this.#server = server;
    const told: string[] = [];
    if (server.stdout !== null) createInterface(server.stdout).on("line", (one) => told.push(one));
    await eventually("Kea serves", () => {
      if (server.exitCode !== null) throw new Error(`kea-dhcp6: ${told.slice(-5).join("\n")}`);
      return told.some((line) => line.includes("DHCP6_STARTED"));
    });
  }

  async silence(): Promise<void> {
    if (this.#server !== undefined) await end(this.#server, "SIGKILL");
    this.#server = undefined;
  }

  start(setup: ClientSetup = {}): Client {
    const program = join(import.meta.dirname, "host.ts");
    const argv = [process.execPath, program, JSON.stringify(setup)];
    this.#started = new Client(this.#spawn(this.#client, argv));
    return this.#started;
  }

  /** Records what goes over the cable, until `stop`, which gives what tshark reads in our messages, one row each. */
  async record(fields: readonly string[]): Promise<() => Promise<readonly string[]>> {
    const file = join(this.#directory, `${this.#children.size}-${fields.length}.pcap`);
    const capture = this.#spawn(this.#operator, [
      ...[
        "tcpdump",
        "-U",
        "--immediate-mode",
        "-i",
        "line",
        "-w",
        file,
        "udp",
        "src",
        "port",
        "546",
      ],
    ]);
    let isOpen = false;
    capture.stderr?.on("data", (text) => {
      isOpen ||= String(text).includes("listening");
    });
    await eventually("tcpdump listens", () => isOpen);
    return async () => {
      await sleep(1000);
      await end(capture, "SIGTERM");
      const shown = run(
        ...["tshark", "-n", "-r", file, "-T", "fields", "-E", "separator= "],
        ...fields.flatMap((field) => ["-e", field]),
      );
      // Versions of tshark write numbers of 32 bits with or without 0x.
      return shown.trim().replaceAll("0x", "").split("\n");
    };
  }

  async dispose(): Promise<void> {
    for (const child of [...this.#children]) await end(child, "SIGKILL");
    run("ip", "netns", "del", this.#client);
    run("ip", "netns", "del", this.#operator);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #spawn(namespace: string, argv: readonly string[]): ChildProcess {
    const child = spawn("ip", ["netns", "exec", namespace, ...argv], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.add(child);
    child.on("exit", () => this.#children.delete(child));
    return child;
  }
}

/** The client in its own process. */
export class Client {
  readonly states: ClientState[] = [];
  readonly #log: string[] = [];
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout !== null) {
      createInterface(child.stdout).on("line", (line) =>
        this.states.push(JSON.parse(line) as ClientState),
      );
    }
    if (child.stderr !== null) createInterface(child.stderr).on("line", (l) => this.#log.push(l));
  }

  /** The first state from `since` on that is so. */
  async until(
    what: string,
    is: (state: ClientState) => boolean,
    limits: { readonly since?: number; readonly limitMs?: number } = {},
  ): Promise<ClientState> {
    const { since = 0, limitMs = 60_000 } = limits;
    const find = (): ClientState | undefined =>
      this.states.find((state) => state.at >= since && is(state));
    try {
      await eventually(what, () => find() !== undefined, limitMs);
    } catch (error) {
      const last = JSON.stringify(this.states.at(-1));
      throw new Error(`${String(error)}: ${last}\n${this.#log.slice(-10).join("\n")}`);
    }
    return find() as ClientState;
  }

  stop(): Promise<void> {
    return end(this.#child, "SIGTERM");
  }
}

const LOGGER = {
  name: "kea-dhcp6",
  severity: "INFO",
  output_options: [{ output: "stdout", flush: true }],
};

async function eventually(what: string, is: () => boolean, limitMs = 15_000): Promise<void> {
  for (const start = performance.now(); performance.now() - start < limitMs; await sleep(10)) {
    if (is()) return;
  }
  throw new Error(`not ${what}`);
}

/** `ip netns exec` becomes the program itself, so the signal meets the right process. */
async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await gone;
}

function run(program: string, ...argv: readonly string[]): string {
  return execFileSync(program, argv, { stdio: ["ignore", "pipe", "pipe"] }).toString();
}
