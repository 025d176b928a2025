/** The real service on this kernel, with a bus in memory: `node lab-host.ts STATE_DIRECTORY`. States go to stdout, a line each. */
import { createMemoryHub } from "@passerelle/bus-client";
import { lanLeaseEvent, lanLeases, lanState } from "@passerelle/contract";
import {
  createLogger,
  createServiceContext,
  systemClock,
  systemEntropy,
} from "@passerelle/service";
import { type LanConfig, section } from "../src/config.ts";
import { createLanService } from "../src/service.ts";

const [stateDirectory = ""] = process.argv.slice(2);
const say = (kind: string) => (value: unknown) => {
  process.stdout.write(`${JSON.stringify({ kind, value })}\n`);
};
const defaults = section.defaults({ password: () => "", bytes: (n) => new Uint8Array(n) });
const config: LanConfig = {
  ...defaults,
  networks: defaults.networks.map((network) =>
    network.zone === "lan" ? { ...network, ports: ["eth1", "eth2"] } : network,
  ),
  reservations: [{ address: "192.168.1.9", mac: "02:00:00:00:00:99", name: "printer" }],
};
const log = createLogger({ service: "lan" });
const hub = createMemoryHub();
const bus = hub.client("lan", { log });
const web = hub.client("web", { log });
web.subscribe(lanState, say("state"));
web.subscribe(lanLeases, say("leases"));
web.subscribe(lanLeaseEvent, say("lease"));
const { context } = createServiceContext({
  config,
  bus,
  log,
  clock: systemClock(),
  entropy: systemEntropy(),
  stateDirectory,
  runtimeDirectory: stateDirectory,
  fatal: (error) => {
    process.stderr.write(`fatal ${String(error)}\n`);
    process.exit(1);
  },
});
const running = await createLanService().start(context);
say("ready")(process.pid);
process.on("SIGTERM", () => void running.stop().then(() => process.exit(0)));
