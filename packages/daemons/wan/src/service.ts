import { createHash } from "node:crypto";
import {
  lanState,
  wanHistory,
  wanReconnect,
  wanResolvers,
  wanState,
  wanTransition,
} from "@passerelle/contract";
import { seedRng } from "@passerelle/machine";
import { type Cidr4, parseCidr4, parseIpv4, parseMac } from "@passerelle/net";
import { createLinuxNetlink, type Netlink } from "@passerelle/netlink";
import { err, invariant, ok } from "@passerelle/result";
import type { Driver, RunningService, Service, ServiceContext } from "@passerelle/service";
import { createLinuxSockets, type Sockets } from "@passerelle/sockets";
import { type Instant, type WallTime, wallTime } from "@passerelle/time";
import * as v from "valibot";
import { sameLine, section, type WanConfig } from "./config.ts";
import { causeOf, faultOf } from "./core/cause.ts";
import type { TransitionEffect, WanEffect } from "./core/effect.ts";
import type { WanInput } from "./core/input.ts";
import { isValid } from "./core/lease.ts";
import type { Vlan } from "./core/link.ts";
import { sessionSettings } from "./core/session/settings.ts";
import type { Remembered } from "./core/session/state.ts";
import type { WanMachineState } from "./core/state.ts";
import { type WanSettings, wanMachine } from "./core/step.ts";
import { wanResolversView, wanStateView } from "./core/view.ts";
import { DhcpSocket } from "./edge/dhcp-socket.ts";
import { type History, openHistory } from "./edge/history.ts";
import { Kernel } from "./edge/kernel.ts";
import { type LeaseFile, openLeaseFile } from "./edge/lease-file.ts";
import { Prober } from "./edge/prober.ts";
import { PRIORITY_CONTROL, vlanName } from "./edge/vlan-device.ts";
import { findProfile } from "./profile.ts";
import { type StoredLease, storedLeaseSchema } from "./schema.ts";

export type { WanConfig } from "./config.ts";

/** The operating system as the line needs it; tests give one in memory. */
export interface WanPlatform {
  readonly netlink: () => Netlink;
  readonly sockets: () => Sockets;
}

export const wan: Service<WanConfig> = wanService({
  netlink: () => {
    const opened = createLinuxNetlink();
    if (!opened.ok) throw new Error(`netlink: ${opened.error.text}`);
    return opened.value;
  },
  sockets: createLinuxSockets,
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
  readonly history: History<Transition>;
  readonly wall: (at: Instant) => WallTime;
  lanNetworks: readonly Cidr4[];
}

async function startWan(
  context: ServiceContext<WanConfig>,
  platform: WanPlatform,
): Promise<RunningService<WanConfig>> {
  const { bus, log } = context;
  const house: House = {
    context,
    netlink: platform.netlink(),
    sockets: platform.sockets(),
    history: openHistory<Transition>({
      directory: context.stateDirectory,
      clock: context.clock,
      check: (value) => {
        const parsed = v.safeParse(wanHistory.schema, value);
        return parsed.success ? parsed.output.transitions : undefined;
      },
      failed: (error) => log.warn("wan_history", { text: String(error) }),
    }),
    wall: calendar(context),
    lanNetworks: [],
  };
  let current = context.config;
  let line = await startLine(house, current);
  bus.publish(wanHistory, { transitions: [...house.history.entries] });
  const subscriptions = [
    bus.subscribe(lanState, ({ networks }) => {
      house.lanNetworks = networks.flatMap(({ address }) => parseCidr4(address) ?? []);
      line.driver.input({ kind: "lan_networks", networks: house.lanNetworks });
    }),
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
      line = await startLine(house, config);
      return ok(undefined);
    },
    async stop() {
      for (const subscription of subscriptions) subscription.close();
      // No RELEASE, no address removed: the home stays online while we are away (RFC 2131 section 3.1.6 leaves it to us).
      await line.stop();
      house.history.close();
      house.netlink.close();
    },
    dump: () => line.dump(),
  };
}

