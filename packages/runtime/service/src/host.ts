import { type Bus, connectBus } from "@passerelle/bus-client";
import { aliveState, type DaemonName } from "@passerelle/contract";
import { ok } from "@passerelle/result";
import { seconds } from "@passerelle/time";
import { createServiceContext, type OwnedContext } from "./context.ts";
import type { DriverReport } from "./driver.ts";
import type { Environment } from "./environment.ts";
import { eraseWhereOrdered } from "./factory-reset.ts";
import { makePrivateDirectory } from "./files.ts";
import { createLogger, type JournalLogger } from "./journal.ts";
import type { Clock, Entropy, RunningService, Service } from "./port.ts";
import { createSectionCache } from "./section-cache.ts";
import { SectionFollower } from "./section-follower.ts";

/** A service of any configuration, as the process that runs it sees it. */
export interface HostedService {
  readonly name: DaemonName;
  open(host: Host): OpenService;
}

/** What the process gives to each of its services. */
export interface Host {
  readonly environment: Environment;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** True where other services share the process: PASSERELLE_BUS then names none of their sockets. */
  readonly isShared: boolean;
  readonly fatal: (error: unknown, service: DaemonName) => void;
}

export interface OpenService {
  readonly name: DaemonName;
  readonly log: JournalLogger;
  readonly stateDirectory: string;
  /** Resolves when it runs. While it waits for its section it may take for ever. */
  readonly started: Promise<void>;
  /** Ends the service, says goodbye on the bus. */
  stop(): Promise<void>;
  reports(): readonly DriverReport[];
  dump(): unknown;
}

const FLUSH = seconds(1);

/** Makes services of different configurations fit into one list. */
export function hosted<Config>(service: Service<Config>): HostedService {
  return { name: service.name, open: (host) => openService(service, host) };
}

function openService<Config>(service: Service<Config>, host: Host): OpenService {
  const { environment, clock, entropy } = host;
  const { name } = service;
  const stateDirectory = `${environment.stateDirectory}/${name}`;
  const runtimeDirectory = `${environment.runtimeDirectory}/${name}`;
  const log = createLogger({ service: name, level: environment.logLevel });
  // Before anything is opened: what is erased must not be open.
  obeyFactoryReset(name, environment, log);
  makePrivateDirectory(stateDirectory);
  makePrivateDirectory(runtimeDirectory);
  const bus = connectBus({
    client: name,
    socketPath: socketOf(name, host),
    log,
    now: clock.now,
    validatePublish: environment.validatePublish,
  });
  const fatal = (error: unknown) => host.fatal(error, name);
  const started = Promise.withResolvers<void>();
  let owned: OwnedContext<Config> | undefined;
  let running: RunningService<Config> | undefined;

  async function apply(config: Config) {
    if (running !== undefined) return running.reconfigure(config);
    owned = createServiceContext({
      config,
      bus,
      log,
      clock,
      entropy,
      stateDirectory,
      runtimeDirectory,
      fatal,
    });
    running = await service.start(owned.context);
    bus.publish(aliveState[name], { status: "online", pid: process.pid, since: clock.wall() });
    await bus.flush(FLUSH);
    log.info("service_started");
    started.resolve();
    return ok(undefined);
  }

  const follower = follow(service, { bus, clock, log, stateDirectory, apply, fatal });
  return {
    name,
    log,
    stateDirectory,
    started: started.promise,
    reports: () => owned?.reports() ?? [],
    dump: () => ({
      service: name,
      connected: bus.connected,
      bus: bus.counters,
      machines: owned?.reports().map(({ inputs, ...report }) => report) ?? [],
      state: running?.dump() ?? "not started",
    }),
    async stop() {
      follower.close();
      try {
        await running?.stop();
      } finally {
        owned?.stopDrivers();
        await bus.close();
      }
      log.info("service_stopped");
    },
  };
}

function obeyFactoryReset(name: DaemonName, environment: Environment, log: JournalLogger): void {
  const { stateDirectory: state, runtimeDirectory: runtime } = environment;
  try {
    if (eraseWhereOrdered({ state, runtime }, name)) log.warn("factory_reset_done");
  } catch (error) {
    // A disk that can't be written: a box that serves is better than one that doesn't start. The next start tries again.
    log.error("factory_reset_failed", { error });
  }
}

function follow<Config>(
  service: Service<Config>,
  given: {
    readonly bus: Bus;
    readonly clock: Clock;
    readonly log: JournalLogger;
    readonly stateDirectory: string;
    readonly apply: (config: Config) => ReturnType<RunningService<Config>["reconfigure"]>;
    readonly fatal: (error: unknown) => void;
  },
): { close(): void } {
  const { stateDirectory, apply, fatal, ...rest } = given;
  const { section } = service;
  if (service.selfConfigured === true) {
    // Its own store knows better; these values only complete the type of the context.
    const nothing = {
      password: () => "not-used-not-used",
      bytes: (n: number) => new Uint8Array(n),
    };
    apply(section.defaults(nothing)).catch(fatal);
    return { close: () => undefined };
  }
  const cache = createSectionCache(section, stateDirectory, given.log);
  const follower = new SectionFollower({ ...rest, section, cache, apply, fatal });
  follower.open();
  return follower;
}

function socketOf(name: DaemonName, { environment, isShared }: Host): string {
  const fallback = `${environment.runtimeDirectory}/bus/${name}.sock`;
  return isShared ? fallback : (environment.busSocket ?? fallback);
}
