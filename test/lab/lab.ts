/** The lab for tests: `const lab = await Lab.up({ operator: "orange" })`, and `await lab.down()` at the end. */
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientLease, type ClientName, lease } from "./clients.ts";
import { applyFault } from "./faults/faults.ts";
import { daemonProcess } from "./gateway/gateway.ts";
import {
  isInside,
  isMachine,
  mustOn,
  type Places,
  placesOf,
  readOn,
  runOn,
  spawnOn,
} from "./gateway/inside.ts";
import { enterArguments } from "./holder.ts";
import { type HostRunOptions, holderOf, serveAs, spawnAs } from "./host.ts";
import { down, up } from "./neighbourhood.ts";
import { operatorLeases } from "./operator/operator.ts";
import { type Outcome, waitFor } from "./process.ts";
import { SLOWNESS } from "./qemu/agent.ts";
import { borrow, giveBack } from "./qemu/shared.ts";
import {
  GATEWAYS,
  type GatewayKind,
  type KernelKind,
  type LabPaths,
  type OperatorName,
  pathsOf,
  readState,
} from "./state.ts";
import { type HostName, isHost } from "./topology.ts";
import { isCarried } from "./vm/channel.ts";

export interface LabOptions {
  /** Default: a name of its own, so that test files never meet. */
  readonly name?: string;
  readonly operator?: OperatorName;
  readonly gateway?: GatewayKind;
  /** "vm", "uml": the whole neighbourhood in a machine whose kernel has PPP, VLANs and queueing disciplines. */
  readonly kernel?: KernelKind;
  readonly allInOne?: boolean;
  /** Needed by the fault `clock-jump`. */
  readonly movableClock?: boolean;
  /** With qemu: every write to the gateway's disk is noted (qemu/paths.ts, `writes`). */
  readonly recordWrites?: boolean;
}

export class Lab implements AsyncDisposable {
  readonly name: string;
  readonly paths: LabPaths;
  readonly operator: OperatorName;
  /** How long `up` took. */
  readonly upMs: number;
  /** Where the gateway keeps its files, and how its program is called there. */
  readonly places: Places;
  /** How many times longer than a gateway of processes this one may take for anything. */
  readonly patience: number;
  readonly #captures = new Set<Capture>();
  /** Others go on with its machine (qemu/shared.ts, vm/shared.ts). */
  readonly #isShared: boolean;

  private constructor(name: string, operator: OperatorName, upMs: number, isShared = false) {
    this.name = name;
    this.#isShared = isShared;
    this.operator = operator;
    this.upMs = upMs;
    this.paths = pathsOf(name);
    this.places = placesOf(name);
    this.patience = isMachine(name) || isCarried(name) ? SLOWNESS : 1;
  }

  static async up(options: LabOptions = {}): Promise<Lab> {
    const name = options.name ?? `test-${randomBytes(4).toString("hex")}`;
    const operator = options.operator ?? "ethernet";
    const gateway = options.gateway ?? chosenGateway();
    const { kernel = "host", allInOne = false } = options;
    const { movableClock = false, recordWrites = false } = options;
    if (kernel === "vm" && options.name === undefined) {
      const shared = process.env[operator === "ethernet" ? "LAB_VM" : "LAB_VM_ORANGE"];
      if (shared !== undefined) return Lab.#attached(shared);
    }
    if (gateway === "qemu" && !recordWrites && process.env.LAB_SHARED !== undefined) {
      const state = await borrow(operator);
      return new Lab(state.name, operator, state.upMs ?? 0, true);
    }
    const wanted = { name, operator, gateway, kernel, allInOne, movableClock, recordWrites };
    const state = await up(wanted).catch(async (error: unknown) => {
      // The error carries the ends of the logs; nobody comes back for a lab with a name made for one test.
      if (options.name === undefined) await down(name);
      throw error;
    });
    return new Lab(name, operator, state.upMs ?? 0);
  }

