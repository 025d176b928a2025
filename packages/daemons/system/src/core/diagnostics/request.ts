import type { Diagnosis } from "@passerelle/contract";
import { isMulticastMac, MAC_ZERO, parseMac } from "@passerelle/net";
import type { Fault } from "@passerelle/result";
import { diagnosticsFault } from "./faults.ts";
import { isOneMachine, readAddress, readTarget } from "./target.ts";

/** What is wrong with a request by itself, before anything is done for it; undefined where it can be tried. */
export function requestFault(request: Diagnosis): Fault | undefined {
  return isPossible(request) ? undefined : diagnosticsFault("diagnosis_invalid");
}

function isPossible(request: Diagnosis): boolean {
  switch (request.kind) {
    case "ping":
    case "trace": {
      const target = readTarget(request.target);
      return target !== undefined && (target.kind === "name" || isOneMachine(target.address));
    }
    case "dns_lookup": {
      const target = readTarget(request.target);
      const resolver = request.resolver === undefined ? undefined : readAddress(request.resolver);
      if (request.resolver !== undefined && (resolver === undefined || !isOneMachine(resolver))) {
        return false;
      }
      // Of an address only the name can be looked up.
      return target?.kind === "name" || (target !== undefined && request.type === "PTR");
    }
    case "wake":
    case "capture": {
      if (request.mac === undefined) return true;
      const mac = parseMac(request.mac);
      return mac !== undefined && mac !== MAC_ZERO && !isMulticastMac(mac);
    }
    default:
      return true;
  }
}
