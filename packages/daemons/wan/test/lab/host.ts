import { createMemoryHub } from "@passerelle/bus-client";
import { wanState } from "@passerelle/contract";
import { createServiceContext, systemClock, systemEntropy } from "@passerelle/service";
import type { WanConfig } from "../../src/config.ts";
import { wan } from "../../src/service.ts";

/** Runs the daemon alone, on the real kernel, and prints each published state as one line of JSON. */
const [directory = "", config = ""] = process.argv.slice(2);
const clock = systemClock();
const hub = createMemoryHub();
const log = (message: string, fields: unknown = {}): void => {
  process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
};
const owned = createServiceContext<WanConfig>({
  config: JSON.parse(config) as WanConfig,
  bus: hub.client("wan"),
  log: { debug: log, info: log, warn: log, error: log },
  clock,
  entropy: systemEntropy(),
  stateDirectory: directory,
  runtimeDirectory: directory,
  fatal: (error) => {
    process.stderr.write(`fatal ${String(error)}\n`);
    process.exit(1);
  },
});
hub.client("web").subscribe(wanState, (state) => {
  process.stdout.write(`${JSON.stringify(state)}\n`);
});
const running = await wan.start(owned.context);
process.on("SIGTERM", () => {
  void running.stop().then(() => process.exit(0));
});
