import { systemClock, systemEntropy } from "@passerelle/service";
import { createLinuxSockets } from "@passerelle/sockets";
import { defaultDnsConfig } from "../../packages/daemons/lan/src/config-dns.ts";
import { createDnsForwarder } from "../../packages/daemons/lan/src/edge/dns/forwarder.ts";

/** The forwarder alone in a process, for the bench: PORT UPSTREAM_PORT [DIRECTORY BLOCKLIST]. */
const [port = "", upstreamPort = "", directory = ".", blocklist] = process.argv.slice(2);
const quiet = (): void => undefined;
const started = performance.now();
const forwarder = createDnsForwarder({
  log: {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (text, fields) => console.error(text, fields),
  },
  clock: systemClock(),
  entropy: systemEntropy(),
  sockets: createLinuxSockets(),
  stateDirectory: directory,
  port: Number(port),
  listen: [{ address: "127.0.0.1" }],
  config: {
    ...defaultDnsConfig,
    upstreams: [{ address: "127.0.0.1", protocol: "udp", port: Number(upstreamPort) }],
    blocklists: {
      ...defaultDnsConfig.blocklists,
      files: blocklist === undefined ? [] : [blocklist],
    },
  },
});
const problems = await forwarder.start();
const listening = performance.now() - started;
await forwarder.blocklistLoaded();
const loaded = performance.now() - started;
console.log(
  JSON.stringify({
    problems,
    listeningMs: Math.round(listening),
    loadedMs: Math.round(loaded),
    blockedNames: forwarder.blockedNames(),
  }),
);
process.on("SIGUSR2", () =>
  console.log(
    JSON.stringify({ statistics: forwarder.statistics(), upstreams: forwarder.upstreams() }),
  ),
);
process.on("SIGTERM", () => forwarder.stop());
