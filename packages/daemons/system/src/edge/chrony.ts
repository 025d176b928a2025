import { accessSync, constants } from "node:fs";
import type { SystemState } from "@passerelle/contract";
import { type Processes, textOf } from "@passerelle/process";
import type { Clock, Logger } from "@passerelle/service";
import { milliseconds, seconds } from "@passerelle/time";
import { readSources, renderChrony } from "../core/clock.ts";
import { faultOf } from "../core/faults.ts";
import {
  CHRONYC_LIMIT_MS,
  ChildEngine,
  type ChronyPlaces,
  chronyc,
  type Engine,
  UnitEngine,
} from "./chrony-engine.ts";
import { type Resolve, resolveWithServers, ServerNames } from "./server-names.ts";

export type ClockState = SystemState["clock"];

/**
 * Whose the machine's clock is. `observe`: not ours, it is only looked at. `own`: chrony is a child and sets it. `unit`: chrony
 * is a unit of the board's init, which reads this file; this process has no right over the clock.
 */
export type ClockKeeping =
  | { readonly kind: "observe" | "own" }
  | { readonly kind: "unit"; readonly configuration: string; readonly stamp: string };

/**
 * @param how PASSERELLE_CLOCK: "own", "unit:PATH" with the file that chrony's unit reads, or anything else, because only a board
 *   says that its clock is ours: a developer's machine is never set by a daemon tried on it.
 */
export function clockKeeping(how: string | undefined): ClockKeeping {
  if (how?.startsWith("unit:") === true)
    return { kind: "unit", configuration: how.slice("unit:".length), stamp: SYSTEMD_CLOCK };
  return { kind: how === "own" ? "own" : "observe" };
}

/** systemd(1): the clock is never before the time of this file. */
const SYSTEMD_CLOCK = "/var/lib/systemd/timesync/clock";

export interface ChronyOptions {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly log: Logger;
  /** The configuration of a child is written here. */
  readonly runtimeDirectory: string;
  readonly keeping: ClockKeeping;
  readonly changed: (state: ClockState) => void;
  readonly resolve?: Resolve;
  /** Absent: Debian's programs, and the directory that chrony's user may enter. */
  readonly places?: ChronyPlaces;
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
/** chrony gives up root's rights and needs a directory that its user may enter: its own, not ours. */
const DEBIAN: ChronyPlaces = {
  directory: "/run/chrony",
  programs: { daemon: "/usr/sbin/chronyd", client: "/usr/bin/chronyc" },
};
const DRIFT_FILE = "/var/lib/chrony/chrony.drift";
/** Looks without an answer of the engine before it counts as broken. */
const FAILURES_MAX = 3;
const SETTLE = milliseconds(500);

/** Time from the servers of the configuration, and for the devices of the home: chrony, supervised. */
export class Chrony {
  readonly #options: ChronyOptions;
  readonly #places: ChronyPlaces;
  readonly #engine: Engine;
  readonly #names: ServerNames;
  #wish: ChronyWish | undefined;
  #isRunning = false;
  #timer: { cancel(): void } | undefined;
  #soon: { cancel(): void } | undefined;
  #failures = 0;
  #state: ClockState = { kind: "unsynchronised" };
  #stopped = false;

  constructor(options: ChronyOptions) {
    this.#options = options;
    this.#places = options.places ?? DEBIAN;
    this.#engine = createEngine(options, this.#places);
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
    this.#timer?.cancel();
    await this.#engine.leave();
  }

  dump(): unknown {
    return { clock: this.#state.kind, engine: this.#engine.dump() };
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
    this.#engine.run(
      renderChrony({
        servers: this.#names.addresses,
        networks: wish.networks,
        directory: this.#places.directory,
        driftFile: DRIFT_FILE,
      }),
    );
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#arm();
  }

  async #end(): Promise<void> {
    this.#timer?.cancel();
    this.#isRunning = false;
    await this.#engine.end();
  }

  #arm(): void {
    this.#timer?.cancel();
    const wait = this.#state.kind === "synchronised" ? LOOK_CALM : LOOK_EAGER;
    this.#timer = this.#options.clock.later(wait, () => {
      void this.#look().finally(() => {
        if (!this.#stopped && this.#isRunning) this.#arm();
      });
    });
  }

  async #look(): Promise<void> {
    const { processes, clock } = this.#options;
    const done = await processes.run({
      argv: chronyc(this.#places, "sources"),
      limitMs: CHRONYC_LIMIT_MS,
      outputBytesMax: 65_536,
    });
    if (this.#stopped || !this.#isRunning) return;
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
      accessSync(this.#places.programs.daemon, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  }
}

function createEngine(options: ChronyOptions, places: ChronyPlaces): Engine {
  const { processes, clock, log, keeping, runtimeDirectory } = options;
  const common = { processes, clock, log, places };
  if (keeping.kind === "unit") return new UnitEngine({ ...common, file: keeping.configuration });
  const file = `${runtimeDirectory}/chrony.conf`;
  return new ChildEngine({ ...common, file, observe: keeping.kind === "observe" });
}
