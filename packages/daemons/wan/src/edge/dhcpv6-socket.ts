import { ALL_DHCP_RELAY_AGENTS_AND_SERVERS, CLIENT_PORT, SERVER_PORT } from "@passerelle/dhcpv6";
import type { Logger } from "@passerelle/service";
import type { DatagramSocket, Sockets } from "@passerelle/sockets";

export interface Dhcpv6SocketOptions {
  readonly sockets: Sockets;
  readonly interface: string;
  /** As of the client of IPv4. */
  readonly priority: number;
  readonly log: Logger;
  readonly received: (payload: Uint8Array) => void;
}

/** Port 546 of one interface. */
export class Dhcpv6Socket {
  readonly #options: Dhcpv6SocketOptions;
  #open: { readonly socket: DatagramSocket; readonly interfaceIndex: number } | undefined;

  constructor(options: Dhcpv6SocketOptions) {
    this.#options = options;
  }

  /** An interface that came anew needs a socket of its own. */
  attach(interfaceIndex: number): void {
    if (this.#open?.interfaceIndex === interfaceIndex) return;
    this.detach();
    const { sockets, priority, log, received } = this.#options;
    const opened = sockets.openDatagram({
      family: 6,
      port: CLIENT_PORT,
      device: this.#options.interface,
      reuseAddress: true,
      priority,
      tos: CONTROL_TRAFFIC_CLASS,
    });
    if (!opened.ok) {
      log.error("wan_dhcpv6_socket", { ...opened.error });
      return;
    }
    opened.value.onDatagram(({ bytes, truncated }) => {
      if (!truncated) received(bytes);
    });
    this.#open = { socket: opened.value, interfaceIndex };
  }

  send(payload: Uint8Array): void {
    if (this.#open === undefined) return;
    const { socket, interfaceIndex } = this.#open;
    const to = ALL_DHCP_RELAY_AGENTS_AND_SERVERS;
    const sent = socket.send(payload, to, SERVER_PORT, { interfaceIndex });
    // A line that went down this moment: the machine repeats by itself.
    if (!sent.ok) this.#options.log.debug("wan_dhcpv6_send", { code: sent.error.code });
  }

  detach(): void {
    this.#open?.socket.close();
    this.#open = undefined;
  }
}

/** DSCP CS6. */
const CONTROL_TRAFFIC_CLASS = 0xc0;
