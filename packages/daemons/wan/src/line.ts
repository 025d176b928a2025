import { seedRng } from "@passerelle/machine";
import type { Cidr4 } from "@passerelle/net";
import type { Netlink } from "@passerelle/netlink";
import type { PppPlatform } from "@passerelle/platform-ppp";
import type { PppState, RememberedSession } from "@passerelle/ppp";
import type { Processes } from "@passerelle/process";
import type { Clock, Driver, ServiceContext } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import type { WanConfig } from "./config.ts";
import type { Lease6 } from "./core/dhcpv6/lease.ts";
import { stillValid } from "./core/dhcpv6/lease.ts";
import { type DslState, wordOf } from "./core/dsl/state.ts";
import { ratesOf } from "./core/dsl/view.ts";
import type { TransitionEffect, WanEffect } from "./core/effect.ts";
import type { WanInput } from "./core/input.ts";
import { isValid, type Lease } from "./core/lease.ts";
import type { RememberedLine, WanMachineState } from "./core/state.ts";
import { wanMachine } from "./core/step.ts";
import { DhcpSocket } from "./edge/dhcp-socket.ts";
import { Ipv6Edge } from "./edge/ipv6.ts";
import { Kernel } from "./edge/kernel.ts";
import { type LeaseFile, openLeaseFile } from "./edge/lease-file.ts";
import { lineDigest } from "./edge/line-digest.ts";
import { PppSession } from "./edge/ppp-session.ts";
import { Prober } from "./edge/prober.ts";
import { Shaper } from "./edge/shaper.ts";
import { PRIORITY_CONTROL } from "./edge/vlan-device.ts";
import { WorkQueue } from "./edge/work-queue.ts";
import {
  carrierOf,
  hasIpv6,
  interfaceOf,
  isOverPpp,
  settingsOf,
  shapingOf,
  vlanOf,
} from "./line-settings.ts";
import {
  plainLease6,
  readStoredLease,
  readStoredLease6,
  readStoredSession,
  type StoredLease,
  type StoredLease6,
  type StoredSession,
} from "./schema.ts";

/** What a line needs of the house that it leads to. */
export interface LineHouse {
  readonly context: ServiceContext<WanConfig>;
  readonly netlink: Netlink;
  readonly sockets: Sockets;
  readonly ppp: PppPlatform;
  readonly processes: Processes;
  /** Of the home, at the start. */
  readonly lanNetworks: readonly Cidr4[];
  readonly report: (transition: TransitionEffect) => void;
  readonly changed: (state: WanMachineState) => void;
}

export interface Line {
  readonly driver: Driver<WanMachineState, WanInput>;
  /** The modem of the line was looked at; absent: none is watched. */
  modemSeen(state: DslState | undefined): void;
  stop(): Promise<void>;
  /** After `stop`: takes addresses, routes and VLAN away, because another line comes. */
  clear(): Promise<void>;
  dump(): unknown;
}

