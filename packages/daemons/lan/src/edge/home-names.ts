import type { Ipv4, Ipv6, Mac } from "@passerelle/net";
import { cidrOfText, type LanConfig } from "../config.ts";
import type { Binding, Serving } from "../core/dhcp/index.ts";
import type { LocalHost } from "../core/dns/local-zone.ts";
import { type AddressFact, namedAddresses as namedAddresses6 } from "../core/ipv6/names.ts";
import { NameTable } from "../core/name-table.ts";
import { GATEWAY_NAMES } from "../core/names.ts";
import { type Naming, namedAddresses, nameWishOf } from "../core/view.ts";
import type { DnsForwarder } from "./dns/forwarder.ts";

export interface HomeNamesOptions {
  readonly dns: Pick<DnsForwarder, "setLocalNames" | "changeLocalNames">;
  readonly config: () => LanConfig;
  /** What a person called the device that has the lease. */
  readonly givenName: (binding: Binding) => string | undefined;
  /** What is known of the devices' IPv6 addresses. */
  readonly facts: () => readonly AddressFact[];
  /** The gateway's own IPv6 addresses in a network, the one that stays first. */
  readonly ownAddresses: (network: string) => readonly Ipv6[];
}

/** Names of leases and reservations in the home's DNS. One lease changes one name, before its ACK leaves. */
export class HomeNames {
  readonly #options: HomeNamesOptions;
  readonly #table = new NameTable();
  readonly #naming: Naming;
  /** By label. */
  #ipv6: ReadonlyMap<string, readonly Ipv6[]> = new Map();

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
    this.#ipv6 = this.#choose(state);
    const labels = new Set([...this.#table.names.values(), ...this.#ipv6.keys()]);
    const hosts = [...labels].flatMap((label) => this.#hostOf(label));
    this.#options.dns.setLocalNames({ hosts: [...this.#gateway(), ...hosts] });
  }

  /** Something about the lease of this address is different. */
  update(state: Serving, address: Ipv4): void {
    const changes = this.#table.set(address, nameWishOf(state, address, this.#naming));
    if (changes.length === 0) return;
    const labels = changes.flatMap(({ before, after }) => [before, after]);
    this.#renew(state, labels);
  }

  /** Something about the devices' IPv6 addresses is different. */
  updateIpv6(state: Serving | undefined): void {
    this.#renew(state, []);
  }

  /** Says these names anew, and those whose IPv6 addresses are others now. */
  #renew(state: Serving | undefined, changed: readonly (string | undefined)[]): void {
    const before = this.#ipv6;
    const after = this.#choose(state);
    this.#ipv6 = after;
    const labels = new Set(changed.filter((label) => label !== undefined));
    for (const label of [...before.keys(), ...after.keys()]) {
      if (`${before.get(label)}` !== `${after.get(label)}`) labels.add(label);
    }
    if (labels.size === 0) return;
    const came = [...labels].flatMap((label) => this.#hostOf(label));
    this.#options.dns.changeLocalNames([...labels], came);
  }

  #choose(state: Serving | undefined): ReadonlyMap<string, readonly Ipv6[]> {
    const chosen = new Map<string, Ipv6[]>();
    const facts = this.#options.facts().filter(({ network }) => this.#naming.isHome(network));
    // Most leases are given to a home that has no IPv6: they shall cost nothing.
    if (facts.length === 0) return chosen;
    const ofMac = new Map<string, string>();
    for (const { network, client, address } of state?.bindings.values() ?? []) {
      const name = this.#table.names.get(address);
      if (name !== undefined) ofMac.set(`${network} ${client.mac}`, name);
    }
    const known = {
      ofMac: (network: string, mac: Mac) => ofMac.get(`${network} ${mac}`),
      isTaken: (label: string) => this.#table.addressOf(label) !== undefined,
    };
    for (const { address, label } of namedAddresses6(facts, known)) {
      const others = chosen.get(label);
      if (others === undefined) chosen.set(label, [address]);
      else others.push(address);
    }
    return chosen;
  }

  #hostOf(name: string): readonly LocalHost[] {
    const address = this.#table.addressOf(name);
    const ipv4 = address === undefined ? [] : [address];
    const ipv6 = this.#ipv6.get(name) ?? [];
    return ipv4.length === 0 && ipv6.length === 0 ? [] : [{ name, ipv4, ipv6 }];
  }

  /** The gateway under its own names in each network of the home; the first one answers for its addresses. */
  #gateway(): readonly LocalHost[] {
    const home = this.#options.config().networks.filter((network) => network.zone === "lan");
    const ipv4 = home.map((network) => cidrOfText(network.address).address);
    const ipv6 = home.flatMap((network) => this.#options.ownAddresses(network.name));
    return GATEWAY_NAMES.map((name) => ({ name, ipv4, ipv6 }));
  }
}
