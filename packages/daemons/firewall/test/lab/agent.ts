/**
 * The firewall daemon in a namespace of its own, on a bus in memory: what others publish comes as JSON lines on stdin,
 * what it publishes goes out on stdout.
 */
import { createInterface } from "node:readline";
import { createMemoryHub } from "@passerelle/bus-client";
import {
  firewallState,
  firewallTraffic,
  lanLeases,
  lanState,
  wanState,
} from "@passerelle/contract";
import { createServiceContext, systemClock, systemEntropy } from "@passerelle/service";
import { recordingLogger } from "@passerelle/service/testing";
import { firewall } from "../../src/service.ts";
import { configOf } from "../facts.ts";

const hub = createMemoryHub();
const others = {
  lan: hub.client("lan"),
  wan: hub.client("wan"),
  observer: hub.client("observer"),
};
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
others.observer.subscribe(firewallState, (value) => say({ topic: "state", value }));
others.observer.subscribe(firewallTraffic, (value) => say({ topic: "traffic", value }));

const log = recordingLogger();
const { context } = createServiceContext({
  config: configOf(),
  bus: hub.client("firewall"),
  log,
  clock: systemClock(),
  entropy: systemEntropy(),
  stateDirectory: "/nonexistent",
  runtimeDirectory: "/nonexistent",
  fatal: (error: unknown) => {
    say({ topic: "fatal", value: String(error) });
    process.exit(1);
  },
});
const running = await firewall.start(context);
say({ topic: "started", value: running.dump() });

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Record<string, never>;
  if (order.lan !== undefined) others.lan.publish(lanState, order.lan);
  if (order.wan !== undefined) others.wan.publish(wanState, order.wan);
  if (order.leases !== undefined) others.lan.publish(lanLeases, order.leases);
  if (order.config !== undefined) {
    const done = await running.reconfigure(configOf(order.config));
    say({ topic: "reconfigured", value: done });
  }
}