/** Opens the edges of one line and drives its machine. What the kernel has of an earlier life of it is taken over. */
export async function startLine(house: LineHouse, config: WanConfig): Promise<Line> {
  const { context } = house;
  const { clock, entropy } = context;
  let driver: Driver<WanMachineState, WanInput> | undefined;
  const input = (one: WanInput): void => driver?.input(one);
  const edges = openEdges(house, config, input);
  const { kernel, dhcp, ppp, ipv6, prober, shaper } = edges;
  const remembered = await recall(edges, context, digestOf(config));
  const machine = wanMachine(settingsOf(config), seedRng(entropy.seed()), clock.now(), remembered);
  driver = context.drive<WanMachineState, WanInput, WanEffect>(machine, {
    name: "wan-line",
    run: runEffects(house, edges, input),
    changed: house.changed,
  });
  const running = driver;
  const takesOver = remembered.ipv4?.onInterface === true;
  if (takesOver) dhcp.bind(remembered.ipv4.lease.address);
  ipv6.start();
  await kernel.start(takesOver);
  await shaper.start();
  // A line without IPv6 takes nothing over.
  if (!hasIpv6(config)) await ipv6.clear();
  if (house.lanNetworks.length > 0) input({ kind: "lan_networks", networks: house.lanNetworks });
  return {
    driver: running,
    modemSeen(state) {
      input({ kind: "dsl", ...(state === undefined ? {} : { word: wordOf(state) }) });
      const rates = ratesOf(state);
      // While the wires carry nothing the queues stand as they were.
      const settings = rates === undefined ? undefined : shapingOf(config, rates);
      if (typeof settings === "object") shaper.shape(settings);
    },
    async stop() {
      running.stop();
      prober.close();
      dhcp.detach();
      ppp?.leave();
      await ipv6.stop();
      await kernel.stop();
      await shaper.stop();
    },
    async clear() {
      await shaper.clear();
      ppp?.clear();
      await ipv6.clear();
      await kernel.remove();
    },
    // Identity and challenges stay out: a dump goes into support bundles.
    dump: () => {
      const { access, link, session, ppp: over, ipv6: six, reach, marks } = running.state;
      const { phase, setbacks, trouble, counters } = session;
      return {
        ...{ access, link, phase: phase.kind, setbacks, trouble, counters, reach, marks },
        ...(over === undefined ? {} : { ppp: pppDump(over.ppp) }),
        ipv6: {
          ...{ router: six.router.phase.kind, dhcpv6: six.dhcpv6.phase.kind },
          ...{ counters: six.dhcpv6.counters, network: six.network },
        },
      };
    },
  };
}

function pppDump({ phase, failures, refusals, trouble, counters }: PppState): unknown {
  return { phase: phase.kind, failures, refusals, trouble, counters };
}

interface Edges {
  readonly kernel: Kernel;
  readonly dhcp: DhcpSocket;
  /** Of a line over PPPoE. */
  readonly ppp?: PppSession;
  readonly ipv6: Ipv6Edge;
  readonly prober: Prober;
  readonly shaper: Shaper;
  readonly leaseFile: LeaseFile<StoredLease, Lease>;
  readonly lease6File: LeaseFile<StoredLease6, Lease6>;
  readonly sessionFile: LeaseFile<StoredSession, RememberedSession>;
}

function openEdges(
  { context, netlink, sockets, ppp: platform, processes }: LineHouse,
  config: WanConfig,
  input: (input: WanInput) => void,
): Edges {
  const { clock, log, entropy } = context;
  const vlan = vlanOf(config);
  const priority = vlan === undefined ? PRIORITY_UNTAGGED : PRIORITY_CONTROL;
  const edge = { sockets, netlink, interface: interfaceOf(config), priority, clock, log, entropy };
  const file = {
    ...{ directory: context.stateDirectory, bootId: clock.bootId, line: digestOf(config) },
    failed: (error: unknown) => log.warn("wan_lease_file", { text: String(error) }),
  };
  const leaseFile = openLeaseFile<StoredLease, Lease>({
    ...{ ...file, name: "lease.json", plain: (lease: Lease) => lease },
    check: readStoredLease,
  });
  const lease6File = openLeaseFile<StoredLease6, Lease6>({
    ...{ ...file, name: "lease6.json", plain: plainLease6 },
    check: readStoredLease6,
  });
  const sessionFile = openLeaseFile<StoredSession, RememberedSession>({
    ...{ ...file, name: "session.json", plain: (session: RememberedSession) => session },
    check: readStoredSession,
  });
  const queue = new WorkQueue(log);
  const dhcp = new DhcpSocket({
    ...edge,
    received: (payload) => input({ kind: "datagram", payload }),
    conflict: (address) => input({ kind: "arp_conflict", address }),
  });
  const ipv6 = new Ipv6Edge({ ...edge, leaseFile: lease6File, input });
  const ppp = isOverPpp(config)
    ? new PppSession({
        ...{ ...edge, platform, carrier: carrierOf(config), queue, file: sessionFile },
        input: (told) => input({ kind: "ppp", ppp: told }),
        carriesIpv6: (carrier) => ipv6.attach(carrier),
      })
    : undefined;
  const kernel = new Kernel({
    ...{ netlink, clock, log, queue, port: config.interface },
    ...(vlan === undefined ? {} : { vlan }),
    link: (link) => input({ kind: "link", ...(link === undefined ? {} : { link }) }),
    device: (device) => input({ kind: "vlan", ...(device === undefined ? {} : { device }) }),
    carrier: (link, index) => {
      const carrier =
        link === undefined || index === undefined ? undefined : { index, mac: link.mac };
      if (ppp !== undefined) return ppp.attach(carrier);
      if (carrier === undefined) dhcp.detach();
      else dhcp.attach(carrier.index, carrier.mac);
      ipv6.attach(carrier);
    },
    vlanRefused: () => input({ kind: "vlan_refused" }),
    configureFailed: (address) => input({ kind: "configure_failed", address }),
  });
  const prober = new Prober({ ...edge, finished: input });
  const shaping = shapingOf(config);
  const shaper = new Shaper({
    ...{ netlink, processes, log, interface: interfaceOf(config) },
    ...(shaping === undefined ? {} : { settings: shaping }),
    told: (told) => input({ kind: "shaping", shaping: told }),
  });
  return {
    ...{ kernel, dhcp, ipv6, prober, shaper, leaseFile, lease6File, sessionFile },
    ...(ppp === undefined ? {} : { ppp }),
  };
}

