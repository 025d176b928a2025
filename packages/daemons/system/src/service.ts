import type { Subscription } from "@passerelle/bus-client";
import {
  lanState,
  systemCancel,
  systemCaptureFile,
  systemDiagnose,
  systemDismiss,
  systemHistory,
  systemJobs,
  systemLog,
  systemLogged,
  systemNotifications,
  systemState,
  systemSupportBundle,
  wanResolvers,
  wanState,
} from "@passerelle/contract";
import { type Cidr4, formatCidr4, formatIpv4, networkOf, parseCidr4 } from "@passerelle/net";
import { createLinuxProcesses, type Processes } from "@passerelle/process";
import { ok } from "@passerelle/result";
import type { Driver, RunningService, Service, ServiceContext } from "@passerelle/service";
import { createLinuxSockets, type Sockets } from "@passerelle/sockets";
import { wallTime } from "@passerelle/time";
import { type SystemConfig, section } from "./config.ts";
import type { Effect } from "./core/effect.ts";
import { faultOf } from "./core/faults.ts";
import type { Input } from "./core/input.ts";
import { TIERS } from "./core/series.ts";
import type { State } from "./core/state.ts";
import { systemMachine } from "./core/step.ts";
import { notificationsView } from "./core/view.ts";
import { Ballast } from "./edge/ballast.ts";
import { openBoots } from "./edge/boot.ts";
import { readBox, readVersion } from "./edge/box.ts";
import { makeBundle } from "./edge/bundle.ts";
import { Chrony, type ClockState } from "./edge/chrony.ts";
import { createDiagnostics } from "./edge/diagnostics/index.ts";
import { serveEnds } from "./edge/ends.ts";
import { readHardware } from "./edge/hardware.ts";
import { History } from "./edge/history.ts";
import { askRevisions, listen } from "./edge/listen.ts";
import { LogStore } from "./edge/log-store.ts";
import { type Measured, Monitor } from "./edge/monitor.ts";
import { createPower, type Power } from "./edge/power.ts";
import { SavedClock } from "./edge/saved-clock.ts";
import { readMemory } from "./schema.ts";

export { type SystemConfig, section } from "./config.ts";

/** What the service stands on; tests give their own. */
export interface SystemPorts {
  readonly processes: Processes;
  readonly sockets: Sockets;
  readonly power: Power;
  /** True where the machine's clock is not ours to set: PASSERELLE_CLOCK=observe. */
  readonly observeClock: boolean;
  /** chrony's programs and directory; absent: Debian's. */
  readonly chrony?: {
    readonly directory: string;
    readonly programs: { readonly daemon: string; readonly client: string };
  };
  readonly hardware: () => Promise<unknown>;
}

export const system: Service<SystemConfig> = {
  name: "system",
  section,
  start: (context) => {
    const processes = createLinuxProcesses();
    return startSystem(context, {
      processes,
      sockets: createLinuxSockets(),
      power: createPower(processes, process.env.PASSERELLE_POWER),
      observeClock: process.env.PASSERELLE_CLOCK === "observe",
      hardware: readHardware,
    });
  },
};

