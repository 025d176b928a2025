import { LOG_LEVELS, type LogLevel } from "./journal.ts";

/** What the environment of a process says; the README lists it. */
export interface Environment {
  /** Each service keeps its own directory in it. */
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
  /** The bus socket where one service has the process for itself; else `<runtime>/bus/<service>.sock`. */
  readonly busSocket: string | undefined;
  readonly logLevel: LogLevel;
  /** Values of ours are validated when they are published, too. */
  readonly validatePublish: boolean;
  /** systemd's socket for READY and WATCHDOG (sd_notify(3)). */
  readonly notifySocket: string | undefined;
  /** Milliseconds within which systemd wants a sign of life. */
  readonly watchdogMs: number | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

export function readEnvironment(variables: Variables, pid: number): Environment {
  const level = LOG_LEVELS.find((known) => known === variables.PASSERELLE_LOG);
  return {
    stateDirectory: text(variables.PASSERELLE_STATE_DIR) ?? "/var/lib/passerelle",
    runtimeDirectory: text(variables.PASSERELLE_RUNTIME_DIR) ?? "/run/passerelle",
    busSocket: text(variables.PASSERELLE_BUS),
    logLevel: level ?? "info",
    validatePublish: variables.NODE_ENV !== "production",
    notifySocket: text(variables.NOTIFY_SOCKET),
    watchdogMs: watchdog(variables, pid),
  };
}

/** sd_watchdog_enabled(3): microseconds, meant for WATCHDOG_PID alone where that is set. */
function watchdog(variables: Variables, pid: number): number | undefined {
  const forPid = text(variables.WATCHDOG_PID);
  if (forPid !== undefined && forPid !== String(pid)) return undefined;
  const microseconds = Number(variables.WATCHDOG_USEC ?? "");
  return microseconds > 0 ? microseconds / 1000 : undefined;
}

/** An empty variable means the same as none. */
function text(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : value;
}
