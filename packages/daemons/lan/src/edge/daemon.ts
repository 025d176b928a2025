import {
  lanFlushDns,
  lanForgetDevice,
  lanRenameDevice,
  wanPrefixes,
  wanResolvers,
  wanState,
} from "@passerelle/contract";
import { formatIpv4, parseCidr4 } from "@passerelle/net";
import type { Netlink } from "@passerelle/netlink";
import { type Fault, ok, type Result } from "@passerelle/result";
import type { ServiceContext } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import { type Duration, milliseconds, seconds } from "@passerelle/time";
import type { LanConfig, LanNetworkConfig } from "../config.ts";
import type { DhcpConfig, DhcpEffect } from "../core/dhcp/index.ts";
import { heldLeases } from "../core/view.ts";
import { toDhcpConfig } from "../dhcp-config.ts";
import { isLeft, listenAddresses } from "./addresses.ts";
import { applyBridges, type LanBridge, removeBridges } from "./bridges.ts";
import { DhcpServing } from "./dhcp-serving.ts";
import { createDnsForwarder, type DnsForwarder } from "./dns/forwarder.ts";
import { Documents } from "./documents.ts";
import { FormerKeeper } from "./former-keeper.ts";
import { HomeNames } from "./home-names.ts";
import { InventoryKeeper } from "./inventory-keeper.ts";
import { HomeIpv6 } from "./ipv6/home-ipv6.ts";
import { watchKernel } from "./kernel-watch.ts";
import type { LanStore } from "./lan-store.ts";

export interface LanDaemonOptions {
  readonly context: ServiceContext<LanConfig>;
  readonly netlink: Netlink;
  readonly sockets: Sockets;
  readonly store: LanStore;
  readonly dnsPort?: number;
}

/** Joins bridges, DHCP, DNS, inventory and bus. Decisions are in `core`. */
export class LanDaemon {
  readonly #options: LanDaemonOptions;
  readonly #context: ServiceContext<LanConfig>;
  readonly #former: FormerKeeper;
  readonly #dhcp: DhcpServing;
  readonly #dns: DnsForwarder;
  readonly #inventory: InventoryKeeper;
  readonly #closing: { close(): void }[] = [];
  readonly #names: HomeNames;
  readonly #ipv6: HomeIpv6;
  readonly #documents: Documents;
  #config: LanConfig;
  #bridges = new Map<string, LanBridge>();
  #kernelFault: Fault | undefined;
  #lineAddresses: readonly string[] = [];
  #ownIpv6: readonly string[] = [];
  /** One change of the kernel at a time. */
  #applying: Promise<unknown> = Promise.resolve();
  #again: { cancel(): void } | undefined;
  #regular: { cancel(): void } | undefined;
  #stopped = false;

