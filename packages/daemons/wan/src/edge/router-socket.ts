import {
  encodeNdp,
  NDP_HOP_LIMIT,
  NDP_TYPE,
  type NdpEnvelope,
  sourceLinkLayerAddressOption,
} from "@passerelle/ndp";
import { ALL_ROUTERS, type Mac } from "@passerelle/net";
import type { Logger } from "@passerelle/service";
import type { IcmpSocket, Sockets } from "@passerelle/sockets";

export interface RouterSocketOptions {
  readonly sockets: Sockets;
  readonly interface: string;
  readonly priority: number;
  readonly log: Logger;
  readonly received: (payload: Uint8Array, envelope: NdpEnvelope) => void;
}

/** Hears router advertisements on one interface, and asks for them. */
export class RouterSocket {
  readonly #options: RouterSocketOptions;
  #open: { readonly socket: IcmpSocket; readonly interfaceIndex: number } | undefined;
  #mac: Mac | undefined;

  constructor(options: RouterSocketOptions) {
    this.#options = options;
  }

  /** @param mac absent: the link has no such addresses */
  attach(interfaceIndex: number, mac: Mac | undefined): void {
    this.#mac = mac;
    if (this.#open?.interfaceIndex === interfaceIndex) return;
    this.detach();
    const { sockets, priority, log, received } = this.#options;
    const opened = sockets.openIcmp({
      family: 6,
      device: this.#options.interface,
      types: [NDP_TYPE.router_advertisement],
      priority,
      trafficClass: CONTROL_TRAFFIC_CLASS,
    });
    if (!opened.ok) {
      log.error("wan_router_socket", { ...opened.error });
      return;
    }
    opened.value.onMessage(({ bytes, source, destination, ttl }) => {
      if (typeof source !== "string" || typeof destination !== "string") return;
      received(bytes, { source, destination, hopLimit: ttl });
    });
    this.#open = { socket: opened.value, interfaceIndex };
  }

  solicit(): void {
    if (this.#open === undefined) return;
    const { socket, interfaceIndex } = this.#open;
    const options = this.#mac === undefined ? [] : [sourceLinkLayerAddressOption(this.#mac)];
    const message = encodeNdp({ kind: "router_solicitation", reserved: 0, options });
    const sent = socket.send(message, ALL_ROUTERS, { ttl: NDP_HOP_LIMIT, interfaceIndex });
    if (!sent.ok) this.#options.log.debug("wan_solicit", { code: sent.error.code });
  }

  detach(): void {
    this.#open?.socket.close();
    this.#open = undefined;
  }
}

/** DSCP CS6. */
const CONTROL_TRAFFIC_CLASS = 0xc0;
