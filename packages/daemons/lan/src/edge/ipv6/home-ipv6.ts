import { fromHex, toHex } from "@passerelle/bytes";
import type { WanPrefixes } from "@passerelle/contract";
import { encodeDuid } from "@passerelle/dhcpv6";
import { type Ipv6, parseCidr6 } from "@passerelle/net";
import type { Netlink, NetlinkError } from "@passerelle/netlink";
import type { Fault, Result } from "@passerelle/result";
import type { ServiceContext } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import type { LanConfig } from "../../config.ts";
import type { DelegatedRoute } from "../../core/ipv6/dhcpv6/index.ts";
import { homeIn, homePrefixes } from "../../core/ipv6/home.ts";
import { type AddressFact, factsOfLeases } from "../../core/ipv6/names.ts";
import {
  type Plan,
  planPrefixes,
  prefixTooSmall,
  type Subnet,
  settlePlaces,
} from "../../core/ipv6/plan.ts";
import { resolversOf } from "../../core/ipv6/ra/index.ts";
import { GLOBAL_ID_LENGTH, uniqueLocalPrefix } from "../../core/ipv6/unique-local.ts";
import { ipv6ConfigOf, ipv6Networks, toDhcpv6Config, toRaConfig } from "../../ipv6-config.ts";
import type { LanBridge } from "../bridges.ts";
import type { ListenAddress } from "../dns/listeners.ts";
import { Dhcpv6Serving } from "./dhcpv6-serving.ts";
import type { Ipv6Store, StoredHome } from "./ipv6-store.ts";
import { addDelegated, addIpv6, type BridgeIpv6, pruneIpv6 } from "./kernel-ipv6.ts";
import { NeighbourFacts } from "./neighbour-facts.ts";
import { RouterServing } from "./router-serving.ts";

export interface HomeIpv6Options {
  readonly context: Pick<ServiceContext<unknown>, "clock" | "log" | "drive" | "entropy">;
  readonly netlink: Netlink;
  readonly sockets: Sockets;
  readonly store: Ipv6Store;
  /** The kernel refused something: it shall all be done once more. */
  readonly again: () => void;
  /** Another address of a device may have a name. */
  readonly named: () => void;
}

/**
 * IPv6 of the home: what `wan` publishes becomes addresses of the bridges, advertisements and leases. Until `wan` has
 * said what is of today the kernel is left as it is, and nobody is told anything.
 */
export class HomeIpv6 {
  readonly neighbours: NeighbourFacts;
  readonly #options: HomeIpv6Options;
  readonly #router: RouterServing;
  #dhcpv6: Dhcpv6Serving | undefined;
  #line: WanPrefixes | undefined;
  #stored: StoredHome | undefined;
  #plan: Plan = NOTHING;
  #bridges: ReadonlyMap<string, LanBridge> = new Map();
  #delegated: readonly DelegatedRoute[] = [];
  #kernelError: NetlinkError | undefined;
  #again: { cancel(): void } | undefined;

  constructor(options: HomeIpv6Options) {
    this.#options = options;
    this.neighbours = new NeighbourFacts(options.named);
    this.#router = new RouterServing(options);
  }

  /** What `wan` says; `prepare` and `serve` follow. */
  line(line: WanPrefixes): void {
    this.#line = line;
  }

  /** Brings the bridges' addresses to the prefixes of today; the new ones are usable when it ends. */
  async prepare(config: LanConfig, bridges: ReadonlyMap<string, LanBridge>): Promise<void> {
    this.#again?.cancel();
    this.#bridges = bridges;
    const line = this.#lineFor(config);
    if (line === undefined) return;
    const { clock } = this.#options.context;
    const names = ipv6Networks(config).map(({ name }) => name);
    const home = this.#remember(names);
    const prefixes = names.length === 0 ? [] : homePrefixes(line, ownPrefix(config, home));
    this.#plan = planPrefixes(names, home.places, prefixes, clock.now());
    this.#noticed(await addIpv6(this.#options.netlink, this.#kernelParts(), clock.now()));
  }

  /** Tells hosts what `prepare` made ready, then takes away what is of yesterday. */
  async serve(config: LanConfig): Promise<void> {
    const line = this.#lineFor(config);
    if (line === undefined) return;
    this.#router.follow(
      ipv6Networks(config).map((network) => {
        const bridge = this.#bridges.get(network.name);
        const home =
          bridge === undefined
            ? undefined
            : homeIn(this.#plan, network.name, bridge.mac, line.reachable);
        return { config: toRaConfig(config, network), bridge, home };
      }),
    );
    this.#serveDhcpv6(config);
    this.#noticed(await pruneIpv6(this.#options.netlink, this.#kernelParts()));
  }

  /** The gateway's own addresses in a network. */
  subnets(network: string): readonly Subnet[] {
    return this.#plan.subnets[network] ?? [];
  }