  constructor(options: LanDaemonOptions) {
    const { context, store, sockets } = options;
    this.#options = options;
    this.#context = context;
    this.#config = context.config;
    const { clock } = context;
    this.#inventory = new InventoryKeeper(context, store, () => this.#documents.changed("devices"));
    const leaseEvent = (effect: DhcpEffect & { readonly kind: "lease_event" }): void =>
      this.#onLeaseEvent(effect);
    this.#former = new FormerKeeper(
      {
        ...{ context, store },
        leases: () => heldLeases(this.#dhcp.state),
        follow: () => this.#followFormer(),
        changed: () => this.#documents.changed("state"),
      },
      this.#config,
    );
    this.#dhcp = new DhcpServing({ context, sockets, store, leaseEvent }, this.#dhcpConfig());
    this.#dns = createDnsForwarder({
      log: context.log,
      clock,
      entropy: context.entropy,
      sockets,
      config: this.#config.dns,
      stateDirectory: context.stateDirectory,
      listen: [],
      ...(options.dnsPort === undefined ? {} : { port: options.dnsPort }),
    });
    this.#ipv6 = new HomeIpv6({
      ...{ context, sockets, store, netlink: options.netlink },
      again: () => void this.#apply(),
      named: () => this.#names.updateIpv6(this.#dhcp.state),
    });
    this.#names = new HomeNames({
      dns: this.#dns,
      config: () => this.#config,
      givenName: ({ client }) => this.#inventory.givenName(client.mac),
      facts: () => this.#ipv6.facts(),
      ownAddresses: (network) => this.#ipv6.resolvers(this.#config, network),
    });
    this.#documents = new Documents({
      context,
      config: () => this.#config,
      dhcp: this.#dhcp,
      dns: this.#dns,
      inventory: this.#inventory,
      names: () => this.#names.names,
      faults: () => this.#faults(),
      kept: () => this.#former.kept,
      subnets: (network) => this.#ipv6.subnets(network),
    });
  }

  async start(): Promise<void> {
    await this.#dns.start();
    // Before anybody can ask: what a restart knows from the disk has its names at once.
    this.#names.rebuild(this.#dhcp.state);
    await this.#apply();
    this.#watchKernel();
    this.#watchWan();
    this.#former.watch();
    this.#serveCommands();
    this.#documents.begin();
    this.#countRegularly();
  }

  async reconfigure(config: LanConfig): Promise<Result<void, Fault>> {
    const before = this.#config;
    this.#former.configured(config);
    if (isLeft(before, config, this.#former.kept)) await this.#wait(LAST_WORDS);
    this.#config = config;
    const applied = await this.#apply();
    if (!applied.ok) {
      this.#config = before;
      this.#former.refused();
      await this.#apply();
      return applied;
    }
    // Where a network goes its hosts are told so while there still is a bridge.
    const isGone = ({ name }: LanNetworkConfig): boolean =>
      !config.networks.some((one) => one.name === name);
    if (before.networks.some(isGone)) await this.#wait(LAST_WORDS);
    const removed = await removeBridges(this.#options.netlink, before.networks, config.networks);
    if (!removed.ok) this.#context.log.warn("lan_bridge_not_removed", { fault: removed.error });
    this.#dns.reconfigure(config.dns);
    this.#configureDhcp();
    return ok(undefined);
  }

  #configureDhcp(): void {
    this.#dhcp.configure(this.#dhcpConfig());
    this.#names.rebuild(this.#dhcp.state);
    this.#documents.everythingChanged();
  }

  #dhcpConfig(): DhcpConfig {
    return toDhcpConfig(this.#config, this.#former.kept);
  }

  /** Other addresses of before are kept: those that go take the leases of their networks with them. */
  #followFormer(): void {
    this.#context.log.info("lan_former_addresses", { kept: this.#former.kept });
    void this.#apply();
    this.#configureDhcp();
  }

  #wait(duration: Duration): Promise<void> {
    return new Promise((resolve) => this.#context.clock.later(duration, resolve));
  }

  /** Ends sockets and timers. Bridges, addresses and leases stay: the home goes on without us. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#again?.cancel();
    this.#regular?.cancel();
    for (const one of this.#closing.reverse()) one.close();
    this.#documents.stop();
    this.#former.stop();
    this.#dhcp.stop();
    this.#ipv6.stop();
    this.#dns.stop();
    this.#inventory.stop();
    await this.#applying.catch(() => undefined);
  }

  dump(): unknown {
    const state = this.#dhcp.state;
    return {
      bridges: [...this.#bridges.values()],
      bindings: state?.bindings.size,
      probes: state?.probes.length,
      commits: state?.commits.size,
      counters: state?.counters,
      devices: this.#inventory.size,
      ipv6: this.#ipv6.dump(),
      dns: this.#dns.statistics(),
    };
  }

  /** Brings the kernel, then the sockets, to the configuration. Runs one after the other. */
  #apply(): Promise<Result<void, Fault>> {
    const next = this.#applying.catch(() => undefined).then(() => this.#applyNow());
    this.#applying = next;
    return next;
  }

  async #applyNow(): Promise<Result<void, Fault>> {
    if (this.#stopped) return ok(undefined);
    const config = this.#config;
    const { kept } = this.#former;
    const applied = await applyBridges(this.#options.netlink, config.networks, kept);
    this.#kernelFault = applied.ok ? undefined : applied.error;
    if (!applied.ok) {
      this.#context.log.error("lan_bridges_refused", { fault: applied.error });
      this.#againSoon();
      this.#documents.changed("state");
      return applied;
    }
    this.#bridges = new Map(
      config.networks.flatMap((network) => {
        const bridge = applied.value.find((one) => one.name === network.bridge);
        return bridge === undefined ? [] : [[network.name, bridge] as const];
      }),
    );
    this.#dhcp.connect(this.#dhcpConfig(), this.#bridges);
    await this.#ipv6.prepare(config, this.#bridges);
    // Whoever hears of an address by which DNS is served finds it there.
    const listen = [...listenAddresses(config, kept), ...this.#ipv6.listenAddresses()];
    const problems = await this.#dns.setListeners(listen);
    for (const problem of problems) this.#context.log.warn("dns_listener_refused", { ...problem });
    await this.#ipv6.serve(config);
    this.#followOwnAddresses();
    this.#documents.changed("state");
    return ok(undefined);
  }

  #againSoon(): void {
    if (this.#stopped) return;
    this.#again ??= this.#context.clock.later(KERNEL_AGAIN, () => {
      this.#again = undefined;
      void this.#apply();
    });
  }

  #watchKernel(): void {
    const watching = watchKernel({
      ...{ netlink: this.#options.netlink, log: this.#context.log },
      config: () => this.#config,
      bridges: () => this.#bridges,
      changed: () => this.#againSoon(),
      seen: (network, mac, address) =>
        this.#inventory.seen({ mac, network, evidence: "arp", address }),
      lost: (mac, address) => this.#inventory.lost(mac, address),
      seenIpv6: (network, mac, address) => this.#ipv6.neighbours.seen(network, mac, address),
      lostIpv6: (address) => this.#ipv6.neighbours.lost(address),
    });
    if (watching !== undefined) this.#closing.push(watching);
  }

  #onLeaseEvent(effect: DhcpEffect & { readonly kind: "lease_event" }): void {
    const { client, network, address } = effect;
    const { state } = this.#dhcp;
    // The effect comes before the acknowledgement: whoever has it can be found by name.
    if (state !== undefined && address !== undefined) this.#names.update(state, address);
    const text = address === undefined ? undefined : formatIpv4(address);
    this.#documents.leaseChanged(address);
    this.#former.leasesChanged();
    switch (effect.event) {
      case "granted":
      case "renewed": {
        const { mac, clientId, hostname, vendorClass } = client;
        this.#inventory.seen({
          mac,
          network,
          evidence: "dhcp",
          ...(text === undefined ? {} : { address: text }),
          ...(clientId === undefined ? {} : { clientId }),
          ...(hostname === undefined ? {} : { hostname }),
          ...(vendorClass === undefined ? {} : { vendorClass }),
        });
        return;
      }
      case "released":
      case "declined":
      case "expired":
        this.#inventory.lost(client.mac, text);
        return;
      case "refused":
    }
  }

  #watchWan(): void {
    const { bus } = this.#context;
    this.#closing.push(
      bus.subscribe(wanResolvers, (value) => {
        this.#dns.setUpstreams(value.resolvers);
        this.#documents.changed("state");
      }),
      bus.subscribe(wanState, ({ session }) => {
        const cidr = "address" in session ? parseCidr4(session.address) : undefined;
        this.#lineAddresses = cidr === undefined ? [] : [formatIpv4(cidr.address)];
        this.#followOwnAddresses();
        this.#former.line(cidr);
      }),
      bus.subscribe(wanPrefixes, (line) => {
        this.#ipv6.line(line);
        void this.#apply();
      }),
    );
  }

  /** Names of the world must not point to us, and those of the box do. */
  #followOwnAddresses(): void {
    const own = this.#ipv6.listenAddresses().map(({ address }) => address);
    this.#dns.setOwnAddresses([...this.#lineAddresses, ...own]);
    if (`${own}` === `${this.#ownIpv6}`) return;
    this.#ownIpv6 = own;
    this.#names.rebuild(this.#dhcp.state);
  }

  #serveCommands(): void {
    const { bus } = this.#context;
    this.#closing.push(
      bus.serve(lanRenameDevice, ({ id, name }) => {
        const device = this.#inventory.rename(id, name);
        this.#renamed();
        return device === undefined
          ? { ok: false, fault: UNKNOWN_DEVICE }
          : { ok: true, data: { device } };
      }),
      bus.serve(lanForgetDevice, ({ id }) => {
        const isKnown = this.#inventory.forget(id);
        this.#renamed();
        return isKnown ? { ok: true, data: {} } : { ok: false, fault: UNKNOWN_DEVICE };
      }),
      bus.serve(lanFlushDns, () => ({ ok: true, data: { entries: this.#dns.flush() } })),
    );
  }

  #renamed(): void {
    this.#names.rebuild(this.#dhcp.state);
    this.#documents.changed("leases");
  }

  #faults(): readonly Fault[] {
    const faults: Fault[] = [...this.#ipv6.faults];
    if (this.#kernelFault !== undefined) faults.push(this.#kernelFault);
    if (this.#options.store.fault !== undefined) faults.push(this.#options.store.fault);
    for (const [network, reason] of this.#dhcp.problems) {
      faults.push({
        code: "dhcp_not_listening",
        text: {
          fr: `Les appareils de « ${network} » ne reçoivent pas d'adresse.`,
          en: `Devices of "${network}" get no addresses.`,
        },
        raw: reason,
      });
    }
    return faults;
  }

  /** Counters of DNS, upstreams and blocked names change without telling anybody. */
  #countRegularly(): void {
    this.#regular = this.#context.clock.later(REGULARLY, () => {
      this.#documents.changed("state");
      this.#documents.changed("statistics");
      this.#countRegularly();
    });
  }
}

const UNKNOWN_DEVICE: Fault = {
  code: "unknown_device",
  text: { fr: "Cet appareil n'est pas dans la liste.", en: "This device is not in the list." },
};
const KERNEL_AGAIN = milliseconds(200);
const REGULARLY = seconds(10);

/**
 * Whoever moved the box is told how to keep the change by the address that goes: the answer leaves before it does.
 */
const LAST_WORDS = milliseconds(300);