  /** One that others brought up, for all tests that need its kernel, and take down (vm/shared.ts). */
  static #attached(name: string): Lab {
    const state = readState(name);
    if (state?.complete !== true) throw new Error(`LAB_VM: the lab "${name}" is not up`);
    return new Lab(name, state.operator, state.upMs ?? 0, true);
  }

  /** Runs a program as a host to its end; a bad exit is an outcome, not an error. */
  exec(host: HostName, argv: readonly string[], options: HostRunOptions = {}): Promise<Outcome> {
    return runOn(this.name, host, argv, options);
  }

  /** Like `exec`, answers what the program wrote; a bad exit is an error that says what it said. */
  must(host: HostName, argv: readonly string[], options: HostRunOptions = {}): Promise<string> {
    return mustOn(this.name, host, argv, options);
  }

  /** The octets of a file as a host has it. */
  read(host: HostName, path: string): Promise<Uint8Array> {
    return readOn(this.name, host, path);
  }

  /** Starts a program as a host; `child.kill()` ends it, and so does `down`. */
  spawn(host: HostName, argv: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess {
    return spawnOn(this.name, host, argv, env);
  }

  /** The gateway's own program on the gateway, as root: `passerelle WORDS`. */
  passerelle(words: readonly string[], options: HostRunOptions = {}): Promise<Outcome> {
    const env = { ...(options.env ?? process.env), PASSERELLE_RUNTIME_DIR: this.places.runtime };
    return this.exec("gw", [...this.places.program, ...words], { ...options, env });
  }

  /** Starts a program that stays until `down`; its output goes to `logs/<logName>.log`. */
  serve(host: HostName, logName: string, argv: readonly string[]): Promise<void> {
    if (isInside(this.name, host)) throw new Error("not with qemu: a program that stays in gw");
    return serveAs(this.name, host, logName, argv);
  }

  async fault(name: string, ...words: readonly string[]): Promise<void> {
    await applyFault(this.name, name, words);
  }

  /** A lease for the host's eth0 with a client that is not ours. */
  lease(client: ClientName, host: HostName): Promise<ClientLease> {
    return lease(this.name, client, host);
  }

  /** Records packets with tcpdump. The program runs when this resolves. */
  async capture(host: HostName, device: string, filter = ""): Promise<Capture> {
    const file = join(this.paths.logs, `${host}-${device}-${randomBytes(3).toString("hex")}.pcap`);
    const child = spawnAs(
      this.name,
      host,
      // Each packet at once: what waits in the kernel for a second would be lost by `stop`.
      ["tcpdump", "-i", device, "--immediate-mode", "-U", "-Z", "root", "-w", file, filter],
      { namespaces: "network" },
    );
    const capture = new Capture(file, child);
    this.#captures.add(capture);
    await waitFor(
      `tcpdump on ${host}`,
      () => existsSync(file) && capture.listening,
      5000 * this.patience,
      10,
    );
    return capture;
  }

  waitFor<T>(
    what: string,
    ask: () => T | undefined | false | Promise<T | undefined | false>,
    timeoutMs: number,
    everyMs = LOOK_EVERY_MS,
  ): Promise<T> {
    // Each look is work for the machine that it looks at.
    return waitFor(what, ask, timeoutMs * this.patience, everyMs * this.patience);
  }

  /** Process number of a gateway's daemon (or "broker"), as the host `gw` sees it, and how often it was started. */
  daemon(name: string): Promise<{ readonly pid: number; readonly starts: number }> {
    return daemonProcess(this.name, name);
  }

  log(name: string): string {
    return readFileSync(join(this.paths.logs, name), "utf8");
  }

  /** What the operator orange heard and thought so far, one entry a message. */
  operatorLog(): readonly OperatorEntry[] {
    return this.#entries<OperatorEntry>("orange.jsonl");
  }

  /** The same of DHCPv6. */
  operatorLog6(): readonly OperatorEntry6[] {
    return this.#entries<OperatorEntry6>("orange6.jsonl");
  }

  #entries<T>(name: string): readonly T[] {
    const path = join(this.paths.logs, name);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as T);
  }

  operatorLeases(): readonly { readonly mac: string; readonly address: string }[] {
    return operatorLeases(this.name, this.operator);
  }

  /** Process number of the host's first process, as the machine sees it: /proc/PID/root is its file system. */
  hostPid(host: HostName): number {
    return holderOf(this.name, host).pid;
  }

  /** The words that make any program run as a host, for a test that starts programs itself. */
  enter(host: HostName): readonly string[] {
    if (!isHost(host)) throw new Error(`"${host}" is no host of the lab`);
    if (isInside(this.name, host)) throw new Error("not with qemu: no namespace is the gateway");
    return enterArguments(holderOf(this.name, host), {});
  }

  async down(): Promise<void> {
    for (const capture of this.#captures) await capture.stop();
    if (!this.#isShared) await down(this.name);
    else if (isMachine(this.name)) await giveBack(this.name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }
}

/** True where the gateway of these tests is the board's image, for what a machine has in another way. */
export const IS_MACHINE = process.env.LAB_GATEWAY === "qemu";

const LOOK_EVERY_MS = 50;

/** `LAB_GATEWAY=qemu`: the same tests judge the board's image. */
function chosenGateway(): GatewayKind {
  const word = process.env.LAB_GATEWAY ?? "namespace";
  const kind = GATEWAYS.find((one) => one === word);
  if (kind === undefined) throw new Error(`LAB_GATEWAY is one of ${GATEWAYS.join(", ")}`);
  return kind;
}

export interface OperatorEntry {
  readonly at: string;
  readonly from: string;
  readonly unicast: boolean;
  readonly verdict: "granted" | "parked" | "silence";
  readonly answer: "offer" | "ack" | "nak" | "none";
  readonly type?: string;
  readonly xid?: string;
  readonly mac?: string;
  readonly flags?: number;
  readonly ciaddr?: string;
  readonly requested?: string;
  readonly server?: string;
  readonly reason?: string;
  readonly answerReason?: string;
  readonly address?: string;
  /** Option code → value in hexadecimal. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface OperatorEntry6 {
  readonly at: string;
  readonly from: string;
  readonly verdict: "granted" | "parked" | "silence";
  readonly answer: "advertise" | "reply" | "none";
  readonly type?: string;
  readonly mac?: string;
  readonly reason?: string;
  readonly refusal?: "no_prefix" | "no_binding";
  /** In eight groups. */
  readonly prefix?: string;
  readonly over?: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
}

export class Capture {
  readonly file: string;
  readonly #child: ChildProcess;
  #said = "";

  constructor(file: string, child: ChildProcess) {
    this.file = file;
    this.#child = child;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#said += chunk.toString("utf8");
    });
  }

  get listening(): boolean {
    return this.#said.includes("listening on");
  }

  /** Ends the recording; the file is complete then. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }

  /** What tcpdump prints of the file, one line a packet; `words` are more arguments of tcpdump. */
  async text(...words: readonly string[]): Promise<readonly string[]> {
    const { run } = await import("./process.ts");
    const outcome = await run(["tcpdump", "-n", "-r", this.file, ...words]);
    return outcome.stdout.split("\n").filter((line) => line !== "");
  }
}
