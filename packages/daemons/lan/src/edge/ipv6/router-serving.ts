import { seedRng } from "@passerelle/machine";
import { IPV6_ANY } from "@passerelle/net";
import type { Driver, ServiceContext } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import {
  type Home,
  type RaConfig,
  type RaEffect,
  type RaInput,
  type RaState,
  routerAdvertiser,
} from "../../core/ipv6/ra/index.ts";
import type { LanBridge } from "../bridges.ts";
import type { Ipv6Store } from "./ipv6-store.ts";
import { Links } from "./links.ts";
import { openRouterLink, type RouterLink } from "./router-link.ts";

export interface RouterServingOptions {
  readonly context: Pick<ServiceContext<unknown>, "clock" | "log" | "drive" | "entropy">;
  readonly sockets: Sockets;
  readonly store: Pick<Ipv6Store, "announcements" | "putAnnouncements">;
}

/** A network that is served, where it is and what there is to tell in it. */
export interface RoutedNetwork {
  readonly config: RaConfig;
  /** Undefined while it is not there. */
  readonly bridge: LanBridge | undefined;
  /** Undefined while `wan` has not said what is of today: nothing is told, and nothing called stale. */
  readonly home: Home | undefined;
}

/** The router's machines, one a network, with their hands: a link a bridge, and the store. */
export class RouterServing {
  readonly #options: RouterServingOptions;
  readonly #drivers = new Map<string, Driver<RaState, RaInput>>();
  readonly #links: Links<RouterLink>;
  readonly #again = new Map<string, { cancel(): void }>();

  constructor(options: RouterServingOptions) {
    this.#options = options;
    const { clock, log } = options.context;
    this.#links = new Links({
      ...{ clock, log, name: "router" },
      open: (network, { name, index, mac }) =>
        openRouterLink({
          ...{ sockets: options.sockets, device: name, index, mac },
          input: (one) => this.#drivers.get(network)?.input(one),
        }),
      opened: (network) => this.#sayAgain(network),
    });
  }

  get problems(): ReadonlyMap<string, string> {
    return this.#links.problems;
  }

  /** Goes over to these networks. In one that is no more the router says that it goes. */
  follow(networks: readonly RoutedNetwork[]): void {
    const wanted = new Map<string, LanBridge>();
    for (const { config, bridge } of networks) {
      if (bridge !== undefined) wanted.set(config.network, bridge);
    }
    for (const [network, driver] of this.#drivers) {
      if (networks.some(({ config }) => config.network === network)) continue;
      driver.input({ kind: "stop", farewell: true });
    }
    for (const { config } of networks) {
      const driver = this.#drivers.get(config.network);
      if (driver !== undefined && driver.state.kind !== "leaving") {
        driver.input({ kind: "configure", config });
        continue;
      }
      driver?.stop();
      this.#start(config);
    }
    // Before anything is said: what is said without a link is lost.
    this.#links.follow(this.#withLeaving(wanted));
    for (const { config, home } of networks) {
      if (home !== undefined) this.#drivers.get(config.network)?.input({ kind: "home", home });
    }
  }

  /** For a restart: hosts go on as they are. */
  stop(): void {
    for (const timer of this.#again.values()) timer.cancel();
    for (const driver of this.#drivers.values()) driver.stop();
    this.#links.stop();
  }

  #start(config: RaConfig): void {
    const { context, store } = this.#options;
    const { network } = config;
    const driver = context.drive<RaState, RaInput, RaEffect>(routerAdvertiser, {
      name: `router ${network}`,
      run: (effect) => this.#run(effect),
    });
    this.#drivers.set(network, driver);
    driver.input({
      kind: "start",
      config,
      stored: store.announcements(network),
      bootId: context.clock.bootId,
      rng: seedRng(context.entropy.seed()),
    });
  }

  #run(effect: RaEffect): void {
    const { network } = effect;
    switch (effect.kind) {
      case "send":
        if (this.#links.get(network)?.send(effect) !== true) this.#sayAgainSoon(network);
        return;
      case "store":
        this.#options.store.putAnnouncements(network, effect.record);
        return;
      case "stopped":
        this.#drivers.get(network)?.stop();
        this.#drivers.delete(network);
        this.#links.close(network);
    }
  }

  /** Networks that are about to say farewell keep their link until they have. */
  #withLeaving(wanted: ReadonlyMap<string, LanBridge>): ReadonlyMap<string, LanBridge> {
    const all = new Map(this.#places);
    for (const network of all.keys()) if (!this.#drivers.has(network)) all.delete(network);
    for (const [network, bridge] of wanted) all.set(network, bridge);
    this.#places = all;
    return all;
  }

  #places: ReadonlyMap<string, LanBridge> = new Map();

  /** A bridge that is just coming up has no address to speak from: its duplicates are looked for. */
  #sayAgainSoon(network: string): void {
    this.#again.get(network)?.cancel();
    const { clock } = this.#options.context;
    this.#again.set(
      network,
      clock.later(SAY_AGAIN, () => this.#sayAgain(network)),
    );
  }

  /** As if a newcomer asked. */
  #sayAgain(network: string): void {
    this.#drivers.get(network)?.input({ kind: "solicitation", source: IPV6_ANY });
  }
}

const SAY_AGAIN = seconds(1);
