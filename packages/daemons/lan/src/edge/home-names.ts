import type { Ipv4 } from "@passerelle/net";
import { cidrOfText, type LanConfig } from "../config.ts";
import type { Binding, Serving } from "../core/dhcp/index.ts";
import type { LocalHost } from "../core/dns/local-zone.ts";
import { NameTable } from "../core/name-table.ts";
import { GATEWAY_NAMES } from "../core/names.ts";
import { type Naming, namedAddresses, nameWishOf } from "../core/view.ts";
import type { DnsForwarder } from "./dns/forwarder.ts";

export interface HomeNamesOptions {
  readonly dns: Pick<DnsForwarder, "setLocalNames" | "changeLocalNames">;
  readonly config: () => LanConfig;
  /** What a person called the device that has the lease. */
  readonly givenName: (binding: Binding) => string | undefined;
}

/** Names of leases and reservations in the home's DNS. One lease changes one name, before its ACK leaves. */
export class HomeNames {
  readonly #options: HomeNamesOptions;
  readonly #table = new NameTable();
  readonly #naming: Naming;

  constructor(options: HomeNamesOptions) {
    this.#options = options;
    this.#naming = {
      isHome: (network) =>
        options.config().networks.some((one) => one.name === network && one.zone === "lan"),
      givenName: options.givenName,
    };
  }

  get names(): ReadonlyMap<Ipv4, string> {
    return this.#table.names;
  }

  /** After a start, another configuration or a new name given by a person: everything anew. */
  rebuild(state: Serving | undefined): void {
    this.#table.clear();
    if (state !== undefined) {
      for (const address of namedAddresses(state)) {
        this.#table.set(address, nameWishOf(state, address, this.#naming));
      }
    }
    const hosts = [...this.#table.names].map(([address, name]) => hostOf(name, address));
    this.#options.dns.setLocalNames({ hosts: [...this.#gateway(), ...hosts] });
  }

  /** Something about the lease of this address is different. */
  update(state: Serving, address: Ipv4): void {
    const changes = this.#table.set(address, nameWishOf(state, address, this.#naming));
    if (changes.length === 0) return;
    const gone = changes.flatMap(({ before }) => (before === undefined ? [] : [before]));
    const came = changes.flatMap(({ address: of, after }) =>
      after === undefined ? [] : [hostOf(after, of)],
    );
    this.#options.dns.changeLocalNames(gone, came);
  }

  /** The gateway under its own names in each network of the home; the first one answers for its addresses. */
  #gateway(): readonly LocalHost[] {
    const ipv4 = this.#options
      .config()
      .networks.filter((network) => network.zone === "lan")
      .map((network) => cidrOfText(network.address).address);
    return GATEWAY_NAMES.map((name) => ({ name, ipv4, ipv6: [] }));
  }
}

function hostOf(name: string, address: Ipv4): LocalHost {
  return { name, ipv4: [address], ipv6: [] };
}