  /** By which the gateway is reached in a network for as long as can be; the address that its hosts are told for DNS. */
  resolvers(config: LanConfig, network: string): readonly Ipv6[] {
    const bridge = this.#bridges.get(network);
    const found = ipv6Networks(config).find(({ name }) => name === network);
    if (bridge === undefined || found === undefined) return [];
    const home = homeIn(this.#plan, network, bridge.mac, false);
    return resolversOf(toRaConfig(config, found), home, this.#options.context.clock.now());
  }

  /** Where DNS is served. */
  listenAddresses(): readonly ListenAddress[] {
    return [...this.#bridges].flatMap(([network, { name: device }]) =>
      this.subnets(network).map(({ address }) => ({ address, device })),
    );
  }

  /** Devices' addresses that may have a name. */
  facts(): readonly AddressFact[] {
    const state = this.#dhcpv6?.state;
    const leases = state?.kind === "serving" ? state.leases.values() : [];
    const now = this.#options.context.clock.now();
    return [
      ...factsOfLeases(leases, now),
      ...this.neighbours.within((network) => this.subnets(network)),
    ];
  }

  get faults(): readonly Fault[] {
    const faults: Fault[] = [];
    const { unserved } = this.#plan;
    if (unserved.length > 0) faults.push(prefixTooSmall(unserved));
    if (this.#kernelError !== undefined) {
      const { code, text } = this.#kernelError;
      faults.push({ ...KERNEL_REFUSED, raw: `${code} ${text}` });
    }
    const problems = new Map([...this.#router.problems, ...(this.#dhcpv6?.problems ?? [])]);
    for (const [network, raw] of problems) faults.push({ ...notListening(network), raw });
    return faults;
  }

  /** For a restart: hosts and kernel go on as they are. */
  stop(): void {
    this.#again?.cancel();
    this.#router.stop();
    this.#dhcpv6?.stop();
  }

  dump(): unknown {
    const state = this.#dhcpv6?.state;
    return {
      subnets: this.#plan.subnets,
      delegated: this.#delegated,
      leases: state?.kind === "serving" ? state.leases.size : undefined,
      counters: state?.kind === "serving" ? state.counters : undefined,
    };
  }

  #lineFor(config: LanConfig): WanPrefixes | undefined {
    return ipv6ConfigOf(config).enabled ? this.#line : NO_LINE;
  }

  /** The server starts with the first prefixes that are of today: before, it would call every lease stale. */
  #serveDhcpv6(config: LanConfig): void {
    const { context, sockets, store, named } = this.#options;
    if (this.#dhcpv6 === undefined && !ipv6ConfigOf(config).enabled) return;
    const serverId = fromHex(this.#remember(Object.keys(this.#plan.subnets)).serverId);
    if (serverId === undefined) throw new Error("invariant: a DUID of ours is hexadecimal");
    const resolvers = (network: string): readonly Ipv6[] => this.resolvers(config, network);
    const given = toDhcpv6Config(config, serverId, this.#plan, resolvers);
    this.#dhcpv6 ??= new Dhcpv6Serving(
      {
        ...{ context, sockets, store },
        leaseEvent: named,
        routes: (routes) => this.#route(routes),
      },
      given,
    );
    this.#dhcpv6.follow(given, this.#bridges);
  }

  /** The kernel works it off within the call: the routes are there before the answer that promises them. */
  #route(routes: readonly DelegatedRoute[]): void {
    const { netlink } = this.#options;
    this.#delegated = routes;
    void addDelegated(netlink, this.#kernelParts()).then(async (added) => {
      this.#noticed(added.ok ? await pruneIpv6(netlink, this.#kernelParts()) : added);
    });
  }

  #kernelParts(): readonly BridgeIpv6[] {
    return [...this.#bridges].map(([network, { index }]) => ({
      index,
      subnets: this.subnets(network),
      delegated: this.#delegated.filter((one) => one.network === network),
    }));
  }

  #noticed(result: Result<void, NetlinkError>): void {
    const { clock, log } = this.#options.context;
    const before = this.#kernelError;
    this.#kernelError = result.ok ? undefined : result.error;
    if (result.ok) return;
    const { code, text } = result.error;
    if (before?.code !== code) log.error("lan_ipv6_refused", { code, text });
    this.#again?.cancel();
    this.#again = clock.later(KERNEL_AGAIN, this.#options.again);
  }

  /** What is decided once, on the disk before it is used. */
  #remember(networks: readonly string[]): StoredHome {
    const { context, store } = this.#options;
    const known = this.#stored ?? store.home() ?? drawHome(context.entropy);
    // While it is switched off nobody loses a place.
    const places = networks.length === 0 ? known.places : settlePlaces(known.places, networks);
    const next = { ...known, places };
    const isOld = JSON.stringify(next) === JSON.stringify(this.#stored);
    if (!isOld) store.putHome(next);
    this.#stored = next;
    return next;
  }
}

function drawHome({ bytes }: HomeIpv6Options["context"]["entropy"]): StoredHome {
  const globalId = toHex(bytes(GLOBAL_ID_LENGTH));
  // RFC 6355: of no interface, so that it outlives every port.
  const serverId = toHex(encodeDuid({ kind: "uuid", uuid: randomUuid(bytes(16)) }));
  return { globalId, serverId, places: {} };
}

/** RFC 9562 section 5.4. */
function randomUuid(random: Uint8Array): Uint8Array {
  const uuid = random.slice();
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x40;
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  return uuid;
}

function ownPrefix(config: LanConfig, { globalId }: StoredHome): ReturnType<typeof parseCidr6> {
  const { ula } = ipv6ConfigOf(config);
  if (ula === "off") return undefined;
  if (ula !== "auto") return parseCidr6(ula);
  const drawn = fromHex(globalId);
  return drawn === undefined ? undefined : uniqueLocalPrefix(drawn);
}

function notListening(network: string): Fault {
  return {
    code: "ipv6_not_serving",
    text: {
      fr: `Les appareils de « ${network} » n'apprennent rien de l'IPv6.`,
      en: `Devices of "${network}" hear nothing of IPv6.`,
    },
  };
}

const KERNEL_REFUSED: Fault = {
  code: "lan_ipv6_refused",
  text: {
    fr: "Le système a refusé un réglage IPv6 du réseau local.",
    en: "The system refused a setting of the local network's IPv6.",
  },
};
const NOTHING: Plan = { subnets: {}, pools: [], unserved: [] };
const NO_LINE: WanPrefixes = { prefixes: [], reachable: false };
const KERNEL_AGAIN = seconds(5);
