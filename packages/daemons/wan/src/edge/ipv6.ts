import type { Mac } from "@passerelle/net";
import type { Netlink } from "@passerelle/netlink";
import type { Clock, Logger } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import type { Lease6 } from "../core/dhcpv6/lease.ts";
import type { Ipv6Effect, Ipv6Input } from "../core/ipv6/step.ts";
import type { StoredLease6 } from "../schema.ts";
import { Dhcpv6Socket } from "./dhcpv6-socket.ts";
import { Kernel6 } from "./kernel6.ts";
import type { LeaseFile } from "./lease-file.ts";
import { RouterSocket } from "./router-socket.ts";

export interface Ipv6EdgeOptions {
  readonly sockets: Sockets;
  readonly netlink: Netlink;
  readonly interface: string;
  readonly priority: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly leaseFile: LeaseFile<StoredLease6, Lease6>;
  readonly input: (input: Ipv6Input) => void;
}

/** Everything outside that IPv6 of one line touches: two sockets, the kernel, a file. */
export class Ipv6Edge {
  readonly #leaseFile: LeaseFile<StoredLease6, Lease6>;
  readonly #dhcpv6: Dhcpv6Socket;
  readonly #routers: RouterSocket;
  readonly #kernel: Kernel6;

  constructor(options: Ipv6EdgeOptions) {
    const { input } = options;
    this.#leaseFile = options.leaseFile;
    this.#dhcpv6 = new Dhcpv6Socket({
      ...options,
      received: (payload) => input({ kind: "dhcpv6", payload }),
    });
    this.#routers = new RouterSocket({
      ...options,
      received: (payload, envelope) => input({ kind: "ndp", payload, envelope }),
    });
    this.#kernel = new Kernel6({
      ...options,
      linkLocal: (address) =>
        input({ kind: "link_local", ...(address === undefined ? {} : { address }) }),
      conflict: (address) => input({ kind: "address6_conflict", address }),
    });
  }

  start(): void {
    this.#kernel.start();
  }

  /** What carries IPv6; undefined: there is nothing. A session of PPP has no MAC. */
  attach(carrier: { readonly index: number; readonly mac?: Mac } | undefined): void {
    if (carrier === undefined) this.#detach();
    else {
      this.#dhcpv6.attach(carrier.index);
      this.#routers.attach(carrier.index, carrier.mac);
    }
    this.#kernel.attach(carrier?.index);
  }

  run(effect: Ipv6Effect): void {
    switch (effect.kind) {
      case "solicit_routers":
        this.#routers.solicit();
        break;
      case "send_dhcpv6":
        this.#dhcpv6.send(effect.payload);
        break;
      case "configure6":
        this.#kernel.configure(effect.network, effect.keep);
        break;
      case "store_lease6":
        this.#leaseFile.store(effect.lease);
        break;
      case "forget_lease6":
        this.#leaseFile.forget();
        break;
    }
  }

  stop(): Promise<void> {
    this.#detach();
    return this.#kernel.stop();
  }

  /** After `stop`: another line comes. */
  clear(): Promise<void> {
    return this.#kernel.clear();
  }

  #detach(): void {
    this.#dhcpv6.detach();
    this.#routers.detach();
  }
}
