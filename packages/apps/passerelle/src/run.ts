import { flushCompileCache } from "node:module";
import { startEmbeddedBroker } from "@passerelle/bus-broker";
import type { DaemonName } from "@passerelle/contract";
import {
  createLogger,
  type HostedService,
  readEnvironment,
  runServices,
} from "@passerelle/service";
import { AVAILABLE, loadDaemon } from "./daemons.ts";
import { parseWords, UsageError } from "./usage.ts";

/** `passerelle run`: hosts daemons in this process until it is told to stop. */
export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    all: { type: "boolean", default: false },
    "embedded-broker": { type: "boolean", default: false },
    "external-broker": { type: "boolean", default: false },
  });
  const names = chosen(positionals, values.all === true);
  const environment = readEnvironment(process.env, process.pid);
  const log = createLogger({ service: "broker", level: environment.logLevel });
  const { runtimeDirectory } = environment;
  // Everything in one process needs no other program; a board with mosquitto says so.
  const isEmbedded =
    values["embedded-broker"] === true ||
    (values.all === true && values["external-broker"] !== true);
  const broker = isEmbedded ? await startEmbeddedBroker({ runtimeDirectory, log }) : undefined;
  const services: HostedService[] = [];
  for (const name of names) {
    const service = await loadDaemon(name);
    if (service !== undefined) services.push(service);
  }
  return runServices(services, {
    environment,
    // Where NODE_COMPILE_CACHE is set, a process that is killed finds its code compiled when it comes back.
    started: () => flushCompileCache(),
    stopped: async () => broker?.stop(),
  });
}

/** In the order of start, each once. */
function chosen(words: readonly string[], isAll: boolean): readonly DaemonName[] {
  if (isAll && words.length > 0) throw new UsageError("--all needs no names");
  if (isAll) return AVAILABLE;
  if (words.length === 0) throw new UsageError(`run what? One of: ${AVAILABLE.join(", ")}, --all`);
  for (const word of words)
    if (!AVAILABLE.some((name) => name === word))
      throw new UsageError(`no daemon "${word}"; there are: ${AVAILABLE.join(", ")}`);
  return AVAILABLE.filter((name) => words.includes(name));
}
