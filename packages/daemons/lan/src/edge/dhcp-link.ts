import {
  CLIENT_PORT,
  type Dhcpv4Message,
  decodeDhcpv4,
  encodeDhcpv4Within,
  SERVER_PORT,
  serverIdOf,
} from "@passerelle/dhcpv4";
import {
  arpProbe,
  decodeArp,
  decodeEthernet,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  encodeArp,
  encodeEthernet,
  encodeUdpPacket,
} from "@passerelle/ether";
import { IPV4_BROADCAST, type Ipv4, MAC_BROADCAST, type Mac } from "@passerelle/net";
import { ok, type Result } from "@passerelle/result";
import type { Clock } from "@passerelle/service";
import {
  arpFilter,
  type DatagramSocket,
  type PacketSocket,
  type SocketError,
  type Sockets,
} from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import type { DhcpEffect, DhcpInput } from "../core/dhcp/index.ts";

export interface DhcpLinkOptions {
  readonly sockets: Sockets;
  readonly clock: Clock;
  readonly network: string;
  /** The bridge, and its MAC. */
  readonly device: string;
  readonly mac: Mac;
  /** Our address: source of every reply that names no other. */
  readonly server: Ipv4;
  readonly input: (input: DhcpInput) => void;
}

/** The DHCP server's two hands on one bridge: UDP port 67, and raw frames for clients without an address. */
export interface DhcpLink {
  send(effect: DhcpEffect & { readonly kind: "send" }): void;
  probe(address: Ipv4): void;
  readonly counters: DhcpLinkCounters;
  close(): void;
}

export interface DhcpLinkCounters {
  received: number;
  /** Not DHCP, or broken. */
  undecodable: number;
  sent: number;
  sendFailed: number;
}

export function openDhcpLink(options: DhcpLinkOptions): Result<DhcpLink, SocketError> {
  const { sockets, device } = options;
  const datagram = sockets.openDatagram({
    family: 4,
    port: SERVER_PORT,
    device,
    broadcast: true,
    reuseAddress: true,
    receiveBufferBytes: RECEIVE_BUFFER_BYTES,
  });
  if (!datagram.ok) return datagram;
  // Only sends: nobody speaks this EtherType, so that no frame ever wakes us.
  const raw = sockets.openPacket({ interface: device, etherType: ETHERTYPE_EXPERIMENTAL });
  if (!raw.ok) {
    datagram.value.close();
    return raw;
  }
  return ok(new LinuxDhcpLink(options, datagram.value, raw.value));
}

class LinuxDhcpLink implements DhcpLink {
  readonly counters: DhcpLinkCounters = { received: 0, undecodable: 0, sent: 0, sendFailed: 0 };
  readonly #options: DhcpLinkOptions;
  readonly #datagram: DatagramSocket;
  readonly #raw: PacketSocket;
  #arp: PacketSocket | undefined;
  #arpOver: { cancel(): void } | undefined;

  constructor(options: DhcpLinkOptions, datagram: DatagramSocket, raw: PacketSocket) {
    this.#options = options;
    this.#datagram = datagram;
    this.#raw = raw;
    datagram.onDatagram(({ bytes, truncated }) => {
      this.counters.received += 1;
      const decoded = truncated ? undefined : decodeDhcpv4(bytes);
      if (decoded?.ok !== true) this.counters.undecodable += 1;
      else {
        const { network, input } = options;
        input({ kind: "message", network, message: decoded.value });
      }
    });
  }

  send(effect: DhcpEffect & { readonly kind: "send" }): void {
    const { bytes } = encodeDhcpv4Within(effect.message, effect.lengthMax);
    const sent = this.#sendTo(effect, bytes);
    if (sent.ok) this.counters.sent += 1;
    else this.counters.sendFailed += 1;
  }

  #sendTo(
    { to, message }: DhcpEffect & { readonly kind: "send" },
    bytes: Uint8Array,
  ): Result<void, SocketError> {
    const source = this.#sourceOf(message);
    switch (to.kind) {
      case "relay":
        return this.#datagram.send(bytes, to.address, SERVER_PORT, source);
      case "client":
        return this.#datagram.send(bytes, to.address, CLIENT_PORT, source);
      case "broadcast":
        return this.#sendFrame(source, MAC_BROADCAST, IPV4_BROADCAST, bytes);
      case "hardware":
        return this.#sendFrame(source, to.mac, to.address, bytes);
    }
  }

  /** The server that the message names: a refusal to who has a lease of before comes from our address of before. */
  #sourceOf(message: Dhcpv4Message): Source {
    return { sourceAddress: serverIdOf(message) ?? this.#options.server };
  }

  /** By frame, so that neither routes nor the ARP table of a bridge that is just coming up have a say. */
  #sendFrame(
    { sourceAddress }: Source,
    mac: Mac,
    address: Ipv4,
    bytes: Uint8Array,
  ): Result<void, SocketError> {
    const payload = encodeUdpPacket({
      source: sourceAddress,
      destination: address,
      sourcePort: SERVER_PORT,
      destinationPort: CLIENT_PORT,
      payload: bytes,
    });
    const source = this.#options.mac;
    return this.#raw.send(
      encodeEthernet({ destination: mac, source, etherType: ETHERTYPE_IPV4, payload }),
    );
  }

  /** The socket that hears ARP is open only while somebody waits for an answer: ARP storms cost us nothing. */
  probe(address: Ipv4): void {
    const { sockets, device, clock, mac } = this.#options;
    if (this.#arp === undefined) {
      const opened = sockets.openPacket({
        interface: device,
        etherType: ETHERTYPE_ARP,
        filter: arpFilter(),
      });
      if (!opened.ok) return;
      this.#arp = opened.value;
      this.#arp.onFrame((frame) => this.#onArp(frame.bytes, frame.vlanTag));
    }
    const payload = encodeArp(arpProbe(mac, address));
    this.#arp.send(
      encodeEthernet({
        destination: MAC_BROADCAST,
        source: mac,
        etherType: ETHERTYPE_ARP,
        payload,
      }),
    );
    this.#arpOver?.cancel();
    this.#arpOver = clock.later(ARP_LISTEN, () => this.#closeArp());
  }

  #onArp(bytes: Uint8Array, vlanTag: number | undefined): void {
    const frame = decodeEthernet(bytes, vlanTag);
    if (!frame.ok || frame.value.etherType !== ETHERTYPE_ARP) return;
    const packet = decodeArp(frame.value.payload);
    // A sender address is a claim (RFC 5227 section 2.1.1); our own probes have none.
    if (!packet.ok || packet.value.spa === 0) return;
    const { network, input, mac } = this.#options;
    if (packet.value.sha === mac) return;
    input({ kind: "arp_seen", network, address: packet.value.spa, mac: packet.value.sha });
  }

  #closeArp(): void {
    this.#arpOver?.cancel();
    this.#arpOver = undefined;
    this.#arp?.close();
    this.#arp = undefined;
  }

  close(): void {
    this.#closeArp();
    this.#raw.close();
    this.#datagram.close();
  }
}

interface Source {
  readonly sourceAddress: Ipv4;
}

/** IEEE 802 "local experimental EtherType 1". */
const ETHERTYPE_EXPERIMENTAL = 0x88b5;
const ARP_LISTEN = seconds(1);
/** Room for a house that comes back all at once after a power cut. */
const RECEIVE_BUFFER_BYTES = 1 << 20;
