import type { Processes } from "@passerelle/process";
import type { Fault } from "@passerelle/result";
import { faultOf } from "../core/faults.ts";

/** Starts the box again. `stop` ends this service, where nobody else is going to. */
export interface Power {
  reboot(stop: () => Promise<void>): Promise<Fault | undefined>;
}

/** The supervisor of the lab starts every process of the gateway anew. */
export const EXIT_REBOOT = 86;

/** @param how PASSERELLE_POWER: "exit" where the machine is not ours to restart */
export function createPower(processes: Processes, how: string | undefined): Power {
  if (how === "exit") {
    return {
      async reboot(stop) {
        await stop();
        return process.exit(EXIT_REBOOT);
      },
    };
  }
  return {
    async reboot() {
      for (const argv of WAYS) {
        const done = await processes.run({ argv, limitMs: REBOOT_LIMIT_MS });
        if (done.ok && done.value.code === 0) return undefined;
      }
      return faultOf("reboot_refused");
    },
  };
}

/** systemd's, which ends every service in order, and whatever init the board has. */
const WAYS: readonly (readonly [string, ...string[]])[] = [
  ["systemctl", "reboot"],
  ["/sbin/reboot"],
];
const REBOOT_LIMIT_MS = 10_000;
