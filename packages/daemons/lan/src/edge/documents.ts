import { lanDevices, lanLeases, lanState, lanStatistics } from "@passerelle/contract";
import type { Ipv4 } from "@passerelle/net";
import type { Fault } from "@passerelle/result";
import type { ServiceContext } from "@passerelle/service";
import { seconds } from "@passerelle/time";
import type { LanConfig } from "../config.ts";
import { fitting, jsonOctets } from "../core/fitting.ts";
import type { Kept } from "../core/former/index.ts";
import type { Subnet } from "../core/ipv6/plan.ts";
import { ipv6View, LeaseList, leasedIn, networkView } from "../core/view.ts";
import type { DhcpServing } from "./dhcp-serving.ts";
import type { DnsForwarder } from "./dns/forwarder.ts";
import type { InventoryKeeper } from "./inventory-keeper.ts";
import { createPublisher, type Publisher } from "./publisher.ts";

export interface DocumentsOptions {
  readonly context: ServiceContext<unknown>;
  readonly config: () => LanConfig;
  readonly dhcp: Pick<DhcpServing, "state" | "statistics">;
  readonly dns: Pick<DnsForwarder, "upstreams" | "blockedNames" | "statistics">;
  readonly inventory: Pick<InventoryKeeper, "view">;
  readonly names: () => ReadonlyMap<Ipv4, string>;
  readonly faults: () => readonly Fault[];
  /** Addresses of before that are still ours. */
  readonly kept: () => readonly Kept[];
  /** A network's parts of the IPv6 prefixes. */
  readonly subnets: (network: string) => readonly Subnet[];
}

export type DocumentName = "state" | "leases" | "devices" | "statistics";

/** The retained documents of this daemon. Each is told at its own time, so that no two long ones come together. */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #publishers: Readonly<Record<DocumentName, Publisher>>;
  readonly #leases = new LeaseList();
  #since: number;
  #wasServing = false;

  constructor(options: DocumentsOptions) {
    this.#options = options;
    const { clock } = options.context;
    this.#since = clock.wall();
    this.#publishers = {
      state: createPublisher(clock, seconds(1), () => this.#publishState()),
      leases: createPublisher(clock, seconds(1), () => this.#publishLeases()),
      devices: createPublisher(clock, seconds(1), () => this.#publishDevices()),
      statistics: createPublisher(clock, seconds(10), () => this.#publishStatistics()),
    };
  }

  changed(name: DocumentName): void {
    this.#publishers[name].changed();
  }

  /** The lease of an address is different: what is shown of it is made ready now, one by one. */
  leaseChanged(address: Ipv4 | undefined): void {
    const { context, dhcp, names } = this.#options;
    const { state } = dhcp;
    const binding = address === undefined ? undefined : state?.bindings.get(address);
    if (state !== undefined && binding !== undefined) {
      const { clock } = context;
      const lease = this.#leases.show(state, binding, names(), clock.wall() - clock.now());
      if (lease !== undefined) jsonOctets(lease);
    }
    this.changed("leases");
    this.changed("state");
    this.changed("statistics");
  }

  everythingChanged(): void {
    for (const publisher of Object.values(this.#publishers)) publisher.changed();
  }

  /** After the start: that we serve at once, the long lists when those who asked meanwhile have their answers. */
  begin(): void {
    this.#publishers.state.now();
    this.everythingChanged();
  }

  stop(): void {
    for (const publisher of Object.values(this.#publishers)) publisher.stop();
  }

  #publishLeases(): void {
    const { context, dhcp, names } = this.#options;
    const { state } = dhcp;
    if (state === undefined) return;
    const { clock, bus } = context;
    const leases = this.#leases.view(state, names(), clock.now(), clock.wall());
    bus.publish(lanLeases, { leases: fitting(leases) });
  }

  #publishDevices(): void {
    const { context, inventory } = this.#options;
    context.bus.publish(lanDevices, { devices: fitting(inventory.view()) });
  }

  #publishState(): void {
    const { context, config, dhcp, dns } = this.#options;
    const { networks, dns: dnsConfig } = config();
    const { state } = dhcp;
    const faults = this.#options.faults();
    const isServing = faults.length === 0;
    if (isServing !== this.#wasServing) this.#since = context.clock.wall();
    this.#wasServing = isServing;
    const leased = state === undefined ? new Map<string, number>() : leasedIn(state);
    const kept = this.#options.kept();
    const ahead = context.clock.wall() - context.clock.now();
    context.bus.publish(lanState, {
      kind: isServing ? "serving" : "degraded",
      since: Math.max(0, Math.round(this.#since)),
      networks: networks.map(({ name, zone, bridge, ports, address }) => ({
        ...networkView({ name, zone, bridge, ports, address }, state, leased, kept, ahead),
        ...ipv6View(this.#options.subnets(name), ahead),
      })),
      dns: {
        domain: dnsConfig.domain,
        upstreams: [...dns.upstreams()],
        blockedNames: dns.blockedNames(),
      },
      faults: [...faults],
    });
  }

  #publishStatistics(): void {
    const { context, dhcp, dns } = this.#options;
    context.bus.publish(lanStatistics, { dhcp: dhcp.statistics(), dns: dns.statistics() });
  }
}
