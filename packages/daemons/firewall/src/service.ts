import type { Bus, Subscription } from "@passerelle/bus-client";
import { firewallState, lanDevices, lanLeases, lanState, wanState } from "@passerelle/contract";
import { createLinuxNft, type Nft } from "@passerelle/nft";
import { createLinuxProcesses } from "@passerelle/process";
import { err, ok } from "@passerelle/result";
import type { Driver, RunningService, Service, ServiceContext } from "@passerelle/service";
import { seconds, type WallTime } from "@passerelle/time";
import { type FirewallConfig, section } from "./config.ts";
import type { Effect } from "./core/effect.ts";
import type { Input } from "./core/input.ts";
import { FORWARDING, TRACKING } from "./core/settings.ts";
import type { State } from "./core/state.ts";
import { firewallMachine } from "./core/step.ts";
import { viewOf } from "./core/view.ts";
import { Counters } from "./edge/counters.ts";
import { createDirectory } from "./edge/directory.ts";
import { lanFacts, wanFacts } from "./edge/facts.ts";
import { writeSettings } from "./edge/settings.ts";
import { createSettled } from "./edge/settled.ts";
import { createTableEdge, type TableEdge } from "./edge/table.ts";

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
  const show = createShow(context);
  let config = context.config;
  const table = createTableEdge(
    ports.nft,
    (input) => driver.input(input),
    ({ code, text }) => log.warn("ruleset_of_arp_refused", { code, text }),
  );
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
      show(state);
    },
  });

  const known = createDirectory((addresses) =>
    driver.input({ kind: "addresses_known", addresses }),
  );
  const { ownerOf } = known;
  const counters = new Counters({ nft: ports.nft, bus, clock, log, ownerOf });
  const watching = watch(context, ports.nft, table);
  // The base rules go in, or an earlier life's are found, before anybody is listened to.
  driver.input({ kind: "start" });
  const subscriptions = listen(bus, driver, known);
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
      watching?.close();
      driver.stop();
      // A transaction on its way ends whole; the kernel keeps the rules.
      await table.idle();
    },
    dump: () => ({ state: driver.state.kind, counters: counters.dump() }),
  };
}

/** A transaction takes milliseconds, and many seconds on a small board that starts everything at once. */
const SETTLE_MAX = seconds(30);

/** Hears of other programs' changes at once; where the kernel doesn't tell, the regular look still finds them. */
function watch(
  { log }: ServiceContext<FirewallConfig>,
  nft: Nft,
  table: TableEdge,
): { close(): void } | undefined {
  const watching = nft.watch(() => table.changed());
  if (watching.ok) return watching.value;
  log.warn("ruleset_unwatched", { code: watching.error.code });
  return undefined;
}

/** What others say becomes inputs. */
function listen(
  bus: Bus,
  driver: Driver<State, Input>,
  known: ReturnType<typeof createDirectory>,
): Subscription[] {
  return [
    bus.subscribe(lanState, (lan) => driver.input({ kind: "lan_known", lan: lanFacts(lan) })),
    bus.subscribe(wanState, (wan) => driver.input({ kind: "wan_known", wan: wanFacts(wan) })),
    bus.subscribe(lanLeases, ({ leases }) => known.leases(leases)),
    bus.subscribe(lanDevices, ({ devices }) => known.devices(devices)),
  ];
}

/** Publishes what changed, with the time since which it is so, and logs each change of kind. */
function createShow({ bus, clock, log }: ServiceContext<FirewallConfig>): (state: State) => void {
  let shown: { readonly kind: string; readonly since: WallTime } | undefined;
  return (state) => {
    const view = viewOf(state);
    if (view === undefined) return;
    if (shown?.kind !== view.kind) {
      shown = { kind: view.kind, since: clock.wall() };
      const { kind, digest, fault } = view;
      log.info("firewall_state", { kind, digest, fault: fault?.code, raw: fault?.raw });
    }
    bus.publish(firewallState, { ...view, since: shown.since });
  };
}
