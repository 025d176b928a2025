import type { Subscription } from "@passerelle/bus-client";
import { systemHistory, systemState, wanState } from "@passerelle/contract";
import { ok } from "@passerelle/result";
import type { RunningService, Service, ServiceContext } from "@passerelle/service";
import { type SystemConfig, section } from "./config.ts";
import { TIERS } from "./core/series.ts";
import { readBox } from "./edge/box.ts";
import { History } from "./edge/history.ts";
import { type Measured, Monitor } from "./edge/monitor.ts";

export { type SystemConfig, section } from "./config.ts";

export const system: Service<SystemConfig> = {
  name: "system",
  section,
  start: startSystem,
};

export async function startSystem(
  context: ServiceContext<SystemConfig>,
): Promise<RunningService<SystemConfig>> {
  const { bus, clock, log, stateDirectory, runtimeDirectory } = context;
  let { config } = context;
  const box = readBox();
  const history = new History({ stateDirectory, runtimeDirectory, clock, log });
  let measured: Measured | undefined;
  const publish = (): void => {
    if (measured === undefined) return;
    bus.publish(systemState, {
      model: box.model,
      version: "0.1.0",
      ...(box.serial === undefined ? {} : { serial: box.serial }),
      hostname: box.hostname,
      bootedAt: clock.wall() - clock.now(),
      bootCause: "unknown",
      timezone: config.timezone,
      clock: { kind: "unsynchronised" },
      storage: measured.storage.map(({ name, totalBytes, usedBytes }) => ({
        name,
        totalBytes,
        usedBytes,
      })),
      processes: [...measured.processes],
      latest: measured.sample,
      faults: [],
    });
  };
  const monitor = new Monitor({
    bus,
    clock,
    history,
    places: { data: stateDirectory, system: "/", temporary: runtimeDirectory },
    measured: (next) => {
      measured = next;
      publish();
    },
  });
  const subscriptions: Subscription[] = [
    bus.subscribe(wanState, ({ interface: name, reach }) =>
      monitor.line({
        interface: name,
        ...(reach.kind === "online" && reach.rttMs !== undefined ? { latencyMs: reach.rttMs } : {}),
      }),
    ),
    bus.serve(systemHistory, ({ series, resolution }) => {
      const tier = TIERS.find(({ name }) => name === resolution);
      if (tier === undefined) throw new Error("invariant: every resolution is a ring");
      return { ok: true, data: { series, ...history.grid(series, tier) } };
    }),
  ];
  monitor.start();
  return {
    reconfigure(next) {
      config = next;
      publish();
      return Promise.resolve(ok(undefined));
    },
    stop() {
      for (const subscription of subscriptions.reverse()) subscription.close();
      monitor.stop();
      history.close();
      return Promise.resolve();
    },
    dump: () => ({ history: history.dump() }),
  };
}
