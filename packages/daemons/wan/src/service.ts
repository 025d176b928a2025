import {
  lanState,
  wanHistory,
  wanPrefixes,
  wanReconnect,
  wanResolvers,
  wanState,
  wanTransition,
} from "@passerelle/contract";
import { type Cidr4, parseCidr4 } from "@passerelle/net";
import { createLinuxNetlink, type Netlink } from "@passerelle/netlink";
import { createLinuxLine, type LinePlatform } from "@passerelle/platform-line";
import { createLinuxPpp, type PppPlatform } from "@passerelle/platform-ppp";
import { createLinuxProcesses, type Processes } from "@passerelle/process";
import { err, ok } from "@passerelle/result";
import type { RunningService, Service, ServiceContext } from "@passerelle/service";
import { createLinuxSockets, type Sockets } from "@passerelle/sockets";
import { type Instant, type WallTime, wallTime } from "@passerelle/time";
import * as v from "valibot";
import { sameLine, section, type WanConfig } from "./config.ts";
import { causeOf, faultOf } from "./core/cause.ts";
import type { TransitionEffect } from "./core/effect.ts";
import type { WanMachineState } from "./core/state.ts";
import { wanPrefixesView, wanResolversView, wanStateView } from "./core/view.ts";
import { type History, openHistory } from "./edge/history.ts";
import { type Line, startLine } from "./line.ts";
import { hasIpv6, interfaceOf, vlanOf } from "./line-settings.ts";
import { ModemWatch } from "./modem-watch.ts";

export type { WanConfig } from "./config.ts";

/** The operating system as the line needs it; tests give one in memory. */
export interface WanPlatform {
  readonly netlink: () => Netlink;
  readonly sockets: () => Sockets;
  readonly ppp: () => PppPlatform;
  readonly processes: () => Processes;
  readonly line: () => LinePlatform;
}

export const wan: Service<WanConfig> = wanService({
  netlink: () => {
    const opened = createLinuxNetlink();
    if (!opened.ok) throw new Error(`netlink: ${opened.error.text}`);
    return opened.value;
  },
  sockets: createLinuxSockets,
  ppp: () => {
    const holder = process.env.PASSERELLE_PPP_HOLDER;
    return createLinuxPpp(holder === undefined ? {} : { holder });
  },
  processes: createLinuxProcesses,
  line: () => createLinuxLine({ processes: createLinuxProcesses() }),
});

export function wanService(platform: WanPlatform): Service<WanConfig> {
  return {
    name: "wan",
    section,
    start: (context) => startWan(context, platform),
  };
}

type Transition = v.InferOutput<typeof wanTransition.schema>;

/** What lives as long as the service, whatever line it runs. */
interface House {
  readonly context: ServiceContext<WanConfig>;
  readonly netlink: Netlink;
  readonly sockets: Sockets;
  readonly ppp: PppPlatform;
  readonly processes: Processes;
  readonly line: LinePlatform;
  readonly history: History<Transition>;
  readonly wall: (at: Instant) => WallTime;
  lanNetworks: readonly Cidr4[];
}

