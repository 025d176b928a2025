import type { Cidr4 } from "@passerelle/net";
import type { Netlink } from "@passerelle/netlink";
import type { InterfaceAddress } from "@passerelle/netlink-codec";
import type { Logger } from "@passerelle/service";
import { isTaken, type ModemObstacle, type ModemWay, obstacleTo } from "../core/dsl/way.ts";

export interface ModemWaysOptions {
  readonly netlink: Netlink;
  readonly log: Logger;
}

/**
 * Keeps our address in the modem's network on the port, and says what stands between us and the modem. Looked at before
 * each question: an interface that came anew, or a network of the home that changed, is seen by the next one.
 */
export class ModemWays {
  readonly #netlink: Netlink;
  readonly #log: Logger;
  /** One after the other: what an earlier modem was putting is there when it is cleared. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ netlink, log }: ModemWaysOptions) {
    this.#netlink = netlink;
    this.#log = log;
  }

  /** @returns what is in the way; undefined: the modem may be asked */
  open(port: string, way: ModemWay): Promise<ModemObstacle | undefined> {
    return this.#inTurn(() => this.#open(port, way));
  }

  /** Takes away what an earlier modem needed. */
  clear(): Promise<void> {
    return this.#inTurn(async () =>
      this.#removeOthers((await this.#addresses()) ?? [], () => false),
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #open(port: string, way: ModemWay): Promise<ModemObstacle | undefined> {
    const index = await this.#indexOf(port);
    const addresses = await this.#addresses();
    // Who does not see the networks of the home puts nothing beside them, and asks nobody.
    if (addresses === undefined) return "not_at_home";
    await this.#put(way, index, addresses);
    const routes = await this.#netlink.routes({ family: 4 });
    return obstacleTo(way, { port: index, addresses, routes: routes.ok ? routes.value : [] });
  }

  async #put(
    way: ModemWay,
    index: number | undefined,
    addresses: readonly InterfaceAddress[],
  ): Promise<void> {
    const { from } = way;
    const isFree = from !== undefined && !isTaken(way, { port: index, addresses, routes: [] });
    const isWanted = (one: InterfaceAddress): boolean =>
      isFree && one.interfaceIndex === index && isSame(one, from);
    await this.#removeOthers(addresses, isWanted);
    if (!isFree || index === undefined || addresses.some(isWanted)) return;
    const spec = { interfaceIndex: index, ...from, protocol: PROTOCOL_MODEM };
    const put = await this.#netlink.replaceAddress(spec);
    if (!put.ok) this.#log.warn("wan_modem_address", { ...put.error });
  }

  async #removeOthers(
    addresses: readonly InterfaceAddress[],
    isWanted: (one: InterfaceAddress) => boolean,
  ): Promise<void> {
    for (const one of addresses) {
      if (one.protocol !== PROTOCOL_MODEM || isWanted(one)) continue;
      const { interfaceIndex, address, prefixLength } = one;
      await this.#netlink.removeAddress({ interfaceIndex, address, prefixLength });
    }
  }

  async #indexOf(port: string): Promise<number | undefined> {
    const links = await this.#netlink.links();
    return links.ok ? links.value.find(({ name }) => name === port)?.index : undefined;
  }

  async #addresses(): Promise<readonly InterfaceAddress[] | undefined> {
    const listed = await this.#netlink.addresses(4);
    return listed.ok ? listed.value : undefined;
  }
}

function isSame(one: InterfaceAddress, from: Cidr4): boolean {
  return one.address === from.address && one.prefixLength === from.prefixLength;
}

/** By which we know addresses of this kind again after a restart; a kernel before 5.18 forgets it. */
const PROTOCOL_MODEM = 81;