interface Line {
  readonly driver: Driver<WanMachineState, WanInput>;
  stop(): Promise<void>;
  /** After `stop`: takes address, routes and VLAN away, because another line comes. */
  clear(): Promise<void>;
  dump(): unknown;
}

/** Opens the edges of one line and drives its machine. What the kernel has of an earlier life of it is taken over. */
async function startLine(house: House, config: WanConfig): Promise<Line> {
  const { context, netlink, sockets } = house;
  const { clock, log, entropy } = context;
  const vlan = vlanOfLine(config);
  const edge = { sockets, interface: vlan?.name ?? config.interface, clock, log, entropy };
  let driver: Driver<WanMachineState, WanInput> | undefined;
  const input = (one: WanInput): void => driver?.input(one);
  const dhcp = new DhcpSocket({
    ...edge,
    priority: vlan === undefined ? PRIORITY_UNTAGGED : PRIORITY_CONTROL,
    received: (payload) => input({ kind: "datagram", payload }),
    conflict: (address) => input({ kind: "arp_conflict", address }),
  });
  const prober = new Prober({ ...edge, finished: input });
  const leaseFile = openLeaseFile<StoredLease>({
    directory: context.stateDirectory,
    bootId: clock.bootId,
    line: digestOf(config),
    check: (value) => {
      const parsed = v.safeParse(storedLeaseSchema, value);
      return parsed.success ? parsed.output : undefined;
    },
    failed: (error) => log.warn("wan_lease_file", { text: String(error) }),
  });
  const kernel = new Kernel({
    ...{ netlink, clock, log, port: config.interface },
    ...(vlan === undefined ? {} : { vlan }),
    link: (link) => input({ kind: "link", ...(link === undefined ? {} : { link }) }),
    device: (device) => input({ kind: "vlan", ...(device === undefined ? {} : { device }) }),
    carrier: (link, index) => {
      if (link === undefined || index === undefined) dhcp.detach();
      else dhcp.attach(index, link.mac);
    },
    vlanRefused: () => input({ kind: "vlan_refused" }),
    configureFailed: (address) => input({ kind: "configure_failed", address }),
  });
  const remembered = await recall(leaseFile.load(), kernel, context, digestOf(config));
  const machine = wanMachine(settingsOf(config), seedRng(entropy.seed()), clock.now(), remembered);
  const run = runEffects({ house, config, kernel, dhcp, prober, leaseFile, input });
  driver = context.drive<WanMachineState, WanInput, WanEffect>(machine, {
    name: "wan-line",
    run,
    changed: (state) => publish(house, config, state),
  });
  const running = driver;
  const takesOver = remembered?.onInterface === true;
  if (takesOver) dhcp.bind(remembered.lease.address);
  await kernel.start(takesOver);
  if (house.lanNetworks.length > 0) input({ kind: "lan_networks", networks: house.lanNetworks });
  return {
    driver: running,
    async stop() {
      running.stop();
      prober.close();
      dhcp.detach();
      await kernel.stop();
    },
    clear: () => kernel.remove(),
    // Identity and challenges stay out: a dump goes into support bundles.
    dump: () => {
      const { access, link, session, reach, marks } = running.state;
      const { phase, setbacks, trouble, counters } = session;
      return { access, link, phase: phase.kind, setbacks, trouble, counters, reach, marks };
    },
  };
}

interface Edges {
  readonly house: House;
  readonly config: WanConfig;
  readonly kernel: Kernel;
  readonly dhcp: DhcpSocket;
  readonly prober: Prober;
  readonly leaseFile: LeaseFile<StoredLease>;
  readonly input: (input: WanInput) => void;
}

