import { accessSync, constants, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import type { SystemState } from "@passerelle/contract";
import { type Processes, Supervisor, textOf } from "@passerelle/process";
import type { Clock, Logger } from "@passerelle/service";
import { milliseconds, seconds } from "@passerelle/time";
import { readSources, renderChrony } from "../core/clock.ts";
import { faultOf } from "../core/faults.ts";
import { endOrphan } from "./orphan.ts";
import { type Resolve, resolveWithServers, ServerNames } from "./server-names.ts";

export type ClockState = SystemState["clock"];

export interface ChronyOptions {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly log: Logger;
  /** Its configuration is written here. */
  readonly runtimeDirectory: string;
  /** True where the machine's clock is not ours to set: it is only looked at. */
  readonly observe: boolean;
  readonly changed: (state: ClockState) => void;
  readonly resolve?: Resolve;
  /** chrony gives up root's rights and needs a directory that its user may enter: its own, not ours. */
  readonly directory?: string;
  readonly programs?: { readonly daemon: string; readonly client: string };
}

export interface ChronyWish {
  readonly enabled: boolean;
  /** Names or addresses. */
  readonly servers: readonly string[];
  /** Whom names are asked of; empty while the line is down. */
  readonly resolvers: readonly string[];
  readonly networks: readonly { readonly prefix: string; readonly address: string }[];
}

/** Until it is right it is looked at often, then rarely: each look starts a program (8 ms). */
const LOOK_EAGER = seconds(5);
const LOOK_CALM = seconds(64);
const PROGRAMS = { daemon: "/usr/sbin/chronyd", client: "/usr/bin/chronyc" };
const DIRECTORY = "/run/chrony";
const DRIFT_FILE = "/var/lib/chrony/chrony.drift";
/** Looks without an answer of the engine before it counts as broken. */
const FAILURES_MAX = 3;
const SETTLE = milliseconds(500);

/** Time from the servers of the configuration, and for the devices of the home: chrony, supervised. */
export class Chrony {
  readonly #options: ChronyOptions;
  readonly #file: string;
  readonly #names: ServerNames;
  #wish: ChronyWish | undefined;
  #supervisor: Supervisor | undefined;
  #written: string | undefined;
  #timer: { cancel(): void } | undefined;
  #soon: { cancel(): void } | undefined;
  #failures = 0;
  #state: ClockState = { kind: "unsynchronised" };
  #isBeginning = false;
  #stopped = false;

  constructor(options: ChronyOptions) {
    this.#options = options;
    this.#file = `${options.runtimeDirectory}/chrony.conf`;
    this.#names = new ServerNames({
      clock: options.clock,
      log: options.log,
      resolve: options.resolve ?? resolveWithServers,
      changed: () => this.#configureSoon(),
    });
  }

  get state(): ClockState {
    return this.#state;
  }

  /** Goes over to what is wanted; the same again does nothing. */
  want(wish: ChronyWish): void {
    if (this.#stopped) return;
    this.#wish = wish;
    this.#names.want(wish.enabled ? wish.servers : []);
    this.#names.resolvers(wish.resolvers);
    this.#configureSoon();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#soon?.cancel();
    this.#names.stop();
    await this.#end();
  }

  dump(): unknown {
    return { clock: this.#state.kind, engine: this.#supervisor?.state.kind ?? "off" };
  }

  /** At the start the line, its resolvers and the home come one after the other: one configuration for all. */
  #configureSoon(): void {
    this.#soon ??= this.#options.clock.later(SETTLE, () => {
      this.#soon = undefined;
      this.#configure();
    });
  }

  #configure(): void {
    const wish = this.#wish;
    if (wish === undefined || this.#stopped) return;
    if (!wish.enabled) {
      void this.#end();
      this.#show({ kind: "unsynchronised" });
      return;
    }
    if (!this.#isInstalled()) {
      this.#show({ kind: "unsynchronised", fault: faultOf("clock_engine_missing") });
      return;
    }
    const text = renderChrony({
      servers: this.#names.addresses,
      networks: wish.networks,
      directory: this.#options.directory ?? DIRECTORY,
      driftFile: DRIFT_FILE,
    });
    if (text === this.#written) return;
    this.#written = text;
    writeFileSync(this.#file, text, { mode: 0o600 });
    if (this.#supervisor !== undefined) this.#supervisor.restart();
    else void this.#begin();
  }

  async #begin(): Promise<void> {
    const { processes, log, observe, clock } = this.#options;
    const { daemon } = this.#options.programs ?? PROGRAMS;
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    // A daemon that was killed left its engine behind, which holds the port and the socket.
    const pidFile = `${this.#options.directory ?? DIRECTORY}/chronyd.pid`;
    await endOrphan({ pidFile, belongsTo: this.#file, clock });
    this.#isBeginning = false;
    if (this.#stopped || this.#written === undefined) return;
    this.#supervisor = new Supervisor(processes, {
      argv: [daemon, "-d", ...(observe ? ["-x"] : []), ...asUser(), "-f", this.#file],
      onLine: (line) => log.info("chronyd", { line }),
      onState: (state) => {
        if (state.kind === "waiting") log.warn("chronyd_ended", { code: state.exit.code });
      },
    });
    this.#supervisor.start();
    this.#arm();
  }

  async #end(): Promise<void> {
    this.#timer?.cancel();
    this.#written = undefined;
    const supervisor = this.#supervisor;
    this.#supervisor = undefined;
    await supervisor?.stop();
  }

  #arm(): void {
    this.#timer?.cancel();
    const wait = this.#state.kind === "synchronised" ? LOOK_CALM : LOOK_EAGER;
    this.#timer = this.#options.clock.later(wait, () => {
      void this.#look().finally(() => {
        if (!this.#stopped && this.#supervisor !== undefined) this.#arm();
      });
    });
  }

  async #look(): Promise<void> {
    const { processes, clock } = this.#options;
    const { client } = this.#options.programs ?? PROGRAMS;
    const socket = `${this.#options.directory ?? DIRECTORY}/chronyd.sock`;
    const done = await processes.run({
      argv: [client, "-c", "-n", "-h", socket, "sources"],
      limitMs: LOOK_LIMIT_MS,
      outputBytesMax: 65_536,
    });
    if (this.#stopped || this.#supervisor === undefined) return;
    if (!done.ok || done.value.code !== 0) {
      this.#failures += 1;
      if (this.#failures < FAILURES_MAX) return;
      this.#show({ kind: "unsynchronised", fault: faultOf("clock_engine_failed") });
      return;
    }
    this.#failures = 0;
    const { selected, reachable } = readSources(textOf(done.value.stdout), clock.wall());
    if (selected !== undefined) this.#show({ kind: "synchronised", ...selected });
    else {
      this.#names.again();
      const fault = reachable === 0 ? faultOf("clock_no_server") : undefined;
      this.#show({ kind: "unsynchronised", ...(fault === undefined ? {} : { fault }) });
    }
  }

  #show(state: ClockState): void {
    this.#state = state;
    this.#options.changed(state);
  }

  #isInstalled(): boolean {
    try {
      accessSync((this.#options.programs ?? PROGRAMS).daemon, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  }
}

/** Where this process is not root (a board gives it the one right that chrony needs) chrony is told so, and stays who it is. */
function asUser(): readonly string[] {
  return process.getuid?.() === 0 ? [] : ["-U", "-u", userInfo().username];
}

const LOOK_LIMIT_MS = 5000;