export async function startSystem(
  context: ServiceContext<SystemConfig>,
  ports: SystemPorts,
): Promise<RunningService<SystemConfig>> {
  const { bus, clock, log, stateDirectory, runtimeDirectory } = context;
  const savedClock = ports.observeClock
    ? undefined
    : new SavedClock({ directory: stateDirectory, clock, log, processes: ports.processes });
  // First of all: what follows is labelled with the calendar.
  await savedClock?.start();
  const parts = openParts(context, ports);
  const { store, history, driver, chrony, monitor, boots, diagnostics } = parts;
  const subscriptions = [
    ...listen({
      bus,
      clock,
      feed: (input) => driver.input(input),
      namedDevices: () => namedDevices(driver.state),
    }),
    ...serve(context, parts),
    ...followLine(parts, context),
    ...serveEnds({
      bus,
      clock,
      log,
      entropy: context.entropy,
      stateDirectory,
      runtimeDirectory,
      boots,
      power: ports.power,
      stop,
    }),
    bus.serve(systemSupportBundle, async () => {
      const document = await makeBundle({
        bus,
        clock,
        version: readVersion(),
        log: () => store.page({ limit: BUNDLE_LINES }).entries,
        rings: () => history.summary(),
        dump: parts.dump,
        hardware: ports.hardware,
      });
      return { ok: true, data: { document } };
    }),
  ];
  const at = clock.wall();
  if (store.wasReplaced) driver.input({ kind: "noted", at, code: "log_replaced" });
  driver.input({ kind: "started", at, ...(boots.boot === undefined ? {} : { boot: boots.boot }) });
  monitor.start();
  parts.wantClock();
  let stopping: Promise<void> | undefined;

  /** Also before a reboot: what is not written by then is lost. */
  function stop(): Promise<void> {
    stopping ??= (async () => {
      for (const subscription of subscriptions.toReversed()) subscription.close();
      monitor.stop();
      driver.stop();
      boots.ended();
      history.close();
      savedClock?.stop();
      store.flush();
      await Promise.all([chrony.stop(), diagnostics.stop()]);
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

/** Lines of the event log in a support report. */
const BUNDLE_LINES = 500;

interface Parts {
  readonly store: LogStore;
  readonly history: History;
  readonly driver: Driver<State, Input>;
  readonly chrony: Chrony;
  readonly monitor: Monitor;
  readonly boots: ReturnType<typeof openBoots>;
  readonly diagnostics: ReturnType<typeof createDiagnostics>;
  /** Networks of the home that may ask for the time. */
  networks: readonly Cidr4[];
  /** The operator's, which names of time servers are asked of. */
  resolvers: readonly string[];
  configure(config: SystemConfig): void;
  wantClock(): void;
  dump(): unknown;
}

function openParts(context: ServiceContext<SystemConfig>, ports: SystemPorts): Parts {
  const { bus, clock, log, entropy, stateDirectory, runtimeDirectory } = context;
  const { processes, sockets } = ports;
  const show = createShow(context);
  const store = new LogStore({
    directory: stateDirectory,
    clock,
    log,
    logged: (entry) => bus.publish(systemLogged, entry),
    failing: (failing) => show({ failing }),
  });
  const boots = openBoots({ stateDirectory, runtimeDirectory, bootId: clock.bootId, store });
  show({ bootCause: boots.cause });
  const history = new History({ stateDirectory, runtimeDirectory, clock, log });
  const ballast = new Ballast(stateDirectory);
  const run = (effect: Effect): void => {
    switch (effect.kind) {
      case "keep":
        store.keep(effect.lines, effect.memory);
        return;
      case "ask_revisions":
        void askRevisions(bus, effect.after).then((revisions) =>
          driver.input({ kind: "revisions", at: clock.wall(), revisions }),
        );
        return;
      case "ballast":
        ballast.want(effect.wanted);
        return;
    }
  };
  const notify = createNotify(context);
  const driver: Driver<State, Input> = context.drive(
    systemMachine(context.config, store.remembered(readMemory)),
    { name: "system", run, changed: notify },
  );
  notify(driver.state);
  const chrony = new Chrony({
    processes,
    clock,
    log,
    runtimeDirectory,
    observe: ports.observeClock,
    ...ports.chrony,
    changed: (state) => {
      show({ clock: state });
      driver.input({
        kind: "clock",
        at: clock.wall(),
        wanted: driver.state.config.ntp.enabled,
        ...(state.kind === "synchronised" ? { source: state.source } : {}),
      });
    },
  });
  const monitor = new Monitor({
    bus,
    clock,
    history,
    places: { data: stateDirectory, system: "/", temporary: runtimeDirectory },
    stepped: (ms) => driver.input({ kind: "clock_stepped", at: clock.wall(), ms }),
    measured: (measured) => {
      show({ measured });
      driver.input(measuredInput(measured, ballast.isThere));
    },
  });
  const diagnostics = createDiagnostics({
    bus,
    clock,
    log,
    entropy,
    processes,
    sockets,
    runtimeDirectory,
    changed: (jobs) => bus.publish(systemJobs, { jobs: [...jobs] }),
  });
  const parts: Parts = {
    store,
    history,
    driver,
    chrony,
    monitor,
    boots,
    diagnostics,
    networks: [],
    resolvers: [],
    configure(config) {
      driver.input({ kind: "configured", config });
      show({ config });
      parts.wantClock();
    },
    wantClock() {
      const { enabled, servers, serveLan } = driver.state.config.ntp;
      const { resolvers } = parts;
      chrony.want({
        enabled,
        servers,
        resolvers,
        networks: serveLan ? parts.networks.map(served) : [],
      });
    },
    dump: () => ({
      log: store.dump(),
      history: history.dump(),
      chrony: chrony.dump(),
      notifications: driver.state.memory.notifications.length,
      alarms: [...driver.state.alarms.keys()],
    }),
  };
  return parts;
}

function served(network: Cidr4): { readonly prefix: string; readonly address: string } {
  return {
    prefix: formatCidr4({ ...network, address: networkOf(network) }),
    address: formatIpv4(network.address),
  };
}

/** What needs no more than the parts to be answered. */
function serve(
  { bus }: ServiceContext<SystemConfig>,
  { store, history, driver, diagnostics }: Parts,
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
  ];
}

/** What the line and the home say to the meter and to the clock. */
function followLine(parts: Parts, { bus }: ServiceContext<SystemConfig>): Subscription[] {
  return [
    bus.subscribe(wanState, ({ interface: name, reach }) => {
      const rtt = reach.kind === "online" ? reach.rttMs : undefined;
      parts.monitor.line({ interface: name, ...(rtt === undefined ? {} : { latencyMs: rtt }) });
    }),
    bus.subscribe(wanResolvers, ({ resolvers }) => {
      // While the line is down the last ones are remembered: there is nobody else to ask.
      if (resolvers.length > 0) parts.resolvers = resolvers;
      parts.wantClock();
    }),
    bus.subscribe(lanState, ({ networks }) => {
      // Guests get the Internet and nothing of the box.
      parts.networks = networks
        .filter(({ zone }) => zone === "lan")
        .flatMap(({ address }) => parseCidr4(address) ?? []);
      parts.wantClock();
    }),
  ];
}

function measuredInput({ sample, storage }: Measured, ballast: boolean): Input {
  const data = storage.find(({ name }) => name === "data");
  const { at, temperatureCelsius } = sample;
  return {
    kind: "measured",
    at: wallTime(at),
    ...(data === undefined
      ? {}
      : { storage: { totalBytes: data.totalBytes, freeBytes: data.freeBytes, ballast } }),
    ...(temperatureCelsius === undefined ? {} : { temperature: temperatureCelsius }),
  };
}

function namedDevices(state: State): ReadonlySet<string> {
  const ids = state.memory.notifications.map(({ id }) => id);
  return new Set(ids.filter((id) => id.startsWith("device:")).map((id) => id.slice(7)));
}

/** Publishes the notifications where they changed. */
function createNotify({ bus }: ServiceContext<SystemConfig>): (state: State) => void {
  let shown: { readonly notifications: unknown; readonly config: unknown } | undefined;
  return (state) => {
    const next = { notifications: state.memory.notifications, config: state.config };
    if (shown?.notifications === next.notifications && shown.config === next.config) return;
    shown = next;
    bus.publish(systemNotifications, {
      notifications: notificationsView(state).map(
        ({ alarm, dismissed, text, next: then, ...rest }) => ({
          ...rest,
          text: { ...text },
          ...(then === undefined ? {} : { next: { ...then } }),
        }),
      ),
    });
  };
}

interface Shown {
  readonly config: SystemConfig;
  readonly clock: ClockState;
  readonly bootCause: string;
  readonly failing: boolean;
  readonly measured: Measured | undefined;
}

/** Publishes the state of the machine: every ten seconds with a reading, and when something else in it changed. */
function createShow({
  bus,
  clock,
  config,
}: ServiceContext<SystemConfig>): (change: Partial<Shown>) => void {
  const box = readBox();
  const version = readVersion();
  let shown: Shown = {
    config,
    clock: { kind: "unsynchronised" },
    bootCause: "unknown",
    failing: false,
    measured: undefined,
  };
  return (change) => {
    shown = { ...shown, ...change };
    const { measured } = shown;
    // Without a reading there is nothing to say yet; the first comes at once.
    if (measured === undefined) return;
    bus.publish(systemState, {
      model: box.model,
      version,
      ...(box.serial === undefined ? {} : { serial: box.serial }),
      hostname: box.hostname,
      bootedAt: Math.max(0, clock.wall() - clock.now()),
      bootCause: shown.bootCause,
      timezone: shown.config.timezone,
      clock: shown.clock,
      storage: measured.storage.map(({ name, totalBytes, usedBytes }) => ({
        name,
        totalBytes,
        usedBytes,
      })),
      processes: [...measured.processes],
      latest: measured.sample,
      faults: shown.failing ? [plain(faultOf("log_not_written"))] : [],
    });
  };
}

function plain(fault: ReturnType<typeof faultOf>): {
  code: string;
  text: { fr: string; en: string };
  next?: { fr: string; en: string };
} {
  const { code, text, next } = fault;
  return { code, text: { ...text }, ...(next === undefined ? {} : { next: { ...next } }) };
}
