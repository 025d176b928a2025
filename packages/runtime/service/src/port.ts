import type { Bus } from "@passerelle/bus-client";
import type { DaemonName, Section } from "@passerelle/contract";
import type { Machine } from "@passerelle/machine";
import type { Fault, Result } from "@passerelle/result";
import type { Duration, Instant, WallTime } from "@passerelle/time";

/** A daemon: what `passerelle run NAME` hosts, alone in a process or beside others. */
export interface Service<Config> {
  readonly name: DaemonName;
  /** Its section of the configuration. */
  readonly section: Section<Config>;
  /**
   * Opens edges and starts machines. Called once the configuration is known and the bus is there (or known to be
   * away: a daemon serves from its own store then). What it opened is closed by `stop`, in reverse order.
   */
  readonly start: (context: ServiceContext<Config>) => Promise<RunningService<Config>>;
  /**
   * True for `config` alone: its section is in its own store, so it can't wait for anybody to serve it. It is started
   * at once with the factory's values, reads its own section itself, publishes its own `appliedState`, and is never
   * reconfigured from outside.
   */
  readonly selfConfigured?: boolean;
}

export interface RunningService<Config> {
  /** Goes over to a new configuration, or says why it can't and stays with the old one. */
  reconfigure(config: Config): Promise<Result<void, Fault>>;
  /** Ends cleanly within 5 seconds; the kernel keeps what must outlive us (rules, routes, addresses). */
  stop(): Promise<void>;
  /** State and queue sizes for SIGUSR2 and the support bundle; never a secret. */
  dump(): unknown;
}

export interface ServiceContext<Config> {
  readonly config: Config;
  readonly bus: Bus;
  readonly log: Logger;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** This daemon's own directory, 0700, survives restarts and upgrades. */
  readonly stateDirectory: string;
  /** This daemon's own directory, emptied at boot. */
  readonly runtimeDirectory: string;
  /** Runs a machine: one input at a time, checked, with one timer for its deadline. */
  readonly drive: <State, Input extends { readonly kind: string }, Effect>(
    machine: Machine<State, Input | { readonly kind: "timeout" }, Effect>,
    options: DriveOptions<State, Effect>,
  ) => Driver<State, Input>;
}

export interface DriveOptions<State, Effect> {
  /** Name in logs and dumps, e.g. "dhcp-client". */
  readonly name: string;
  /** Does one effect. Its result, if any, comes back later as an input. A throw ends the process. */
  readonly run: (effect: Effect) => void;
  /** Called after each step that changed the state, e.g. to publish a view. */
  readonly changed?: (state: State) => void;
  /** What dumps and crash files may hold of an input; default all of it. For inputs that carry a secret. */
  readonly redact?: (input: { readonly kind: string }) => unknown;
}

export interface Driver<State, Input> {
  /** Feeds one input. Called during a step, it waits in a bounded queue until that step's effects are done. */
  input(input: Input): void;
  readonly state: State;
  /** Disarms the timer; later inputs are ignored. */
  stop(): void;
}

export interface Clock {
  /** Milliseconds since boot, CLOCK_MONOTONIC: two processes of one boot agree. */
  now(): Instant;
  /** The calendar, for people and files only. */
  wall(): WallTime;
  /** Changes with each boot (/proc/sys/kernel/random/boot_id): says whether a stored Instant still means anything. */
  readonly bootId: string;
  /** Calls back once after `wait`; for edges (time-outs of sockets and children), never for decisions. */
  later(wait: Duration, callback: () => void): { cancel(): void };
}

/** Randomness from the operating system. */
export interface Entropy {
  bytes(length: number): Uint8Array;
  uint32(): number;
  /** Four words for `seedRng`. */
  seed(): readonly [number, number, number, number];
}

/** One structured line per change; never a secret, never one line per packet. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
export type LogFields = Readonly<Record<string, unknown>>;
