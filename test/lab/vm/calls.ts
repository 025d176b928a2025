import { applyFault } from "../faults/faults.ts";
import { daemonStates } from "../gateway/gateway.ts";
import { serveAs } from "../host.ts";
import { type UpOptions, up } from "../neighbourhood.ts";
import { statusOf } from "../status.ts";
import type { HolderName } from "../topology.ts";

/** What the lab in the machine does as a whole, asked for by name from outside (callThere). */
export type Call = (lab: string, words: readonly unknown[]) => Promise<unknown>;

/** How long the answer has to get out before the machine is switched off. */
const ANSWER_MS = 50;

// Both ends are this very checkout: what comes is what callThere was given.
export const CALLS: Readonly<Record<string, Call>> = {
  up: (_, [options]) => up(options as UpOptions),
  status: (lab) => statusOf(lab),
  daemons: (lab) => daemonStates(lab),
  fault: (lab, [name, ...words]) => applyFault(lab, String(name), words.map(String)),
  serve: (lab, [host, logName, argv, env]) =>
    serveAs(
      lab,
      host as HolderName,
      String(logName),
      argv as readonly string[],
      (env ?? process.env) as NodeJS.ProcessEnv,
    ),
  "power-off": async () => {
    // guest-init.sh goes on from here.
    setTimeout(() => process.exit(0), ANSWER_MS);
  },
};
