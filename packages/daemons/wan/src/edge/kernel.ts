import { contains4, formatIpv4, type Ipv4, type Mac } from "@passerelle/net";
import type { Netlink, RouteSpec } from "@passerelle/netlink";
import { RTPROT_PASSERELLE } from "@passerelle/netlink-codec";
import type { Clock, Logger } from "@passerelle/service";
import type { LinkStatus } from "../core/access.ts";
import type { Lease } from "../core/lease.ts";
import type { Vlan } from "../core/link.ts";
import { LinkWatch } from "./link-watch.ts";
import { raiseVlan, removeVlan } from "./vlan-device.ts";
import type { WorkQueue } from "./work-queue.ts";

export interface KernelOptions {
  readonly netlink: Netlink;
  readonly queue: WorkQueue;
  /** The interface of the cable. */
  readonly port: string;
  /** The VLAN on it; absent: addresses are on the port itself. */
  readonly vlan?: Vlan & { readonly name: string };
  readonly clock: Clock;
  readonly log: Logger;
  /** The port as it is now; undefined: there is none. Also called where nothing changed. */
  readonly link: (link: LinkStatus | undefined) => void;
  /** The VLAN likewise. */
  readonly device: (device: LinkStatus | undefined) => void;
  /** What addresses go on, whichever it is. */
  readonly carrier: (link: LinkStatus | undefined, index: number | undefined) => void;
  readonly vlanRefused: () => void;
  readonly configureFailed: (address: Ipv4) => void;
}

/** Address and routes of the line in the kernel, and the cable's word. Wishes are met one after the other. */
export class Kernel {
  readonly #options: KernelOptions;
  readonly #port: LinkWatch;
  /** Of what carries the addresses. */
  readonly #carrier: LinkWatch;
  readonly #queue: WorkQueue;

