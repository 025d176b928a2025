import type { Driver, ServiceContext } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import {
  type DelegatedRoute,
  type Dhcpv6Config,
  type Dhcpv6Effect,
  type Dhcpv6Input,
  type Dhcpv6State,
  dhcpv6Server,
} from "../../core/ipv6/dhcpv6/index.ts";
import type { LanBridge } from "../bridges.ts";
import { type Dhcpv6Link, openDhcpv6Link } from "./dhcpv6-link.ts";
import type { Ipv6Store } from "./ipv6-store.ts";
import { Links } from "./links.ts";

export interface Dhcpv6ServingOptions {
  readonly context: Pick<ServiceContext<unknown>, "clock" | "log" | "drive">;
  readonly sockets: Sockets;
  readonly store: Pick<Ipv6Store, "dhcpv6Leases" | "putDhcpv6Leases" | "removeDhcpv6Leases">;
  readonly leaseEvent: (effect: Dhcpv6Effect & { readonly kind: "lease_event" }) => void;
  /** All of them, in place of those of before. Called before the answer leaves that makes them needed. */
  readonly routes: (routes: readonly DelegatedRoute[]) => void;
}

/** The DHCPv6 machine with its hands: one link a bridge, the store, the kernel's routes. */
export class Dhcpv6Serving {
  readonly #options: Dhcpv6ServingOptions;
  readonly #driver: Driver<Dhcpv6State, Dhcpv6Input>;
  readonly #links: Links<Dhcpv6Link>;

  constructor(options: Dhcpv6ServingOptions, config: Dhcpv6Config) {
    this.#options = options;
    const { context, sockets, store } = options;
    const { clock, log } = context;
    this.#driver = context.drive<Dhcpv6State, Dhcpv6Input, Dhcpv6Effect>(dhcpv6Server, {
      name: "dhcpv6-server",
      run: (effect) => this.#run(effect),
    });
    this.#links = new Links({
      ...{ clock, log, name: "dhcpv6" },
      open: (network, { name, index }) =>
        openDhcpv6Link({
          ...{ sockets, network, device: name, index },
          input: (one) => this.#driver.input(one),
        }),
      opened: () => undefined,
    });
    const leases = store.dhcpv6Leases();
    this.#driver.input({ kind: "start", config, leases, bootId: clock.bootId });
  }

  get state(): Dhcpv6State {
    return this.#driver.state;
  }

  get problems(): ReadonlyMap<string, string> {
    return this.#links.problems;
  }

  /** @param bridges of the networks, those that are there */
  follow(config: Dhcpv6Config, bridges: ReadonlyMap<string, LanBridge>): void {
    this.#driver.input({ kind: "configure", config });
    const wanted = new Map<string, LanBridge>();
    for (const { name } of config.networks) {
      const bridge = bridges.get(name);
      if (bridge !== undefined) wanted.set(name, bridge);
    }
    this.#links.follow(wanted);
  }

  stop(): void {
    this.#driver.stop();
    this.#links.stop();
  }

  #run(effect: Dhcpv6Effect): void {
    const { store, leaseEvent, routes } = this.#options;
    switch (effect.kind) {
      case "send":
        this.#links.get(effect.network)?.send(effect);
        return;
      case "store_leases":
        store.putDhcpv6Leases(effect.leases, (durable) =>
          this.#driver.input({ kind: "leases_stored", commit: effect.commit, durable }),
        );
        return;
      case "store_ends":
        store.removeDhcpv6Leases(effect.slots);
        return;
      case "routes":
        routes(effect.routes);
        return;
      case "lease_event":
        leaseEvent(effect);
    }
  }
}
