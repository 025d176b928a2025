import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { WanState } from "@passerelle/contract";
import type { WanConfig } from "../../src/config.ts";

/** Two private namespaces with a cable between them: the gateway, and an operator that is dnsmasq. */
export class Neighbourhood {
  readonly gateway: string;
  readonly operator: string;
  readonly directory: string;
  readonly #children = new Set<ChildProcess>();
  #server: ChildProcess | undefined;

  constructor(name: string) {
    this.gateway = `wanlab-${process.pid}-${name}-gw`;
    this.operator = `wanlab-${process.pid}-${name}-isp`;
    this.directory = mkdtempSync(join(tmpdir(), "wanlab-"));
    for (const namespace of [this.gateway, this.operator]) {
      run("ip", "netns", "add", namespace);
      run("ip", "-n", namespace, "link", "set", "lo", "up");
    }
    run(
      ...["ip", "-n", this.gateway, "link", "add", "wan", "type", "veth"],
      ...["peer", "name", "line", "netns", this.operator],
    );
    run("ip", "-n", this.operator, "address", "add", "198.51.100.1/24", "dev", "line");
    run("ip", "-n", this.operator, "link", "set", "line", "up");
  }

  /** @param range of DHCP; @param timers T1 and T2 in seconds */
  async serve(range: string, timers: readonly [number, number] = [60, 105]): Promise<void> {
    await this.silence();
    const configuration = join(this.directory, "dnsmasq.conf");
    writeFileSync(configuration, "");
    this.#server = this.spawn(this.operator, [
      ...["dnsmasq", "--keep-in-foreground", `--conf-file=${configuration}`, "--user=root"],
      ...["--interface=line", "--bind-interfaces", "--except-interface=lo", "--no-ping"],
      ...["--no-resolv", "--no-hosts", "--address=/web.internet.test/203.0.113.80"],
      ...[`--dhcp-range=${range},120`, "--dhcp-authoritative", "--dhcp-leasefile=/dev/null"],
      ...[`--dhcp-option-force=58,${timers[0]}`, `--dhcp-option-force=59,${timers[1]}`],
      ...["--dhcp-option=121,203.0.113.0/24,198.51.100.1,0.0.0.0/0,198.51.100.1"],
      `--pid-file=${join(this.directory, "dnsmasq.pid")}`,
    ]);
    await sleep(300);
    if (this.#server.exitCode !== null) throw new Error("dnsmasq did not start");
  }

  /** Kea, which grants nothing to a client outside the class `test` (Kea's own expression language). */
  async serveKea(test: string): Promise<void> {
    await this.silence();
    // Kea opens its socket once, on an interface that has a carrier.
    run("ip", "-n", this.gateway, "link", "set", "wan", "up");
    const configuration = join(this.directory, "kea.json");
    const address = (name: string): object => ({ name, data: "198.51.100.1" });
    const subnet = {
      id: 1,
      subnet: "198.51.100.0/24",
      pools: [{ pool: "198.51.100.50 - 198.51.100.59", "client-class": "customer" }],
      "option-data": [address("routers"), address("domain-name-servers")],
    };
    const document = {
      Dhcp4: {
        "interfaces-config": { interfaces: ["line"], "dhcp-socket-type": "raw" },
        "lease-database": { type: "memfile", persist: false },
        "valid-lifetime": 120,
        "client-classes": [{ name: "customer", test }],
        subnet4: [subnet],
      },
    };
    writeFileSync(configuration, JSON.stringify(document));
    this.#server = this.spawn(this.operator, [
      ...["env", `KEA_PIDFILE_DIR=${this.directory}`, "KEA_LOCKFILE_DIR=none"],
      ...["kea-dhcp4", "-c", configuration],
    ]);
    await sleep(1500);
    if (this.#server.exitCode !== null) throw new Error("kea-dhcp4 did not start");
  }

  /** The operator's server is gone. */
  async silence(): Promise<void> {
    if (this.#server === undefined) return;
    await end(this.#server, "SIGTERM");
    this.#server = undefined;
  }

  carrier(on: boolean): void {
    run("ip", "-n", this.operator, "link", "set", "line", on ? "up" : "down");
  }

  start(config: WanConfig): Daemon {
    const child = this.spawn(this.gateway, [
      process.execPath,
      join(import.meta.dirname, "host.ts"),
      this.directory,
      JSON.stringify(config),
    ]);
    return new Daemon(child);
  }

  addresses(): readonly string[] {
    const out = run("ip", "-n", this.gateway, "-j", "-4", "address", "show", "dev", "wan");
    const [link] = JSON.parse(out) as [
      { addr_info: { local: string; prefixlen: number; valid_life_time: number }[] }?,
    ];
    return (link?.addr_info ?? []).map((one) => `${one.local}/${one.prefixlen}`);
  }

  routes(): readonly string[] {
    const out = run("ip", "-n", this.gateway, "-j", "-4", "route", "show", "dev", "wan");
    const routes = JSON.parse(out) as { dst: string; gateway?: string; protocol: string }[];
    return routes
      .map(({ dst, gateway, protocol }) => `${dst} via ${gateway ?? "-"} proto ${protocol}`)
      .sort();
  }

  /** Lines of a program in the gateway or at the operator, as they come. */
  watch(
    namespace: string,
    argv: readonly string[],
  ): { readonly lines: string[]; stop(): Promise<void> } {
    const child = this.spawn(namespace, argv);
    const lines: string[] = [];
    if (child.stdout !== null) createInterface(child.stdout).on("line", (l) => lines.push(l));
    return { lines, stop: () => end(child, "SIGTERM") };
  }

  spawn(namespace: string, argv: readonly string[]): ChildProcess {
    const child = spawn("ip", ["netns", "exec", namespace, ...argv], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.add(child);
    child.on("exit", () => this.#children.delete(child));
    return child;
  }

  async dispose(): Promise<void> {
    for (const child of [...this.#children]) await end(child, "SIGKILL");
    run("ip", "netns", "del", this.gateway);
    run("ip", "netns", "del", this.operator);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The daemon in its own process, and what it publishes. */
export class Daemon {
  readonly states: WanState[] = [];
  readonly log: string[] = [];
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout !== null) {
      createInterface(child.stdout).on("line", (line) =>
        this.states.push(JSON.parse(line) as WanState),
      );
    }
    if (child.stderr !== null) {
      createInterface(child.stderr).on("line", (line) => this.log.push(line));
    }
  }

  get state(): WanState | undefined {
    return this.states.at(-1);
  }

  async until(what: string, is: (state: WanState) => boolean, limitMs = 15_000): Promise<void> {
    const start = performance.now();
    while (performance.now() - start < limitMs) {
      if (this.state !== undefined && is(this.state)) return;
      if (this.#child.exitCode !== null) break;
      await sleep(5);
    }
    throw new Error(
      `not ${what}: ${JSON.stringify(this.state)}\n${this.log.slice(-10).join("\n")}`,
    );
  }

  kill(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    return end(this.#child, signal);
  }
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