  constructor(options: KernelOptions) {
    this.#options = options;
    this.#queue = options.queue;
    const { netlink, port, vlan, link, device, carrier } = options;
    this.#port = new LinkWatch(netlink, port, (status, index) => {
      if (vlan === undefined) carrier(status, index);
      link(status);
    });
    this.#carrier =
      vlan === undefined
        ? this.#port
        : new LinkWatch(netlink, vlan.name, (status, index) => {
            carrier(status, index);
            device(status);
          });
  }

  /**
   * Subscribes, removes what an earlier life of ours left (unless it is taken over), and tells of the
   * interface for the first time.
   */
  async start(takesOver: boolean): Promise<void> {
    await this.#port.start();
    if (this.#carrier !== this.#port) await this.#carrier.start();
    if (!takesOver) await this.clear();
    if (this.#carrier !== this.#port) await this.#carrier.tell();
    await this.#port.tell();
  }

  /** True where that address is on the interface. */
  async has(address: Ipv4): Promise<boolean> {
    const index = (await this.#carrier.find())?.index;
    const listed = await this.#options.netlink.addresses(4);
    return (
      listed.ok && listed.value.some((a) => a.interfaceIndex === index && a.address === address)
    );
  }

  raise(mac: Mac | undefined): void {
    this.#queue.add(async () => {
      const { netlink, log } = this.#options;
      const link = await this.#port.find();
      if (link === undefined) return;
      // Most drivers take a new address only while the interface is down.
      const isWrong = mac !== undefined && link.mac !== mac;
      const changes = isWrong ? [{ up: false }, { mac }, { up: true }] : [{ up: true }];
      for (const change of changes) {
        const made = await netlink.setLink(link.index, change);
        if (!made.ok) log.warn("wan_raise", { code: made.error.code, text: made.error.text });
      }
    });
  }

  raiseVlan(): void {
    this.#queue.add(async () => {
      const { netlink, vlan, log } = this.#options;
      const lower = this.#port.index;
      if (vlan === undefined || lower === undefined) return;
      const raised = await raiseVlan(netlink, vlan.name, lower, vlan);
      if (raised.ok) return;
      const { code, text } = raised.error;
      log.error("wan_vlan", { name: vlan.name, code, text });
      this.#options.vlanRefused();
    });
  }

  configure(lease: Lease): void {
    this.#queue.add(async () => {
      const failure = await this.#configure(lease);
      if (failure === undefined) return;
      this.#options.log.error("wan_configure", { address: formatIpv4(lease.address), ...failure });
      this.#options.configureFailed(lease.address);
    });
  }

  unconfigure(address: Ipv4): void {
    this.#queue.add(() => this.#clear((other) => other === address));
  }

  /** Removes every address and route of ours. */
  clear(): Promise<void> {
    this.#queue.add(() => this.#clear(() => true));
    return this.#queue.idle();
  }

  /** Leaves nothing of the line; nobody watches it any more, who would make it again. */
  remove(): Promise<void> {
    const { netlink, vlan } = this.#options;
    if (vlan === undefined) return this.clear();
    this.#queue.add(() => removeVlan(netlink, vlan.name));
    return this.#queue.idle();
  }

  /** Calls back when every wish so far is met: a socket can then be bound to the new address. */
  afterwards(call: () => void): void {
    this.#queue.add(async () => {
      if (this.#port.isRunning) call();
    });
  }

  stop(): Promise<void> {
    this.#port.stop();
    this.#carrier.stop();
    return this.#queue.idle();
  }

  async #configure(lease: Lease): Promise<{ code: string; text: string } | undefined> {
    const { netlink, clock } = this.#options;
    const { index } = this.#carrier;
    if (index === undefined) return { code: "ENODEV", text: "no such interface" };
    await this.#removeAddresses(index, (other) => other !== lease.address);
    // The kernel itself ends the address with the lease, should we not be there to do it.
    const left =
      lease.expiresAt === undefined
        ? undefined
        : Math.max(1, Math.ceil((lease.expiresAt - clock.now()) / 1000));
    const added = await netlink.replaceAddress({
      interfaceIndex: index,
      address: lease.address,
      prefixLength: lease.prefixLength,
      ...(left === undefined ? {} : { validSeconds: left, preferredSeconds: left }),
    });
    if (!added.ok) return added.error;
    const wanted = routesOf(lease, index);
    await this.#removeRoutes(index, wanted);
    for (const route of wanted) {
      const put = await netlink.replaceRoute(route);
      if (!put.ok && route.destination === undefined) return put.error;
      // One odd route of an operator is not worth the line.
      if (!put.ok) this.#options.log.warn("wan_route", { code: put.error.code });
    }
    return undefined;
  }

  async #clear(isOld: (address: Ipv4) => boolean): Promise<void> {
    const { index } = this.#carrier;
    if (index === undefined) return;
    await this.#removeRoutes(index, []);
    await this.#removeAddresses(index, isOld);
  }

  /** Ours are the addresses that end: what a person put there by hand does not. */
  async #removeAddresses(index: number, isOld: (address: Ipv4) => boolean): Promise<void> {
    const { netlink } = this.#options;
    const listed = await netlink.addresses(4);
    if (!listed.ok) return;
    for (const one of listed.value) {
      const { address } = one;
      if (one.interfaceIndex !== index || typeof address !== "number") continue;
      if (one.validSeconds === undefined || !isOld(address)) continue;
      await netlink.removeAddress({
        interfaceIndex: index,
        address,
        prefixLength: one.prefixLength,
      });
    }
  }

  async #removeRoutes(index: number, wanted: readonly RouteSpec[]): Promise<void> {
    const { netlink } = this.#options;
    const listed = await netlink.routes({ family: 4 });
    if (!listed.ok) return;
    for (const route of listed.value) {
      if (route.interfaceIndex !== index || route.protocol !== RTPROT_PASSERELLE) continue;
      if (wanted.some((one) => sameDestination(one, route))) continue;
      await netlink.removeRoute({
        family: 4,
        interfaceIndex: index,
        ...(route.destination === undefined ? {} : { destination: route.destination }),
        ...(route.gateway === undefined ? {} : { gateway: route.gateway }),
      });
    }
  }
}

/** The default route and those of RFC 3442; a gateway outside the network is on the link (as with a /32). */
function routesOf(lease: Lease, interfaceIndex: number): readonly RouteSpec[] {
  const common = { family: 4, interfaceIndex, preferredSource: lease.address } as const;
  const via = (gateway: Ipv4 | undefined) =>
    gateway === undefined
      ? {}
      : { gateway, ...(contains4(lease, gateway) ? {} : { onLink: true }) };
  // On-link routes first: a gateway may lie in one of them.
  const others = [...lease.routes].sort(
    (a, b) => Number(a.gateway !== undefined) - Number(b.gateway !== undefined),
  );
  const routes: RouteSpec[] = others.map(({ destination, gateway }) =>
    destination.prefixLength === 0
      ? { ...common, ...via(gateway) }
      : { ...common, destination, ...via(gateway) },
  );
  return lease.gateway === undefined ? routes : [...routes, { ...common, ...via(lease.gateway) }];
}

function sameDestination(
  a: Pick<RouteSpec, "destination">,
  b: Pick<RouteSpec, "destination">,
): boolean {
  return (
    a.destination?.address === b.destination?.address &&
    a.destination?.prefixLength === b.destination?.prefixLength
  );
}
