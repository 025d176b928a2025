import type { Subscription } from "@passerelle/bus-client";
import {
  lanState,
  systemCancel,
  systemCaptureFile,
  systemDiagnose,
  systemDismiss,
  systemHistory,
  systemLog,
  systemSupportBundle,
  type WanDsl,
  wanDsl,
  wanResolvers,
  wanState,
} from "@passerelle/contract";
import { parseCidr4 } from "@passerelle/net";
import { createLinuxProcesses } from "@passerelle/process";
import { ok } from "@passerelle/result";
import type { RunningService, Service, ServiceContext } from "@passerelle/service";
import { createLinuxSlots } from "@passerelle/slots";
import { createLinuxSockets } from "@passerelle/sockets";
import { type SystemConfig, section } from "./config.ts";
import { faultOf } from "./core/faults.ts";
import { TIERS } from "./core/series.ts";
import type { State } from "./core/state.ts";
import { notificationsView } from "./core/view.ts";
import { readRelease, readVersion } from "./edge/box.ts";
import { makeBundle } from "./edge/bundle.ts";
import { clockKeeping } from "./edge/chrony.ts";
import { type Ends, serveEnds } from "./edge/ends.ts";
import { readHardware } from "./edge/hardware.ts";
import { listen } from "./edge/listen.ts";
import type { DslFacts } from "./edge/monitor.ts";
import { openPanel, type Panel } from "./edge/panel.ts";
import { openParts, type Parts, type SystemPorts } from "./edge/parts.ts";
import { createPower } from "./edge/power.ts";
import { SavedClock } from "./edge/saved-clock.ts";
import { startUpgrade, type Upgrade } from "./edge/upgrade/index.ts";

export { type SystemConfig, section } from "./config.ts";

export const system: Service<SystemConfig> = {
  name: "system",
  section,
  start: (context) => {
    const processes = createLinuxProcesses();
    return startSystem(context, {
      processes,
      sockets: createLinuxSockets(),
      power: createPower(processes, process.env.PASSERELLE_POWER),
      slots: createLinuxSlots({ processes }),
      lights: process.env.PASSERELLE_LEDS,
      buttons: process.env.PASSERELLE_BUTTON,
      clockKeeping: clockKeeping(process.env.PASSERELLE_CLOCK),
      hardware: readHardware,
    });
  },
};

export async function startSystem(
  context: ServiceContext<SystemConfig>,
  ports: SystemPorts,
): Promise<RunningService<SystemConfig>> {
  const { bus, clock } = context;
  const savedClock = savedClockOf(context, ports);
  // First of all: what follows is labelled with the calendar.
  await savedClock?.start();
  // From here on the lights say that it starts.
  const panel = openPanel(context, ports, () => resetByButton());
  const parts = openParts(context, ports, panel);
  const { store, history, driver, monitor, boots } = parts;
  const { ends, upgrade } = openEnds(context, ports, { ...parts, panel, stop });
  const subscriptions = [
    ...listen({
      bus,
      clock,
      feed: (input) => driver.input(input),
      namedDevices: () => namedDevices(driver.state),
    }),
    ...serve(context, parts, ports),
    ...followLine(parts, context),
    ...ends.subscriptions,
    ...upgrade.subscriptions,
    ...panel.subscriptions,
  ];
  const at = clock.wall();
  if (store.wasReplaced) driver.input({ kind: "noted", at, code: "log_replaced" });
  driver.input({ kind: "started", at, ...(boots.boot === undefined ? {} : { boot: boots.boot }) });
  monitor.start();
  parts.wantClock();
  let stopping: Promise<void> | undefined;

  function resetByButton(): void {
    if (ends.factoryReset("button") !== undefined) return;
    driver.input({ kind: "noted", at: clock.wall(), code: "reset_by_button" });
  }

  /** Also before a reboot: what is not written by then is lost. */
  function stop(): Promise<void> {
    stopping ??= (async () => {
      panel.stop();
      for (const subscription of subscriptions.toReversed()) subscription.close();
      monitor.stop();
      driver.stop();
      boots.ended();
      history.close();
      savedClock?.stop();
      store.flush();
      await Promise.all([parts.chrony.stop(), parts.diagnostics.stop()]);
      store.close();
    })();
    return stopping;
  }

  return {
    reconfigure(config) {
      parts.configure(config);
      return Promise.resolve(ok(undefined));
    },
    stop,
    dump: parts.dump,
  };
}

function savedClockOf(
  { clock, log, stateDirectory }: ServiceContext<SystemConfig>,
  { processes, clockKeeping: keeping }: SystemPorts,
): SavedClock | undefined {
  if (keeping.kind === "observe") return undefined;
  const stamp = keeping.kind === "unit" ? keeping.stamp : undefined;
  return new SavedClock({ directory: stateDirectory, clock, log, processes, stamp });
}

