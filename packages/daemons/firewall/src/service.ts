import type { LanDevice, LanLease } from "@passerelle/contract";
import { firewallState, lanDevices, lanLeases, lanState, wanState } from "@passerelle/contract";
import { createLinuxNft, type Nft } from "@passerelle/nft";
import { createLinuxProcesses } from "@passerelle/process";
import { err, type Fault, ok } from "@passerelle/result";
import type { Driver, RunningService, Service, ServiceContext } from "@passerelle/service";
import { seconds, type WallTime } from "@passerelle/time";
import { type FirewallConfig, section } from "./config.ts";
import type { Effect } from "./core/effect.ts";
import type { Input } from "./core/input.ts";
import { FORWARDING, TRACKING } from "./core/settings.ts";
import type { State } from "./core/state.ts";
import { firewallMachine } from "./core/step.ts";
import { viewOf } from "./core/view.ts";
import type { DeviceAddresses } from "./core/wanted.ts";
import { Counters } from "./edge/counters.ts";
import { deviceAddresses, lanFacts, ownersOf, wanFacts } from "./edge/facts.ts";
import { writeSettings } from "./edge/settings.ts";
import { createTableEdge } from "./edge/table.ts";

export { type FirewallConfig, section } from "./config.ts";

export const firewall: Service<FirewallConfig> = {
  name: "firewall",
  section,
  start: (context) => startFirewall(context, { nft: createLinuxNft(createLinuxProcesses()) }),
};

/** What the service stands on; tests give their own. */
export interface FirewallPorts {
  readonly nft: Nft;
  /** Where kernel settings are; absent: /proc/sys. */
  readonly settingsRoot?: string;
}

export async function startFirewall(
  context: ServiceContext<FirewallConfig>,
  ports: FirewallPorts,
): Promise<RunningService<FirewallConfig>> {
  const { bus, log, clock } = context;
  const settled = createSettled();
  let config = context.config;
  let shown: { kind: string; since: WallTime } | undefined;

  const table = createTableEdge(ports.nft, (input) => driver.input(input));
  const run = (effect: Effect): void => {
    switch (effect.kind) {
      case "settings":
        void writeSettings([...TRACKING, ...FORWARDING], ports.settingsRoot).then((fault) => {
          if (fault !== undefined) driver.input({ kind: "settings_failed", fault });
        });
        return;
      case "report_foreign_change":
        log.warn("ruleset_changed_by_another", { what: effect.what });
        return;
      default:
        table.run(effect);
    }
  };
  const driver: Driver<State, Input> = context.drive(firewallMachine(config), {
    name: "firewall",
    run,
    changed: (state) => {
      settled.changed(state);
      const view = viewOf(state);
      if (view === undefined) return;
      if (shown?.kind !== view.kind) {
        shown = { kind: view.kind, since: clock.wall() };
        log.info("firewall_state", {
          kind: view.kind,
          digest: view.digest,
          fault: view.fault?.code,
          raw: view.fault?.raw,
        });
      }
      bus.publish(firewallState, { ...view, since: shown.since });
    },
  });

  const known = createDirectory((addresses) =>
    driver.input({ kind: "addresses_known", addresses }),
  );
  const counters = new Counters({
    nft: ports.nft,
    bus,
    clock,
    log,
    ownerOf: known.ownerOf,
  });
  // The base rules go in, or an earlier life's are found, before anybody is listened to.
  driver.input({ kind: "start" });
  const subscriptions = [
    bus.subscribe(lanState, (lan) => driver.input({ kind: "lan_known", lan: lanFacts(lan) })),
    bus.subscribe(wanState, (wan) => driver.input({ kind: "wan_known", wan: wanFacts(wan) })),
    bus.subscribe(lanLeases, ({ leases }) => known.leases(leases)),
    bus.subscribe(lanDevices, ({ devices }) => known.devices(devices)),
  ];
  await table.idle();
  counters.start();

  return {
    async reconfigure(next) {
      driver.input({ kind: "configured", config: next });
      const fault = await settled.wait(driver.state, (end) => clock.later(SETTLE_MAX, end));
      if (fault !== undefined) {
        driver.input({ kind: "configured", config });
        return err(fault);
      }
      config = next;
      return ok(undefined);
    },
    async stop() {
      counters.stop();
      for (const subscription of subscriptions.reverse()) subscription.close();
      driver.stop();
      // A transaction on its way ends whole; the kernel keeps the rules.
      await table.idle();
    },
    dump: () => ({ state: driver.state.kind, counters: counters.dump() }),
  };
}

/** A transaction takes milliseconds; a machine that is this late is in trouble of another kind. */
const SETTLE_MAX = seconds(5);

/** Waits until a change is in force or refused. Rules of an earlier life that still wait for the bus count as settled. */
function createSettled(): {
  changed(state: State): void;
  wait(state: State, later: (end: () => void) => { cancel(): void }): Promise<Fault | undefined>;
} {
  const waiting = new Set<(state: State) => void>();
  return {
    changed(state) {
      if (state.kind === "applying") return;
      for (const wake of waiting) wake(state);
    },
    wait(state, later) {
      if (state.kind !== "applying") return Promise.resolve(faultOf(state));
      return new Promise((resolve) => {
        const finish = (fault: Fault | undefined): void => {
          waiting.delete(wake);
          timer.cancel();
          resolve(fault);
        };
        const wake = (next: State): void => finish(faultOf(next));
        const timer = later(() => finish(TOO_SLOW));
        waiting.add(wake);
      });
    },
  };
}

const TOO_SLOW: Fault = {
  code: "ruleset_slow",
  text: {
    fr: "Les nouvelles règles du pare-feu ne sont pas confirmées à temps.",
    en: "The new firewall rules weren't confirmed in time.",
  },
};

function faultOf(state: State): Fault | undefined {
  return state.kind === "failed" ? state.fault : undefined;
}

/** Leases and inventory, joined: who has which address. */
function createDirectory(changed: (addresses: DeviceAddresses) => void): {
  leases(leases: readonly LanLease[]): void;
  devices(devices: readonly LanDevice[]): void;
  readonly ownerOf: (address: string) => string | undefined;
} {
  let leases: readonly LanLease[] = [];
  let devices: readonly LanDevice[] = [];
  let owners: ReadonlyMap<string, string> = new Map();
  const update = (): void => {
    const addresses = deviceAddresses(leases, devices);
    owners = ownersOf(addresses);
    changed(addresses);
  };
  return {
    leases: (next) => {
      leases = next;
      update();
    },
    devices: (next) => {
      devices = next;
      update();
    },
    ownerOf: (address) => owners.get(address),
  };
}