async function startWan(
  context: ServiceContext<WanConfig>,
  platform: WanPlatform,
): Promise<RunningService<WanConfig>> {
  const { bus } = context;
  const house = openHouse(context, platform);
  let current = context.config;
  const start = (config: WanConfig): Promise<Line> =>
    startLine(
      {
        ...house,
        report: (transition) => report(house, transition),
        changed: (state) => publish(house, config, state),
      },
      config,
    );
  let line = await start(current);
  const modem = new ModemWatch({
    ...{ context, platform: house.line, netlink: house.netlink, wall: house.wall },
    seen: (state) => line.modemSeen(state),
  });
  modem.configure(current);
  bus.publish(wanHistory, { transitions: [...house.history.entries] });
  const subscriptions = [
    bus.subscribe(lanState, ({ networks }) => {
      house.lanNetworks = networks.flatMap(({ address }) => parseCidr4(address) ?? []);
      line.driver.input({ kind: "lan_networks", networks: house.lanNetworks });
    }),
    ...modem.serve(),
    bus.serve(wanReconnect, () => {
      const { link } = line.driver.state;
      if (link.phase.kind !== "up") {
        return { ok: false, fault: faultOf(causeOf(line.driver.state) ?? "connecting") };
      }
      line.driver.input({ kind: "reconnect" });
      return { ok: true, data: {} };
    }),
  ];
  return {
    async reconfigure(config) {
      const [problem] = section.validate(config);
      if (problem !== undefined) {
        return err({
          code: "wan_config_refused",
          text: {
            fr: `Réglage de la ligne refusé : ${problem.path}.`,
            en: `Setting of the line refused: ${problem.path} ${problem.message}.`,
          },
        });
      }
      await line.stop();
      if (!sameLine(current, config)) await line.clear();
      current = config;
      line = await start(config);
      line.modemSeen(modem.state);
      modem.configure(config);
      return ok(undefined);
    },
    async stop() {
      for (const subscription of subscriptions) subscription.close();
      // No RELEASE, no address removed: the home stays online while we are away (RFC 2131 section 3.1.6 leaves it to us).
      modem.stop();
      await line.stop();
      house.history.close();
      house.netlink.close();
    },
    dump: () => ({ line: line.dump(), modem: modem.dump() }),
  };
}

function report({ context, history, wall }: House, effect: TransitionEffect): void {
  const { layer, from, to, cause } = effect;
  const transition: Transition = {
    at: wall(effect.at),
    layer,
    from,
    to,
    ...(cause === undefined ? {} : { cause: faultOf(cause) }),
  };
  context.log.info("wan_transition", { layer, from, to, cause });
  history.add(transition);
  context.bus.publish(wanTransition, transition);
  context.bus.publish(wanHistory, { transitions: [...history.entries] });
}

function publish({ context, wall }: House, config: WanConfig, state: WanMachineState): void {
  const { interface: port, profile, health } = config;
  const vlan = vlanOf(config);
  const view = wanStateView(state, {
    ...{ interface: interfaceOf(config), port, profile, wall, ipv6: hasIpv6(config) },
    ...(vlan === undefined ? {} : { vlan: vlan.id }),
  });
  const { names, probe } = health;
  const server =
    probe === undefined ? {} : { server: { address: probe.address, port: probe.port } };
  context.bus.publish(wanState, { ...view, health: { names: [...names], ...server } });
  context.bus.publish(wanResolvers, wanResolversView(state));
  context.bus.publish(wanPrefixes, wanPrefixesView(state));
}

function openHouse(context: ServiceContext<WanConfig>, platform: WanPlatform): House {
  const { log, clock, stateDirectory } = context;
  return {
    context,
    netlink: platform.netlink(),
    sockets: platform.sockets(),
    ppp: platform.ppp(),
    processes: platform.processes(),
    line: platform.line(),
    history: openHistory<Transition>({
      ...{ directory: stateDirectory, clock },
      check: (value) => {
        const parsed = v.safeParse(wanHistory.schema, value);
        return parsed.success ? parsed.output.transitions : undefined;
      },
      failed: (error) => log.warn("wan_history", { text: String(error) }),
    }),
    wall: calendar(context),
    lanNetworks: [],
  };
}

/** Monotonic to calendar by one offset, taken anew only where the calendar was set, so that equal instants give equal times. */
function calendar({ clock }: ServiceContext<WanConfig>): (at: Instant) => WallTime {
  let offset = clock.wall() - clock.now();
  return (at) => {
    const fresh = clock.wall() - clock.now();
    if (Math.abs(fresh - offset) > 1000) offset = fresh;
    return wallTime(Math.max(0, Math.round(at + offset)));
  };
}
