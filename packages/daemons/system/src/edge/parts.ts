import { systemJobs, systemLogged } from "@passerelle/contract";
import { type Cidr4, formatCidr4, formatIpv4, networkOf } from "@passerelle/net";
import type { Processes } from "@passerelle/process";
import type { Driver, ServiceContext } from "@passerelle/service";
import type { Slots } from "@passerelle/slots";
import type { Sockets } from "@passerelle/sockets";
import { wallTime } from "@passerelle/time";
import type { SystemConfig } from "../config.ts";
import type { Effect } from "../core/effect.ts";
import type { Input } from "../core/input.ts";
import type { State } from "../core/state.ts";
import { systemMachine } from "../core/step.ts";
import { readMemory } from "../schema.ts";
import { Ballast } from "./ballast.ts";
import { type Boots, openBoots } from "./boot.ts";
import { Chrony, type ClockKeeping, type ClockState } from "./chrony.ts";
import type { ChronyPlaces } from "./chrony-engine.ts";
import { createDiagnostics, type Diagnostics } from "./diagnostics/index.ts";
import { History } from "./history.ts";
import { askRevisions } from "./listen.ts";
import { LogStore } from "./log-store.ts";
import { type Measured, Monitor } from "./monitor.ts";
import type { Panel, PanelPorts } from "./panel.ts";
import type { Power } from "./power.ts";
import { createNotify, createShow, type Shown } from "./show.ts";
import type { Health } from "./upgrade/health.ts";

/** What the service stands on; tests give their own. */
export interface SystemPorts extends PanelPorts {
  readonly processes: Processes;
  readonly sockets: Sockets;
  readonly power: Power;
  readonly slots: Slots;
  /** Whether the system is good; absent: what the bus and the page say. */
  readonly health?: Health;
  /** Whose the machine's clock is. */
  readonly clockKeeping: ClockKeeping;
  /** chrony's programs and directory; absent: Debian's. */
  readonly chrony?: ChronyPlaces;
  readonly hardware: () => Promise<unknown>;
  /** Where processes and counters are read; absent: /proc. */
  readonly procRoot?: string;
}

type Context = ServiceContext<SystemConfig>;
type SystemDriver = Driver<State, Input>;

/** Everything that is open while the service runs. */
export interface Parts {
  readonly store: LogStore;
  readonly history: History;
  readonly driver: SystemDriver;
  readonly chrony: Chrony;
  readonly monitor: Monitor;
  readonly boots: Boots;
  readonly diagnostics: Diagnostics;
  /** What the clock needs to know of the house. */
  readonly house: House;
  configure(config: SystemConfig): void;
  wantClock(): void;
  /** This boot turned out to be a return to the old version. */
  fellBack(): void;
  dump(): unknown;
}

interface House {
  /** Networks of the home that may ask for the time. */
  networks: readonly Cidr4[];
  /** The operator's, which names of time servers are asked of. */
  resolvers: readonly string[];
}

export function openParts(context: Context, ports: SystemPorts, panel: Panel): Parts {
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
  const driver = openDriver(context, { store, ballast, panel });
  const chrony = openChrony(context, ports, driver, show);
  const monitor = openMonitor(context, ports, { history, driver, ballast, show });
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
  const house: House = { networks: [], resolvers: [] };
  const wantClock = (): void => {
    const { enabled, servers, serveLan } = driver.state.config.ntp;
    const { networks, resolvers } = house;
    chrony.want({ enabled, servers, resolvers, networks: serveLan ? networks.map(served) : [] });
  };
  return {
    ...{ store, history, driver, chrony, monitor, boots, diagnostics, house, wantClock },
    fellBack() {
      boots.correct("fallback");
      show({ bootCause: "fallback" });
    },
    configure(config) {
      driver.input({ kind: "configured", config });
      show({ config });
      wantClock();
    },
    dump: () => ({
      log: store.dump(),
      history: history.dump(),
      chrony: chrony.dump(),
      notifications: driver.state.memory.notifications.length,
      alarms: [...driver.state.alarms.keys()],
    }),
  };
}

function openDriver(
  context: Context,
  parts: { readonly store: LogStore; readonly ballast: Ballast; readonly panel: Panel },
): SystemDriver {
  const { store, ballast, panel } = parts;
  const { bus, clock } = context;
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
  const machine = systemMachine(context.config, store.remembered(readMemory));
  const changed = (state: State): void => {
    notify(state);
    panel.house(state);
  };
  const driver: SystemDriver = context.drive(machine, { name: "system", run, changed });
  changed(driver.state);
  return driver;
}

function openChrony(
  { clock, log, runtimeDirectory }: Context,
  { processes, clockKeeping, chrony }: SystemPorts,
  driver: SystemDriver,
  show: (change: Partial<Shown>) => void,
): Chrony {
  const changed = (state: ClockState): void => {
    show({ clock: state });
    driver.input({
      kind: "clock",
      at: clock.wall(),
      wanted: driver.state.config.ntp.enabled,
      ...(state.kind === "synchronised" ? { source: state.source } : {}),
    });
  };
  return new Chrony({
    ...{ processes, clock, log, runtimeDirectory, changed },
    keeping: clockKeeping,
    ...(chrony === undefined ? {} : { places: chrony }),
  });
}

function openMonitor(
  { bus, clock, stateDirectory, runtimeDirectory }: Context,
  { procRoot }: SystemPorts,
  parts: {
    readonly history: History;
    readonly driver: SystemDriver;
    readonly ballast: Ballast;
    readonly show: (change: Partial<Shown>) => void;
  },
): Monitor {
  const { history, driver, ballast, show } = parts;
  return new Monitor({
    bus,
    clock,
    history,
    places: { data: stateDirectory, system: "/", temporary: runtimeDirectory },
    ...(procRoot === undefined ? {} : { procRoot }),
    stepped: (ms) => driver.input({ kind: "clock_stepped", at: clock.wall(), ms }),
    measured: (measured) => {
      show({ measured });
      driver.input(measuredInput(measured, ballast.isThere));
    },
  });
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

function served(network: Cidr4): { readonly prefix: string; readonly address: string } {
  return {
    prefix: formatCidr4({ ...network, address: networkOf(network) }),
    address: formatIpv4(network.address),
  };
}
