import { renameSync, writeFileSync } from "node:fs";
import type { Processes } from "@passerelle/process";
import type { Fault } from "@passerelle/result";
import { faultOf } from "../core/faults.ts";

/** Starts the box again. `stop` ends this service, where nobody else is going to. */
export interface Power {
  restart(what: Restart, stop: () => Promise<void>): Promise<Fault | undefined>;
}

/** "factory-reset" also has the board renew its whole data partition, where it can. */
export type Restart = "reboot" | "factory-reset";

/** The supervisor of the lab starts every process of the gateway anew. */
export const EXIT_REBOOT = 86;

/**
 * @param how PASSERELLE_POWER: "exit" where the machine is not ours to restart, "file:PATH" where a helper of root waits for
 *   a word in that file, so that this daemon needs no right of its own.
 */
export function createPower(processes: Processes, how: string | undefined): Power {
  if (how === "exit") {
    return {
      async restart(_what, stop) {
        await stop();
        return process.exit(EXIT_REBOOT);
      },
    };
  }
  if (how?.startsWith("file:") === true) return wordInFile(how.slice("file:".length));
  return {
    async restart() {
      for (const argv of WAYS) {
        const done = await processes.run({ argv, limitMs: REBOOT_LIMIT_MS });
        if (done.ok && done.value.code === 0) return undefined;
      }
      return faultOf("reboot_refused");
    },
  };
}

/** Who waits sees the file when its word is whole. */
function wordInFile(path: string): Power {
  return {
    restart(what) {
      try {
        writeFileSync(`${path}.new`, what, { mode: 0o600 });
        renameSync(`${path}.new`, path);
        return Promise.resolve(undefined);
      } catch {
        return Promise.resolve(faultOf("reboot_refused"));
      }
    },
  };
}

/** systemd's, which ends every service in order, and whatever init the board has. */
const WAYS: readonly (readonly [string, ...string[]])[] = [
  ["systemctl", "reboot"],
  ["/sbin/reboot"],
];
const REBOOT_LIMIT_MS = 10_000;
