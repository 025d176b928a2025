import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, createMemoryHub, type MemoryHub } from "@passerelle/bus-client";
import type { ClientName } from "@passerelle/contract";
import { nextUint32, seedRng } from "@passerelle/machine";
import {
  after,
  type Duration,
  type Instant,
  instant,
  type WallTime,
  wallTime,
} from "@passerelle/time";
import { createServiceContext } from "./context.ts";
import type { DriverReport } from "./driver.ts";
import type { LogLevel } from "./journal.ts";
import type { Clock, Entropy, LogFields, Logger, ServiceContext } from "./port.ts";

/** A clock that only a test moves. Wall time moves with it; `setWall` makes it jump. */
export class ManualClock implements Clock {
  readonly bootId: string;
  #now: Instant;
  #wallOffset: number;
  #timers: { readonly at: Instant; readonly order: number; readonly callback: () => void }[] = [];
  #order = 0;

  constructor(options: { now?: number; wall?: number; bootId?: string } = {}) {
    this.#now = instant(options.now ?? 0);
    this.#wallOffset = (options.wall ?? 1_800_000_000_000) - this.#now;
    this.bootId = options.bootId ?? "00000000-0000-4000-8000-000000000000";
  }

  now(): Instant {
    return this.#now;
  }

  wall(): WallTime {
    return wallTime(this.#now + this.#wallOffset);
  }

  setWall(wall: number): void {
    this.#wallOffset = wall - this.#now;
  }

  later(wait: Duration, callback: () => void): { cancel(): void } {
    this.#order += 1;
    const timer = { at: after(this.#now, wait), order: this.#order, callback };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves time on, ringing each timer at its own instant; lets promises settle before and after each. */
  async advance(by: Duration): Promise<void> {
    const end = after(this.#now, by);
    await settle();
    for (let rung = 0; rung < 100_000; rung += 1) {
      const [next] = this.#timers.toSorted((a, b) => a.at - b.at || a.order - b.order);
      if (next === undefined || next.at > end) {
        this.#now = end;
        return;
      }
      this.#timers = this.#timers.filter((timer) => timer !== next);
      if (next.at > this.#now) this.#now = next.at;
      next.callback();
      await settle();
    }
    throw new Error("a timer that rings for ever");
  }
}

/** Lets everything that is ready happen: microtasks, and promises that wait for them. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The same numbers in every run. */
export function seededEntropy(seed = 1): Entropy {
  let rng = seedRng([seed, 2, 3, 4]);
  const uint32 = () => {
    const drawn = nextUint32(rng);
    rng = drawn.rng;
    return drawn.value;
  };
  return {
    bytes: (length) => Uint8Array.from({ length }, () => uint32() & 0xff),
    uint32,
    seed: () => [uint32(), uint32(), uint32(), uint32()],
  };
}

export interface RecordedLog {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps what was logged, for assertions. */
export function recordingLogger(): Logger & { readonly lines: RecordedLog[] } {
  const lines: RecordedLog[] = [];
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields });
  return {
    lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  };
}

export interface TestContext<Config> extends ServiceContext<Config> {
  readonly clock: ManualClock;
  readonly log: Logger & { readonly lines: RecordedLog[] };
  /** The hub to which `bus` belongs; `hub.client("web")` plays another daemon. */
  readonly hub: MemoryHub;
  reports(): readonly DriverReport[];
  /** Stops the drivers and removes the directories. */
  dispose(): Promise<void>;
}

export interface TestContextOptions<Config> {
  readonly config: Config;
  /** Whose bus this is. */
  readonly client?: ClientName;
  readonly hub?: MemoryHub;
  readonly bus?: Bus;
  readonly clock?: ManualClock;
  readonly entropy?: Entropy;
  /** Default: fresh ones in the system's temporary directory, removed by `dispose`. */
  readonly stateDirectory?: string;
  readonly runtimeDirectory?: string;
}

/** Everything a service is given, with nothing real but a temporary directory. */
export function testContext<Config>(options: TestContextOptions<Config>): TestContext<Config> {
  const clock = options.clock ?? new ManualClock();
  const hub =
    options.hub ?? createMemoryHub({ time: { now: () => clock.now(), later: laterOf(clock) } });
  const log = recordingLogger();
  const bus = options.bus ?? hub.client(options.client ?? "observer", { log });
  const temporary: string[] = [];
  const fresh = (kind: string) => {
    const path = mkdtempSync(join(tmpdir(), `passerelle-${kind}-`));
    temporary.push(path);
    return path;
  };
  const owned = createServiceContext({
    config: options.config,
    bus,
    log,
    clock,
    entropy: options.entropy ?? seededEntropy(),
    stateDirectory: options.stateDirectory ?? fresh("state"),
    runtimeDirectory: options.runtimeDirectory ?? fresh("run"),
    // The driver throws as well: the test sees it where it happened.
    fatal: () => undefined,
  });
  return {
    ...owned.context,
    clock,
    log,
    hub,
    reports: owned.reports,
    async dispose() {
      owned.stopDrivers();
      await bus.close();
      for (const path of temporary) rmSync(path, { recursive: true, force: true });
    },
  };
}

function laterOf(clock: Clock) {
  return (waitMs: number, callback: () => void) => clock.later(waitMs as Duration, callback);
}
