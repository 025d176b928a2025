import type { DaemonName } from "@passerelle/contract";
import { writeCrashFile } from "./crash-file.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { type HostedService, hosted, type OpenService } from "./host.ts";
import { createLogger, toJson } from "./journal.ts";
import { systemClock, systemEntropy } from "./linux.ts";
import { createNotifier, type Notifier } from "./notifier.ts";
import type { Service } from "./port.ts";

export interface RunOptions {
  /** Default: that of this process. */
  readonly environment?: Environment;
  /** Called once, when every service runs. */
  readonly started?: () => void;
  /** Called after the services have stopped, e.g. for the embedded broker. */
  readonly stopped?: () => Promise<void>;
}

/** All services together have this long to end. */
const STOP_MS_MAX = 5000;

/** A process for one service. */
export function runService<Config>(
  service: Service<Config>,
  options: RunOptions = {},
): Promise<number> {
  return runServices([hosted(service)], options);
}

/**
 * Runs services until SIGTERM or SIGINT; resolves to the exit code. A bug (an uncaught error, a check
 * that failed) writes a crash file and ends the process with 1: the supervisor starts it again, and
 * the broker tells the others.
 */
export async function runServices(
  services: readonly HostedService[],
  options: RunOptions = {},
): Promise<number> {
  const environment = options.environment ?? readEnvironment(process.env, process.pid);
  // Databases and caches hold secrets: what a service writes is for nobody else.
  process.umask(0o077);
  const open: OpenService[] = [];
  const log = createLogger({ service: "process", level: environment.logLevel });
  const notifier = createNotifier({ environment, log });
  const fatal = crashHandler(open, environment);
  process.on("uncaughtException", (error) => fatal(error));
  process.on("SIGUSR2", () => {
    for (const service of open) process.stderr.write(`${toJson(service.dump())}\n`);
  });
  const stopped = Promise.withResolvers<number>();
  const stop = (signal: NodeJS.Signals) => {
    process.off("SIGTERM", stop);
    process.off("SIGINT", stop);
    log.info("stopping", { signal });
    void stopAll(open, notifier, options).then(stopped.resolve);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);

  notifier.starting("waiting for the configuration");
  const host = {
    environment,
    clock: systemClock(),
    entropy: systemEntropy(),
    isShared: services.length > 1,
    fatal,
  };
  for (const service of services) open.push(service.open(host));
  void Promise.all(open.map((service) => service.started)).then(() => {
    notifier.ready();
    options.started?.();
  });
  return stopped.promise;
}

/** In reverse order of start. 0 where everything ended in time. */
async function stopAll(
  open: readonly OpenService[],
  notifier: Notifier,
  options: RunOptions,
): Promise<number> {
  notifier.stopping();
  const late = Promise.withResolvers<number>();
  const timer = setTimeout(() => late.resolve(1), STOP_MS_MAX - 250);
  const ended = (async () => {
    let code = 0;
    for (const service of open.toReversed()) {
      try {
        await service.stop();
      } catch (error) {
        service.log.error("stop_failed", { error });
        code = 1;
      }
    }
    await options.stopped?.();
    return code;
  })();
  const code = await Promise.race([ended, late.promise]);
  clearTimeout(timer);
  notifier.close();
  return code;
}

/** Ends the process. Writes first what is needed to understand why. */
function crashHandler(open: readonly OpenService[], environment: Environment) {
  let isCrashing = false;
  return (error: unknown, name?: DaemonName): void => {
    // A crash while crashing adds nothing.
    if (isCrashing) return;
    isCrashing = true;
    const service = open.find((candidate) => candidate.name === name) ?? open[0];
    const log = service?.log ?? createLogger({ service: "process" });
    log.error("crashed", { error });
    try {
      const directory = service?.stateDirectory ?? environment.stateDirectory;
      const path = writeCrashFile(directory, {
        service: name ?? "process",
        time: new Date().toISOString(),
        error,
        machines: open.flatMap((each) =>
          each.reports().map((report) => ({ service: each.name, ...report })),
        ),
      });
      log.error("crash_file", { path });
    } catch (thrown) {
      log.error("crash_file_not_written", { error: thrown });
    }
    process.exit(exitCodeOf(error));
  };
}

/** An error that knows its exit code (78: bad configuration, sysexits.h) keeps it. */
function exitCodeOf(error: unknown): number {
  const code = error instanceof Error && "exitCode" in error ? error.exitCode : undefined;
  return typeof code === "number" && code > 0 && code < 256 ? code : 1;
}
