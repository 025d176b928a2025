import { contains6, type Ipv6, type Mac } from "@passerelle/net";
import { type AddressFact, factOfNeighbour } from "../../core/ipv6/names.ts";
import type { Subnet } from "../../core/ipv6/plan.ts";

/** Addresses that devices made of their hardware address, as the kernel's neighbour table tells them. */
export class NeighbourFacts {
  readonly #facts = new Map<Ipv6, AddressFact>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** It answers. What goes to sleep keeps its name. */
  seen(network: string, mac: Mac, address: Ipv6): void {
    const fact = factOfNeighbour(network, address, mac);
    const known = this.#facts.get(address);
    if (fact === undefined || (known?.network === network && known.mac === mac)) return;
    if (known === undefined && this.#facts.size >= FACTS_MAX) return;
    this.#facts.set(address, fact);
    this.#changed();
  }

  /** It does not answer. */
  lost(address: Ipv6): void {
    if (this.#facts.delete(address)) this.#changed();
  }

  /** Those of prefixes of today. */
  within(subnets: (network: string) => readonly Subnet[]): readonly AddressFact[] {
    return [...this.#facts.values()].filter(({ network, address }) =>
      subnets(network).some(({ prefix }) => contains6(prefix, address)),
    );
  }
}

/** A stranger may make up addresses, not fill our memory with them. */
const FACTS_MAX = 1024;
