import { type Ipv6, isLinkLocal6 } from "@passerelle/net";
import type { Netlink, Route, RouteSpec } from "@passerelle/netlink";
import {
  IFA_F_DADFAILED,
  IFA_F_TENTATIVE,
  type InterfaceAddress,
  RTPROT_PASSERELLE,
} from "@passerelle/netlink-codec";
import type { Clock, Logger } from "@passerelle/service";
import type { Instant } from "@passerelle/time";
import type { Address6, Network6, Route6 } from "../core/ipv6/network.ts";
import { WorkQueue } from "./work-queue.ts";

export interface Kernel6Options {
  readonly netlink: Netlink;
  readonly clock: Clock;
  readonly log: Logger;
  /** The link-local address that may be used; undefined: there is none, or not yet. */
  readonly linkLocal: (address: Ipv6 | undefined) => void;
  /** Somebody else on the link has it (RFC 4862 section 5.4.5). */
  readonly conflict: (address: Ipv6) => void;
}

/**
 * IPv6 of the line in the kernel. Every address and route ends by itself, should we not be there to end it; but not the
 * unreachable ones, for which Linux keeps no end: they lead nobody anywhere, and the next life takes them away.
 */
export class Kernel6 {
  readonly #options: Kernel6Options;
  readonly #queue: WorkQueue;
  #index: number | undefined;
  #linkLocal: Ipv6 | undefined;
  #subscription: { close(): void } | undefined;

  constructor(options: Kernel6Options) {
    this.#options = options;
    this.#queue = new WorkQueue(options.log);
  }

