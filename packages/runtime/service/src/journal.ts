import type { LogFields, Logger } from "./port.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A logger that can name its parts: `log.child("dhcp-client")` writes `"part":"dhcp-client"`. */
export interface JournalLogger extends Logger {
  child(part: string): JournalLogger;
}

/** Octets of one line at most: the journal cuts longer ones anyway, in the middle. */
const LINE_MAX = 16_384;
const TEXT_MAX = 2000;

/** One JSON object a line. `write` is given whole lines; the default is standard error. */
export function createLogger(options: {
  readonly service: string;
  readonly part?: string;
  readonly level?: LogLevel;
  readonly wall?: () => number;
  readonly write?: (line: string) => void;
}): JournalLogger {
  const { service, part, level = "info", wall = Date.now } = options;
  const { write = (line: string) => void process.stderr.write(line) } = options;
  const threshold = LOG_LEVELS.indexOf(level);

  function log(at: LogLevel, message: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(at) < threshold) return;
    const head = { time: new Date(wall()).toISOString(), level: at, service, part, message };
    // Our own words come first, and a field of the same name can't replace them.
    const line = toJson({ ...head, ...fields, ...head });
    const text = line.length <= LINE_MAX ? line : toJson({ ...head, cut: line.slice(0, TEXT_MAX) });
    write(`${text}\n`);
  }

  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    child: (name) =>
      createLogger({ ...options, part: part === undefined ? name : `${part}.${name}` }),
  };
}

/** JSON of anything a log or a dump may hold; never throws. */
export function toJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, replacer, indent) ?? "null";
  } catch (thrown) {
    return JSON.stringify({ unprintable: String(thrown) });
  }
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (value instanceof Error) return { ...value, message: value.message, stack: value.stack };
  if (typeof value === "string" && value.length > LINE_MAX) return `${value.slice(0, TEXT_MAX)}…`;
  return value;
}
