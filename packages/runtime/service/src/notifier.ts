import { createLinuxSockets } from "@passerelle/sockets";
import type { Environment } from "./environment.ts";
import type { Logger } from "./port.ts";

/** Tells the supervisor how we are: sd_notify(3). Without a supervisor it tells nobody. */
export interface Notifier {
  /** Not ready yet, and why; asks for more time while it lasts. */
  starting(status: string): void;
  ready(): void;
  stopping(): void;
  /** Ends the signs of life. */
  close(): void;
}

/** More time asked for with each sign, and how often one is given. */
const EXTENSION_US = 30_000_000;
const EXTENSION_EVERY_MS = 10_000;

export function createNotifier(options: {
  readonly environment: Environment;
  readonly log: Logger;
  /** Sends one datagram; default: to NOTIFY_SOCKET. */
  readonly send?: (text: string) => void;
}): Notifier {
  const { environment, log } = options;
  const send = options.send ?? datagrams(environment.notifySocket, log);
  let timer: NodeJS.Timeout | undefined;
  const repeat = (everyMs: number, text: string) => {
    clearInterval(timer);
    // From the event loop: when the loop hangs, the signs stop, and the supervisor acts.
    timer = setInterval(() => send(text), everyMs).unref();
  };
  return {
    starting(status) {
      const more = `EXTEND_TIMEOUT_USEC=${EXTENSION_US}`;
      send(`STATUS=${status}\n${more}`);
      repeat(EXTENSION_EVERY_MS, more);
    },
    ready() {
      clearInterval(timer);
      send("READY=1\nSTATUS=running");
      // Half the period, as sd_watchdog_enabled(3) recommends.
      if (environment.watchdogMs !== undefined) repeat(environment.watchdogMs / 2, "WATCHDOG=1");
    },
    stopping: () => send("STOPPING=1\nSTATUS=stopping"),
    close: () => clearInterval(timer),
  };
}

function datagrams(path: string | undefined, log: Logger): (text: string) => void {
  if (path === undefined) return () => undefined;
  let notify: ReturnType<typeof createLinuxSockets>["notify"] | undefined;
  let hasFailed = false;
  return (text) => {
    let reason: string;
    try {
      // The addon is loaded by the first call, not by importing this file.
      notify ??= createLinuxSockets().notify;
      const sent = notify(path, text);
      if (sent.ok) return;
      reason = sent.error.text;
    } catch (thrown) {
      reason = thrown instanceof Error ? thrown.message : String(thrown);
    }
    if (!hasFailed) log.warn("supervisor_not_told", { reason });
    hasFailed = true;
  };
}