function runEffects(
  { context, report }: LineHouse,
  { kernel, dhcp, ppp, ipv6, prober, leaseFile }: Edges,
  input: (input: WanInput) => void,
): (effect: WanEffect) => void {
  const { entropy } = context;
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
      case "ppp":
        return ppp?.run(effect.ppp);
      case "ask_resolver":
        return kernel.afterwards(() => prober.ask(effect));
      case "probe":
        return kernel.afterwards(() => prober.probe(effect));
      case "transition":
        return report(effect);
      default:
        return ipv6.run(effect);
    }
  };
}

/** The leases of an earlier life: over its addresses traffic may flow right now. */
async function recall(
  { leaseFile, lease6File, sessionFile, kernel }: Edges,
  { clock }: ServiceContext<WanConfig>,
  line: string,
): Promise<RememberedLine> {
  const now = clock.now();
  const four = leaseFile.load();
  const six = lease6File.load();
  const isThisBoot = ({ bootId }: { readonly bootId: string }) => bootId === clock.bootId;
  const isStale = (obtainedAt: number, left: boolean): boolean => !left || obtainedAt > now;
  const ipv4 =
    four?.line !== line ||
    (isThisBoot(four) && isStale(four.lease.obtainedAt, isValid(four.lease, now)))
      ? undefined
      : {
          lease: four.lease,
          onInterface: isThisBoot(four) && (await kernel.has(four.lease.address)),
        };
  const left = six === undefined ? undefined : stillValid(six.lease, now);
  const ipv6 =
    six?.line !== line || (isThisBoot(six) && isStale(six.lease.obtainedAt, left !== undefined))
      ? undefined
      : { lease: isThisBoot(six) ? (left ?? six.lease) : six.lease, inUse: isThisBoot(six) };
  const session = sessionFile.load();
  const ppp = session?.line === line ? { remembered: ofThisBoot(session, clock) } : undefined;
  return {
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    ...(ppp === undefined ? {} : { ppp }),
  };
}

/** Of an earlier boot too: the concentrator may not know yet that it is over. */
function ofThisBoot({ bootId, lease }: StoredSession, clock: Clock): RememberedSession {
  const { up, ...address } = lease;
  // A disk can lie.
  const isLive = up !== undefined && bootId === clock.bootId && up.upSince <= clock.now();
  return isLive ? lease : address;
}

function digestOf(config: WanConfig): string {
  const { profile, mac, credentials, boxModel } = config;
  return lineDigest([carrierOf(config), profile, mac, credentials ?? null, boxModel ?? null]);
}

/** What people map to the operator's bits on a VLAN of their own (operators.md 3.5). */
const PRIORITY_UNTAGGED = 6;
