import {
  ALL_DHCP_RELAY_AGENTS_AND_SERVERS,
  CLIENT_PORT,
  decodeDhcpv6,
  encodeDhcpv6,
  SERVER_PORT,
} from "@passerelle/dhcpv6";
import { ok, type Result } from "@passerelle/result";
import type { DatagramSocket, SocketError, Sockets } from "@passerelle/sockets";
import type { Dhcpv6Effect, Dhcpv6Input } from "../../core/ipv6/dhcpv6/index.ts";

export interface Dhcpv6LinkOptions {
  readonly sockets: Sockets;
  readonly network: string;
  /** The bridge: its name and its index. */
  readonly device: string;
  readonly index: number;
  readonly input: (input: Dhcpv6Input) => void;
}

/** The DHCPv6 server's ear and mouth on one bridge. */
export interface Dhcpv6Link {
  send(effect: Dhcpv6Effect & { readonly kind: "send" }): void;
  readonly counters: Dhcpv6LinkCounters;
  close(): void;
}

export interface Dhcpv6LinkCounters {
  received: number;
  /** Not a client's message, or broken; a relay agent's, too: the home has none. */
  undecodable: number;
  sent: number;
  sendFailed: number;
}

export function openDhcpv6Link(options: Dhcpv6LinkOptions): Result<Dhcpv6Link, SocketError> {
  const { sockets, device, index } = options;
  const opened = sockets.openDatagram({
    family: 6,
    port: SERVER_PORT,
    device,
    reuseAddress: true,
    receiveBufferBytes: RECEIVE_BUFFER_BYTES,
  });
  if (!opened.ok) return opened;
  const joined = opened.value.joinGroup(ALL_DHCP_RELAY_AGENTS_AND_SERVERS, index);
  if (!joined.ok) {
    opened.value.close();
    return joined;
  }
  return ok(new UdpDhcpv6Link(options, opened.value));
}

class UdpDhcpv6Link implements Dhcpv6Link {
  readonly counters: Dhcpv6LinkCounters = { received: 0, undecodable: 0, sent: 0, sendFailed: 0 };
  readonly #index: number;
  readonly #socket: DatagramSocket;

  constructor({ network, index, input }: Dhcpv6LinkOptions, socket: DatagramSocket) {
    this.#index = index;
    this.#socket = socket;
    socket.onDatagram(({ bytes, truncated, source }) => {
      this.counters.received += 1;
      const decoded = truncated ? undefined : decodeDhcpv6(bytes);
      if (decoded?.ok !== true || typeof source !== "string") this.counters.undecodable += 1;
      else input({ kind: "message", network, source, message: decoded.value });
    });
  }

  send({ to, message }: Dhcpv6Effect & { readonly kind: "send" }): void {
    const interfaceIndex = this.#index;
    const sent = this.#socket.send(encodeDhcpv6(message), to, CLIENT_PORT, { interfaceIndex });
    if (sent.ok) this.counters.sent += 1;
    else this.counters.sendFailed += 1;
  }

  close(): void {
    this.#socket.close();
  }
}

/** Room for a house that comes back all at once after a power cut. */
const RECEIVE_BUFFER_BYTES = 1 << 20;
