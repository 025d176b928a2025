import type { Diagnosis } from "@passerelle/contract";
import { unreachable } from "@passerelle/result";
import { runCapture } from "./capture.ts";
import { runLookup } from "./lookup.ts";
import { runNoInternet } from "./no-internet.ts";
import { runPing, runTrace } from "./probes.ts";
import { runSlow } from "./slow.ts";
import type { Ended, Report, Tools } from "./tools.ts";
import { runWake } from "./wake.ts";

/** Does a diagnosis to its end. What it finds goes to the report. */
export function runDiagnosis(tools: Tools, request: Diagnosis, report: Report): Promise<Ended> {
  switch (request.kind) {
    case "ping":
      return runPing(tools, request, report);
    case "trace":
      return runTrace(tools, request, report);
    case "dns_lookup":
      return runLookup(tools, request, report);
    case "capture":
      return runCapture(tools, request, report);
    case "wake":
      return runWake(tools, request, report);
    case "no_internet":
      return runNoInternet(tools, report);
    case "slow":
      return runSlow(tools, report);
    default:
      return unreachable(request);
  }
}
