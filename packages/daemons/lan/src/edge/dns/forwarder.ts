import type { SecureContext } from "node:tls";
import type { LanUpstream } from "@passerelle/contract";
import { foldName, formatName, HEADER_BYTES } from "@passerelle/dns";
import { type Ipv4, type Ipv6, parseIpv4, parseIpv6 } from "@passerelle/net";
import type { Clock, Entropy, Logger } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import type { DnsConfig, DnsUpstreamConfig } from "../../config-dns.ts";
import { NO_BLOCKLIST } from "../../core/dns/blocklist.ts";
import {
  addLocalHost,
  buildLocalZone,
  type EditableZone,
  type LocalHost,
  type LocalNames,
  removeLocalHost,
} from "../../core/dns/local-zone.ts";
import type { RebindingPolicy } from "../../core/dns/rebinding.ts";
import { loadBlocklist } from "./blocklist-loader.ts";
import { newDnsCounters } from "./counters.ts";
import { type ListenAddress, Listeners, type ListenProblem } from "./listeners.ts";
import { Randomness } from "./randomness.ts";
import { Resolver } from "./resolver.ts";
import { Responder } from "./responder.ts";
import { Upstream } from "./upstream.ts";
import { DatagramPool } from "./upstream-datagram.ts";
import { WireCache } from "./wire-cache.ts";

export type { LocalNames } from "../../core/dns/local-zone.ts";
export type { ListenAddress, ListenProblem } from "./listeners.ts";

export interface DnsForwarderOptions {
  readonly log: Logger;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly sockets: Sockets;
  readonly config: DnsConfig;
  /** Where blocklist files lie. */
  readonly stateDirectory: string;
  readonly listen: readonly ListenAddress[];
  /** Default 53; tests and benches use another. */
  readonly port?: number;
  /** Trusted authorities of DoT and DoH instead of the built-in ones. */
  readonly secureContext?: SecureContext;
}

export interface DnsForwarder {
  /** Opens the listeners; what cannot be opened now is told and tried again every two seconds. */
  start(): Promise<readonly ListenProblem[]>;
  setListeners(listen: readonly ListenAddress[]): Promise<readonly ListenProblem[]>;
  /** The names of the home, whole. */
  setLocalNames(names: LocalNames): void;
  /** Hosts that are gone, by name, and hosts that came: in force when it returns, at a cost of what changed. */
  changeLocalNames(gone: readonly string[], came: readonly LocalHost[]): void;
  /** Resolvers of the line, as addresses; asked where the configuration says "line". */
  setUpstreams(addresses: readonly string[]): void;
  /** Public addresses of this box: names outside must not point to them (rebinding). */
  setOwnAddresses(addresses: readonly string[]): void;
  reconfigure(config: DnsConfig): void;
  /** Ends when the blocklists last configured are in force. */
  blocklistLoaded(): Promise<void>;
  /** Counters since start, and a few sizes of now. */
  statistics(): Record<string, number>;
  upstreams(): readonly LanUpstream[];
  blockedNames(): number;
  /** Empties the cache; the number of answers forgotten. */
  flush(): number;
  stop(): void;
}

export function createDnsForwarder(options: DnsForwarderOptions): DnsForwarder {
  return new Forwarder(options);
}

class Forwarder implements DnsForwarder {
  readonly #options: DnsForwarderOptions;
  readonly #cache: WireCache;
  readonly #counters = newDnsCounters();
  readonly #random: Randomness;
  readonly #datagrams: DatagramPool;
  readonly #resolver: Resolver;
  readonly #responder: Responder;
  readonly #listeners: Listeners;
  #config: DnsConfig;
  #zone: EditableZone;
  #lineUpstreams: readonly string[] = [];
  #own: readonly string[] = [];
  #loading: Promise<void> = Promise.resolve();
  #generation = 0;
  /** How many answers of the house had been made when they were last forgotten. */
  #houseDropped = 0;

