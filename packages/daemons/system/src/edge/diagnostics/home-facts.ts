import type { Bus, Subscription } from "@passerelle/bus-client";
import {
  type FirewallTraffic,
  firewallState,
  firewallTraffic,
  type LanDevice,
  type LanNetwork,
  lanDevices,
  lanState,
  type StateTopic,
  type SystemState,
  systemState,
  type WanState,
  wanState,
} from "@passerelle/contract";
import { type Ipv4, parseCidr4, parseIpv4 } from "@passerelle/net";

type Payload<Topic> = Topic extends StateTopic<infer T> ? T : never;

/** The last word of every daemon about the home, for diagnoses that must work while some of them are away. */
export class HomeFacts {
  wan: WanState | undefined;
  lan: Payload<typeof lanState> | undefined;
  devices: readonly LanDevice[] = [];
  traffic: readonly FirewallTraffic[] = [];
  blocked: readonly string[] = [];
  system: SystemState | undefined;
  readonly #subscriptions: readonly Subscription[];

  constructor(bus: Bus) {
    this.#subscriptions = [
      bus.subscribe(wanState, (wan) => {
        this.wan = wan;
      }),
      bus.subscribe(lanState, (lan) => {
        this.lan = lan;
      }),
      bus.subscribe(lanDevices, ({ devices }) => {
        this.devices = devices;
      }),
      bus.subscribe(firewallTraffic, ({ devices }) => {
        this.traffic = devices;
      }),
      bus.subscribe(firewallState, ({ blockedDevices }) => {
        this.blocked = blockedDevices;
      }),
      bus.subscribe(systemState, (system) => {
        this.system = system;
      }),
    ];
  }

  /** Our own forwarder, as a device of the home sees it. */
  get forwarder(): Ipv4 | undefined {
    const networks = this.lan?.networks ?? [];
    const network = networks.find((one) => one.zone === "lan") ?? networks[0];
    return network === undefined ? undefined : parseCidr4(network.address)?.address;
  }

  /** The operator's, while the line is up. */
  get upstream(): readonly Ipv4[] {
    const session = this.wan?.session;
    if (session === undefined || !("resolvers" in session)) return [];
    return session.resolvers.flatMap((text) => parseIpv4(text) ?? []).slice(0, UPSTREAM_MAX);
  }

  get domain(): string | undefined {
    return this.lan?.dns.domain;
  }

  network(name: string): LanNetwork | undefined {
    return this.lan?.networks.find((one) => one.name === name);
  }

  /** The network of a device; the one it was on, where it sleeps. */
  networkOf(mac: string): LanNetwork | undefined {
    const device = this.devices.find((one) => one.macs.includes(mac));
    return device?.network === undefined ? undefined : this.network(device.network);
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.close();
  }
}

const UPSTREAM_MAX = 4;
