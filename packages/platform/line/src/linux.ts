import type { Processes } from "@passerelle/process";
import { unreachable } from "@passerelle/result";
import { openBroadcom } from "./drivers/broadcom.ts";
import { openDraytek } from "./drivers/draytek.ts";
import { openLantiq } from "./drivers/lantiq.ts";
import { openReplay } from "./drivers/replay.ts";
import { openSnmp } from "./drivers/snmp.ts";
import { openTr064 } from "./drivers/tr064.ts";
import type { LinePlatform } from "./port.ts";

export interface LinuxLineOptions {
  /** For `ubus`. */
  readonly processes: Processes;
  /** Milliseconds that a modem may take for a login, and for each command or request. Default 10 000. */
  readonly patienceMs?: number;
}

/** Modems that this machine can reach. */
export function createLinuxLine({
  processes,
  patienceMs = PATIENCE_MS,
}: LinuxLineOptions): LinePlatform {
  return {
    open(modem) {
      switch (modem.driver) {
        case "replay":
          return openReplay(modem);
        case "draytek":
          return openDraytek(modem, patienceMs);
        case "broadcom":
          return openBroadcom(modem, patienceMs);
        case "tr064":
          return openTr064(modem, patienceMs);
        case "snmp":
          return openSnmp(modem, patienceMs);
        case "lantiq":
          return openLantiq(processes, patienceMs);
        default:
          return unreachable(modem);
      }
    },
  };
}

const PATIENCE_MS = 10_000;