  constructor(options: DnsForwarderOptions) {
    const { clock, log, entropy, config, sockets } = options;
    this.#options = options;
    this.#config = config;
    this.#cache = new WireCache(config.cacheEntries, entropy.uint32());
    this.#random = new Randomness(entropy);
    this.#datagrams = new DatagramPool({ sockets, clock, log, random: this.#random });
    const common = { clock, cache: this.#cache, counters: this.#counters };
    this.#resolver = new Resolver({ ...common, policy: this.#resolverPolicy() });
    this.#zone = buildLocalZone(config.domain, { hosts: [] });
    const policy = {
      zone: this.#zone,
      blocklist: NO_BLOCKLIST,
      blockedAnswer: config.blocklists.answer,
    };
    this.#responder = new Responder({ ...common, log, resolver: this.#resolver, policy });
    this.#responder.queryLog = config.queryLog;
    const port = options.port ?? 53;
    this.#listeners = new Listeners({
      sockets,
      clock,
      log,
      responder: this.#responder,
      counters: this.#counters,
      port,
    });
  }

  async start(): Promise<readonly ListenProblem[]> {
    this.#setUpstreams();
    this.#loadBlocklist();
    return this.setListeners(this.#options.listen);
  }

  setListeners(listen: readonly ListenAddress[]): Promise<readonly ListenProblem[]> {
    return this.#listeners.set(listen);
  }

  setLocalNames(names: LocalNames): void {
    this.#applyZone(names);
  }

  changeLocalNames(gone: readonly string[], came: readonly LocalHost[]): void {
    if (gone.length === 0 && came.length === 0) return;
    for (const name of gone) removeLocalHost(this.#zone, name);
    for (const host of came) addLocalHost(this.#zone, host);
    this.#dropHouse();
  }

  setUpstreams(addresses: readonly string[]): void {
    this.#lineUpstreams = addresses;
    this.#setUpstreams();
  }

  setOwnAddresses(addresses: readonly string[]): void {
    this.#own = addresses;
    this.#resolver.policy = this.#resolverPolicy();
  }

  reconfigure(config: DnsConfig): void {
    const before = this.#config;
    this.#config = config;
    this.#responder.queryLog = config.queryLog;
    this.#resolver.policy = this.#resolverPolicy();
    if (config.cacheEntries !== before.cacheEntries) this.#cache.resize(config.cacheEntries);
    // What was let through under other rules must not live on in the cache.
    else if (JSON.stringify(config.rebinding) !== JSON.stringify(before.rebinding)) this.flush();
    this.#applyZone({ hosts: [...this.#zone.hosts.values()] });
    this.#setUpstreams();
    if (JSON.stringify(config.blocklists) !== JSON.stringify(before.blocklists))
      this.#loadBlocklist();
  }

  blocklistLoaded(): Promise<void> {
    return this.#loading;
  }

  statistics(): Record<string, number> {
    return {
      ...this.#counters,
      cacheEntries: this.#cache.count,
      pending: this.#resolver.pending,
      upstreamStrays: this.#datagrams.strays,
      blockedNames: this.blockedNames(),
    };
  }

  upstreams(): readonly LanUpstream[] {
    return this.#resolver.upstreams.map(({ config, health }) => ({
      address: config.address,
      protocol: config.protocol,
      healthy: health.kind !== "ailing",
      ...(health.kind === "healthy" ? { rttMs: Math.round(health.rttMs * 10) / 10 } : {}),
    }));
  }

  blockedNames(): number {
    return this.#responder.policy.blocklist.size;
  }

  flush(): number {
    return this.#cache.drop(() => true);
  }

  stop(): void {
    this.#generation += 1;
    this.#listeners.close();
    this.#resolver.stop();
    for (const upstream of this.#resolver.upstreams) upstream.close();
    this.#datagrams.close();
  }

  #applyZone(names: LocalNames): void {
    this.#zone = buildLocalZone(this.#config.domain, names);
    const blockedAnswer = this.#config.blocklists.answer;
    this.#responder.policy = { ...this.#responder.policy, zone: this.#zone, blockedAnswer };
    this.#dropHouse();
  }

  /** What stood under the names of the house may be different now; under another domain also what came from outside. */
  #dropHouse(): void {
    const { house } = this.#responder;
    // The cache is looked through only where something of ours was put into it since.
    if (house === this.#houseDropped) return;
    this.#houseDropped = house;
    this.#cache.drop((answer) => answer.origin === "house");
  }

  #setUpstreams(): void {
    const { clock, secureContext } = this.#options;
    const wanted: readonly DnsUpstreamConfig[] =
      this.#config.upstreams === "line"
        ? this.#lineUpstreams
            .slice(0, LINE_UPSTREAMS_MAX)
            .map((address) => ({ address, protocol: "udp" }))
        : this.#config.upstreams;
    const tools = {
      clock,
      random: this.#random,
      datagrams: this.#datagrams,
      ...(secureContext === undefined ? {} : { secureContext }),
    };
    const old = this.#resolver.upstreams;
    const next: Upstream[] = [];
    for (const config of wanted) {
      // What stays keeps its health and its connection.
      const same = old.find((u) => JSON.stringify(u.config) === JSON.stringify(config));
      const upstream = same ?? Upstream.of(config, tools);
      if (upstream !== undefined && !next.includes(upstream)) next.push(upstream);
    }
    for (const upstream of old) if (!next.includes(upstream)) upstream.close();
    this.#resolver.upstreams = next;
    // Failures under the old ones say nothing about the new ones.
    if (next.some((u) => !old.includes(u))) this.#resolver.forgetFailures();
  }

  #resolverPolicy(): { rebinding: RebindingPolicy | undefined; serveStaleSeconds: number } {
    const { rebinding, serveStaleSeconds } = this.#config;
    const own = new Set<Ipv4 | Ipv6>();
    for (const text of this.#own) {
      const address = parseIpv4(text) ?? parseIpv6(text);
      if (address !== undefined) own.add(address);
    }
    const exceptions = rebinding.exceptions.map(foldName);
    return { rebinding: rebinding.enabled ? { exceptions, own } : undefined, serveStaleSeconds };
  }

  #loadBlocklist(): void {
    const { stateDirectory, entropy, log } = this.#options;
    this.#generation += 1;
    const generation = this.#generation;
    this.#loading = loadBlocklist(this.#config, stateDirectory, entropy, log).then((blocklist) => {
      if (generation !== this.#generation) return;
      this.#responder.policy = { ...this.#responder.policy, blocklist };
      this.#cache.drop(
        (answer) => answer.origin === "house" || blocklist.matches(nameOf(answer.bytes)),
      );
    });
  }
}

const LINE_UPSTREAMS_MAX = 8;

function nameOf(message: Uint8Array): string {
  return formatName(message, HEADER_BYTES);
}
