import { lanLeaseEvent } from "@passerelle/contract";
import { formatIpv4, type Mac } from "@passerelle/net";
import type { Driver, ServiceContext } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import type { LanConfig } from "../config.ts";
import {
  type DhcpConfig,
  type DhcpEffect,
  type DhcpInput,
  type DhcpState,
  dhcpServer,
  type Serving,
} from "../core/dhcp/index.ts";
import type { LanBridge } from "./bridges.ts";
import { type DhcpLink, openDhcpLink } from "./dhcp-link.ts";
import type { LanStore } from "./lan-store.ts";

export interface DhcpServingOptions {
  readonly context: ServiceContext<LanConfig>;
  readonly sockets: Sockets;
  readonly store: LanStore;
  readonly leaseEvent: (effect: DhcpEffect & { readonly kind: "lease_event" }) => void;
}

/** The DHCP machine with its hands: one link a bridge, the store, the bus. */
export class DhcpServing {
  readonly #options: DhcpServingOptions;
  readonly #driver: Driver<DhcpState, DhcpInput>;
  readonly #links = new Map<string, { readonly link: DhcpLink; readonly place: string }>();
  #retry: { cancel(): void } | undefined;
  /** Networks whose sockets could not be opened, with the reason. */
  readonly problems = new Map<string, string>();

  constructor(options: DhcpServingOptions, config: DhcpConfig) {
    this.#options = options;
    const { context, store } = options;
    this.#driver = context.drive<DhcpState, DhcpInput, DhcpEffect>(dhcpServer, {
      name: "dhcp-server",
      run: (effect) => this.#run(effect),
    });
    const { bootId } = context.clock;
    this.#driver.input({ kind: "start", config, leases: store.leases(), bootId });
  }

  get state(): Serving | undefined {
    const { state } = this.#driver;
    return state.kind === "serving" ? state : undefined;
  }

  configure(config: DhcpConfig): void {
    this.#driver.input({ kind: "configure", config });
  }

  /** Opens a link for each network that is served, closes those that are not, keeps those that are right. */
  connect(config: DhcpConfig, bridges: ReadonlyMap<string, LanBridge>): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    const wanted = new Set(config.networks.map((network) => network.name));
    for (const [name, { link }] of this.#links) {
      if (wanted.has(name)) continue;
      link.close();
      this.#links.delete(name);
      this.problems.delete(name);
    }
    for (const network of config.networks) {
      const bridge = bridges.get(network.name);
      if (bridge === undefined) continue;
      const place = `${bridge.name} ${bridge.index} ${bridge.mac} ${network.server}`;
      const open = this.#links.get(network.name);
      if (open?.place === place) continue;
      open?.link.close();
      this.#links.delete(network.name);
      this.#open(network.name, place, bridge.name, bridge.mac, network.server);
    }
    if (this.problems.size > 0) {
      const { clock } = this.#options.context;
      this.#retry = clock.later(OPEN_AGAIN, () => this.connect(config, bridges));
    }
  }

  #open(
    network: string,
    place: string,
    device: string,
    mac: Mac,
    server: DhcpConfig["networks"][number]["server"],
  ): void {
    const { sockets, context } = this.#options;
    const input = (one: DhcpInput): void => this.#driver.input(one);
    const opened = openDhcpLink({
      sockets,
      clock: context.clock,
      network,
      device,
      mac,
      server,
      input,
    });
    if (opened.ok) {
      this.#links.set(network, { link: opened.value, place });
      this.problems.delete(network);
      return;
    }
    if (!this.problems.has(network)) {
      context.log.error("dhcp_link_refused", { network, device, code: opened.error.code });
    }
    this.problems.set(network, `${device}: ${opened.error.code} ${opened.error.text}`);
  }

  #run(effect: DhcpEffect): void {
    const { store, leaseEvent, context } = this.#options;
    switch (effect.kind) {
      case "send":
        this.#links.get(effect.network)?.link.send(effect);
        return;
      case "probe":
        this.#links.get(effect.network)?.link.probe(effect.address);
        return;
      case "store_lease":
        store.putLease(effect.lease, (durable) =>
          this.#driver.input({ kind: "lease_stored", commit: effect.commit, durable }),
        );
        return;
      case "store_end":
        store.putLease(effect.lease, () => undefined);
        return;
      case "lease_event":
        context.bus.publish(lanLeaseEvent, {
          kind: effect.event,
          at: context.clock.wall(),
          ...(effect.address === undefined ? {} : { address: formatIpv4(effect.address) }),
          mac: effect.client.mac,
          network: effect.network,
        });
        leaseEvent(effect);
    }
  }

  /** Sums over all networks and links. */
  statistics(): Record<string, number> {
    const sums: Record<string, number> = {};
    const add = (name: string, value: number): void => {
      sums[name] = (sums[name] ?? 0) + value;
    };
    for (const counters of Object.values(this.state?.counters ?? {})) {
      for (const [name, value] of Object.entries(counters.statistics)) add(name, value);
    }
    for (const { link } of this.#links.values()) {
      for (const [name, value] of Object.entries(link.counters)) add(name, value);
    }
    return sums;
  }

  stop(): void {
    this.#retry?.cancel();
    this.#driver.stop();
    for (const { link } of this.#links.values()) link.close();
    this.#links.clear();
  }
}

const OPEN_AGAIN = seconds(2);