function runEffects(edges: Edges): (effect: WanEffect) => void {
  const { house, kernel, dhcp, prober, leaseFile, input } = edges;
  const { entropy } = house.context;
  return (effect) => {
    switch (effect.kind) {
      case "raise":
        return kernel.raise(effect.mac);
      case "raise_vlan":
        return kernel.raiseVlan();
      case "draw_entropy":
        return input({
          kind: "entropy",
          entropy: { xid: entropy.uint32(), challenge: entropy.bytes(16) },
        });
      case "broadcast":
        return dhcp.broadcast(effect.payload, effect.from);
      case "unicast":
        return dhcp.unicast(effect.payload, effect.from, effect.to);
      case "arp_probe":
        return dhcp.probe(effect.address);
      case "configure":
        kernel.configure(effect.lease);
        return kernel.afterwards(() => {
          dhcp.bind(effect.lease.address);
          dhcp.announce(effect.lease.address);
        });
      case "unconfigure":
        dhcp.release();
        return kernel.unconfigure(effect.address);
      case "store_lease":
        return leaseFile.store(effect.lease);
      case "forget_lease":
        return leaseFile.forget();
      case "ask_resolver":
        return kernel.afterwards(() => prober.ask(effect));
      case "probe":
        return kernel.afterwards(() => prober.probe(effect));
      case "transition":
        return report(house, effect);
    }
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
  const vlan = vlanOfLine(config);
  const view = wanStateView(state, {
    ...{ interface: vlan?.name ?? port, port, profile, wall },
    ...(vlan === undefined ? {} : { vlan: vlan.id }),
  });
  const { names, probe } = health;
  const server =
    probe === undefined ? {} : { server: { address: probe.address, port: probe.port } };
  context.bus.publish(wanState, { ...view, health: { names: [...names], ...server } });
  context.bus.publish(wanResolvers, wanResolversView(state));
}

/** The lease of an earlier life: over its address traffic may flow right now. */
async function recall(
  stored: StoredLease | undefined,
  kernel: Kernel,
  { clock }: ServiceContext<WanConfig>,
  line: string,
): Promise<Remembered | undefined> {
  if (stored === undefined || stored.line !== line) return undefined;
  const { lease, bootId } = stored;
  const isThisBoot = bootId === clock.bootId;
  if (isThisBoot && (!isValid(lease, clock.now()) || lease.obtainedAt > clock.now())) {
    return undefined;
  }
  return { lease, onInterface: isThisBoot && (await kernel.has(lease.address)) };
}

function settingsOf(config: WanConfig): WanSettings {
  const profile = findProfile(config.profile);
  invariant(profile !== undefined, "validate has seen the profile");
  const mac = config.mac === "own" ? undefined : parseMac(config.mac);
  const vlan = vlanOfLine(config);
  const { names, probe } = config.health;
  const address = probe === undefined ? undefined : parseIpv4(probe.address);
  return {
    ...(mac === undefined ? {} : { mac }),
    ...(vlan === undefined ? {} : { vlan }),
    session: sessionSettings(profile, {
      login: config.credentials?.login ?? "",
      password: config.credentials?.password ?? "",
      boxModel: config.boxModel ?? profile.boxModel ?? "",
      ...(config.hostname === undefined ? {} : { hostname: config.hostname }),
    }),
    reach: {
      names,
      ...(probe === undefined || address === undefined ? {} : { probe: { ...probe, address } }),
    },
  };
}

/** The VLAN that the line is to be made on; undefined: the interface carries the operator's network as it is. */
function vlanOfLine(config: WanConfig): (Vlan & { readonly name: string }) | undefined {
  const vlan = config.link === "profile" ? findProfile(config.profile)?.link.vlan : undefined;
  return vlan === undefined ? undefined : { ...vlan, name: vlanName(config.interface, vlan) };
}

/** Who we are to the operator, without saying it: a lease belongs to one line and one identity. */
function digestOf(config: WanConfig): string {
  const { profile, mac, credentials, boxModel } = config;
  const name = vlanOfLine(config)?.name ?? config.interface;
  const identity = JSON.stringify([name, profile, mac, credentials ?? null, boxModel ?? null]);
  return createHash("sha256").update(identity).digest("hex");
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

/** What people map to the operator's bits on a VLAN of their own (operators.md 3.5). */
const PRIORITY_UNTAGGED = 6;