  start(): void {
    const subscribed = this.#options.netlink.subscribe({ addresses: true }, (event) => {
      if (event.kind === "resync") this.#look();
      else if (event.kind === "address") this.#event(event.address, event.deleted);
    });
    if (!subscribed.ok) throw new Error(`netlink events: ${subscribed.error.text}`);
    this.#subscription = subscribed.value;
  }

  /** What carries the line is this interface now; undefined: there is none. */
  attach(index: number | undefined): void {
    if (index === this.#index) return;
    this.#index = index;
    this.#tell(undefined);
    if (index !== undefined) this.#look();
  }

  /** @param keep others of ours stay for now */
  configure(network: Network6, keep = false): void {
    this.#queue.add(() => this.#configure(network, keep));
  }

  /** Leaves nothing of ours. */
  clear(): Promise<void> {
    this.#queue.add(() => this.#configure({ addresses: [], routes: [] }, false));
    return this.#queue.idle();
  }

  stop(): Promise<void> {
    this.#subscription?.close();
    this.#subscription = undefined;
    return this.#queue.idle();
  }

  #look(): void {
    this.#queue.add(async () => {
      const listed = await this.#options.netlink.addresses(6);
      if (!listed.ok) return;
      for (const one of listed.value) this.#event(one, false);
    });
  }

  #event(one: InterfaceAddress, deleted: boolean): void {
    const { address, flags } = one;
    if (one.interfaceIndex !== this.#index || typeof address !== "string") return;
    const hasFailed = (flags & IFA_F_DADFAILED) !== 0;
    if (!isLinkLocal6(address)) {
      if (hasFailed) this.#options.conflict(address);
      return;
    }
    const isUsable = !deleted && !hasFailed && (flags & IFA_F_TENTATIVE) === 0;
    if (isUsable) this.#tell(address);
    else if (address === this.#linkLocal) this.#tell(undefined);
  }

  #tell(address: Ipv6 | undefined): void {
    if (address === this.#linkLocal) return;
    this.#linkLocal = address;
    this.#options.linkLocal(address);
  }

  async #configure({ addresses, routes }: Network6, keep: boolean): Promise<void> {
    const index = this.#index;
    if (index === undefined) return;
    if (!keep) await this.#removeAddresses(index, addresses);
    for (const one of addresses) await this.#putAddress(index, one);
    const wanted = routes.map((one) => this.#routeOf(index, one));
    if (!keep) await this.#removeRoutes(index, wanted);
    for (const route of wanted) {
      const put = await this.#options.netlink.replaceRoute(route);
      if (!put.ok) this.#options.log.warn("wan_route6", { ...put.error });
    }
  }

  async #putAddress(interfaceIndex: number, one: Address6): Promise<void> {
    const { address, prefixLength, preferredUntil, validUntil } = one;
    const preferredSeconds = this.#secondsUntil(preferredUntil, 0);
    const validSeconds = this.#secondsUntil(validUntil, 1);
    const put = await this.#options.netlink.replaceAddress({
      ...{ interfaceIndex, address, prefixLength },
      ...(preferredSeconds === undefined ? {} : { preferredSeconds }),
      ...(validSeconds === undefined ? {} : { validSeconds }),
    });
    if (!put.ok) this.#options.log.warn("wan_address6", { address, ...put.error });
  }

  async #removeAddresses(index: number, wanted: readonly Address6[]): Promise<void> {
    const { netlink } = this.#options;
    const listed = await netlink.addresses(6);
    if (!listed.ok) return;
    for (const { interfaceIndex, address, prefixLength, protocol } of listed.value) {
      if (interfaceIndex !== index || typeof address !== "string" || isLinkLocal6(address))
        continue;
      // Before Linux 5.18 an address does not say whose it is; on the line they are ours.
      if (protocol !== undefined && protocol !== RTPROT_PASSERELLE) continue;
      if (wanted.some((one) => one.address === address && one.prefixLength === prefixLength)) {
        continue;
      }
      await netlink.removeAddress({ interfaceIndex, address, prefixLength });
    }
  }

  async #removeRoutes(index: number, wanted: readonly RouteSpec[]): Promise<void> {
    const { netlink } = this.#options;
    const listed = await netlink.routes({ family: 6 });
    if (!listed.ok) return;
    for (const route of listed.value) {
      if (!isOurs(route, index) || wanted.some((one) => isSamePlace(one, route))) continue;
      const { destination, gateway, metric, interfaceIndex } = route;
      await netlink.removeRoute({
        family: 6,
        ...(destination === undefined ? {} : { destination }),
        ...(gateway === undefined ? {} : { gateway }),
        ...(metric === undefined ? {} : { metric }),
        ...(isUnreachable(route) ? { type: "unreachable" } : {}),
        ...(interfaceIndex === undefined || isUnreachable(route) ? {} : { interfaceIndex }),
      });
    }
  }

  #routeOf(interfaceIndex: number, route: Route6): RouteSpec {
    const { destination, gateway, until, metric, unreachable } = route;
    const expiresSeconds = this.#secondsUntil(until, 1);
    return {
      ...{ family: 6, metric },
      ...(destination === undefined ? {} : { destination }),
      ...(gateway === undefined ? {} : { gateway }),
      ...(expiresSeconds === undefined ? {} : { expiresSeconds }),
      ...(unreachable === true ? { type: "unreachable" } : { interfaceIndex }),
    };
  }

  #secondsUntil(until: Instant | undefined, least: number): number | undefined {
    if (until === undefined) return undefined;
    return Math.max(least, Math.ceil((until - this.#options.clock.now()) / 1000));
  }
}

/** Of the line: `lan` has routes of the same protocol elsewhere. */
function isOurs(route: Route, index: number): boolean {
  if (route.protocol !== RTPROT_PASSERELLE) return false;
  return route.interfaceIndex === index || isUnreachable(route);
}

function isUnreachable({ type }: Route): boolean {
  return type === RTN_UNREACHABLE;
}

/** Where the kernel has one route at most. */
function isSamePlace(spec: RouteSpec, route: Route): boolean {
  return (
    spec.metric === route.metric &&
    spec.destination?.address === route.destination?.address &&
    spec.destination?.prefixLength === route.destination?.prefixLength
  );
}

const RTN_UNREACHABLE = 7;