/** How this boot ends, and with which system the next one begins: each asks the other. */
function openEnds(
  context: ServiceContext<SystemConfig>,
  ports: SystemPorts,
  parts: Parts & { readonly panel: Panel; readonly stop: () => Promise<void> },
): { readonly ends: Ends; readonly upgrade: Upgrade } {
  const { store, driver, boots, fellBack, panel, stop } = parts;
  const ends = serveEnds({
    ...context,
    ...{ boots, power: ports.power, stop },
    restartCause: () => upgrade.leaving(),
    leaving: () => panel.tell({ kind: "ending" }),
    staying: () => panel.tell({ kind: "stays" }),
  });
  const upgrade = startUpgrade({
    ...context,
    ...{ store, slots: ports.slots, release: readRelease() },
    ...(ports.health === undefined ? {} : { health: ports.health }),
    onProbation: () => driver.state.onTrial,
    feed: (input) => driver.input(input),
    fellBack,
    restart: (cause, actor) => ends.restart(cause, actor),
    phase: (phase) => panel.tell({ kind: "upgrade", phase }),
  });
  return { ends, upgrade };
}

/** Lines of the event log in a support report. */
const BUNDLE_LINES = 500;

function serve(
  { bus, clock }: ServiceContext<SystemConfig>,
  { store, history, driver, diagnostics, dump }: Parts,
  { hardware }: SystemPorts,
): Subscription[] {
  return [
    bus.serve(systemHistory, ({ series, resolution }) => {
      const tier = TIERS.find(({ name }) => name === resolution);
      if (tier === undefined) throw new Error("invariant: every resolution is a ring");
      return { ok: true, data: { series, ...history.grid(series, tier) } };
    }),
    bus.serve(systemLog, (query) => ({ ok: true, data: store.page(query) })),
    bus.serve(systemDismiss, ({ id }) => {
      const isThere = notificationsView(driver.state).some((notice) => notice.id === id);
      if (!isThere) return { ok: false, fault: faultOf("unknown_notification") };
      driver.input({ kind: "dismissed", id });
      return { ok: true, data: {} };
    }),
    bus.serve(systemDiagnose, (request) => diagnostics.start(request)),
    bus.serve(systemCancel, ({ id }) => diagnostics.cancel(id)),
    bus.serve(systemCaptureFile, ({ id, offset }) => diagnostics.captureFile(id, offset)),
    bus.serve(systemSupportBundle, async () => {
      const document = await makeBundle({
        bus,
        clock,
        version: readVersion(),
        log: () => store.page({ limit: BUNDLE_LINES }).entries,
        rings: () => history.summary(),
        dump,
        hardware,
      });
      return { ok: true, data: { document } };
    }),
  ];
}

/** What the line and the home say to the meter and to the clock. */
function followLine(parts: Parts, { bus }: ServiceContext<SystemConfig>): Subscription[] {
  const { house, monitor } = parts;
  return [
    bus.subscribe(wanState, ({ interface: name, reach }) => {
      const rtt = reach.kind === "online" ? reach.rttMs : undefined;
      monitor.line({ interface: name, ...(rtt === undefined ? {} : { latencyMs: rtt }) });
    }),
    bus.subscribe(wanDsl, (dsl) => monitor.dsl(dslFactsOf(dsl))),
    bus.subscribe(wanResolvers, ({ resolvers }) => {
      // While the line is down the last ones are remembered: there is nobody else to ask.
      if (resolvers.length > 0) house.resolvers = resolvers;
      parts.wantClock();
    }),
    bus.subscribe(lanState, ({ networks }) => {
      // Guests get the Internet and nothing of the box.
      house.networks = networks
        .filter(({ zone }) => zone === "lan")
        .flatMap(({ address, former = [] }) => [address, ...former.map((one) => one.address)])
        .flatMap((text) => parseCidr4(text) ?? []);
      parts.wantClock();
    }),
  ];
}

/** A line that is not up has neither rate nor margin. */
function dslFactsOf(dsl: WanDsl): DslFacts {
  if (dsl.kind !== "line" || dsl.state !== "up") return {};
  const { down, up } = dsl;
  return {
    ...(down.noiseMargin === undefined ? {} : { dslMarginDown: down.noiseMargin }),
    ...(up.noiseMargin === undefined ? {} : { dslMarginUp: up.noiseMargin }),
    ...(down.currRate === undefined ? {} : { dslRateDown: down.currRate }),
    ...(up.currRate === undefined ? {} : { dslRateUp: up.currRate }),
  };
}

function namedDevices(state: State): ReadonlySet<string> {
  const ids = state.memory.notifications.map(({ id }) => id);
  return new Set(ids.filter((id) => id.startsWith("device:")).map((id) => id.slice(7)));
}
