import {
  arpAnnouncement,
  arpConflicts,
  arpProbe,
  decodeArp,
  decodeEthernet,
  decodeUdpPacket,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  encodeArp,
  encodeEthernet,
  encodeUdpPacket,
} from "@passerelle/ether";
import { IPV4_BROADCAST, type Ipv4, MAC_BROADCAST, type Mac } from "@passerelle/net";
import type { Clock, Logger } from "@passerelle/service";
import {
  arpFilter,
  type DatagramSocket,
  type PacketSocket,
  type Sockets,
  udpPortFilter,
} from "@passerelle/sockets";
import { seconds } from "@passerelle/time";

export interface DhcpSocketOptions {
  readonly sockets: Sockets;
  readonly interface: string;
  /** Of the line's own traffic (SO_PRIORITY): what the operator's priority bits are made from. */
  readonly priority: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly received: (payload: Uint8Array) => void;
  readonly conflict: (address: Ipv4) => void;
}

/**
 * The sockets of the client on one interface. Everything to port 68 is heard by the packet socket, before
 * and after there is an address; the UDP socket only sends renewals and keeps the kernel from answering
 * "port unreachable". Control traffic has a priority of its own and CS6: Orange drops DHCP without it (operators.md 3.1).
 */
export class DhcpSocket {
  readonly #options: DhcpSocketOptions;
  #packet: PacketSocket | undefined;
  #arp: { readonly socket: PacketSocket; readonly end: { cancel(): void } } | undefined;
  #udp: { readonly socket: DatagramSocket; readonly address: Ipv4 } | undefined;
  #mac: Mac | undefined;

  constructor(options: DhcpSocketOptions) {
    this.#options = options;
  }

  /** The interface is there, with this MAC. An interface that came anew needs a socket of its own. */
  attach(interfaceIndex: number, mac: Mac): void {
    this.#mac = mac;
    if (this.#packet?.interfaceIndex === interfaceIndex) return;
    this.detach();
    const { sockets, log, priority } = this.#options;
    const opened = sockets.openPacket({
      interface: this.#options.interface,
      etherType: ETHERTYPE_IPV4,
      filter: udpPortFilter(CLIENT_PORT),
      priority,
    });
    if (!opened.ok) {
      log.error("wan_packet_socket", { code: opened.error.code, text: opened.error.text });
      return;
    }
    this.#packet = opened.value;
    this.#packet.onFrame((frame) => {
      if (frame.truncated) return;
      const ethernet = decodeEthernet(frame.bytes, frame.vlanTag);
      if (!ethernet.ok) return;
      const packet = decodeUdpPacket(ethernet.value.payload, frame.checksumReady);
      if (packet.ok && packet.value.destinationPort === CLIENT_PORT) {
        this.#options.received(packet.value.payload);
      }
    });
  }

  broadcast(payload: Uint8Array, from: Ipv4): void {
    const packet = encodeUdpPacket({
      source: from,
      destination: IPV4_BROADCAST,
      sourcePort: CLIENT_PORT,
      destinationPort: SERVER_PORT,
      payload,
      trafficClass: CONTROL_TOS,
    });
    this.#send(this.#packet, ETHERTYPE_IPV4, packet);
  }

  unicast(payload: Uint8Array, from: Ipv4, to: Ipv4): void {
    this.bind(from);
    const sent = this.#udp?.socket.send(payload, to, SERVER_PORT);
    if (sent?.ok === false) this.#options.log.warn("wan_renew_send", { code: sent.error.code });
  }

  /** Opens the UDP socket on the leased address. */
  bind(address: Ipv4): void {
    if (this.#udp?.address === address) return;
    this.release();
    const opened = this.#options.sockets.openDatagram({
      family: 4,
      address,
      port: CLIENT_PORT,
      device: this.#options.interface,
      reuseAddress: true,
      priority: this.#options.priority,
      tos: CONTROL_TOS,
    });
    if (!opened.ok) {
      this.#options.log.warn("wan_udp_socket", { code: opened.error.code });
      return;
    }
    // Read and thrown away: the packet socket has heard it already.
    opened.value.onDatagram(() => undefined);
    this.#udp = { socket: opened.value, address };
  }

  /** RFC 5227 section 2.3: who still knows another MAC for our address learns the right one. */
  announce(address: Ipv4): void {
    if (this.#mac === undefined) return;
    this.#send(this.#packet, ETHERTYPE_ARP, encodeArp(arpAnnouncement(this.#mac, address)));
  }

  release(): void {
    this.#udp?.socket.close();
    this.#udp = undefined;
  }

  /** Asks who has `address` and listens for two seconds. */
  probe(address: Ipv4): void {
    const mac = this.#mac;
    if (mac === undefined) return;
    this.#listenArp(mac, address);
    this.#send(this.#arp?.socket, ETHERTYPE_ARP, encodeArp(arpProbe(mac, address)));
  }

  detach(): void {
    this.release();
    this.#closeArp();
    this.#packet?.close();
    this.#packet = undefined;
  }

  #listenArp(mac: Mac, address: Ipv4): void {
    this.#closeArp();
    const opened = this.#options.sockets.openPacket({
      interface: this.#options.interface,
      etherType: ETHERTYPE_ARP,
      filter: arpFilter(),
      priority: this.#options.priority,
    });
    if (!opened.ok) return;
    const end = this.#options.clock.later(ARP_LISTEN, () => this.#closeArp());
    this.#arp = { socket: opened.value, end };
    opened.value.onFrame((frame) => {
      const ethernet = decodeEthernet(frame.bytes, frame.vlanTag);
      if (!ethernet.ok) return;
      const arp = decodeArp(ethernet.value.payload);
      if (arp.ok && arpConflicts(arp.value, mac, address)) this.#options.conflict(address);
    });
  }

  #closeArp(): void {
    this.#arp?.end.cancel();
    this.#arp?.socket.close();
    this.#arp = undefined;
  }

  #send(socket: PacketSocket | undefined, etherType: number, payload: Uint8Array): void {
    if (socket === undefined || this.#mac === undefined) return;
    const frame = encodeEthernet({
      destination: MAC_BROADCAST,
      source: this.#mac,
      etherType,
      payload,
    });
    let sent = socket.send(frame);
    // A packet socket keeps the error of the time when the interface was down and gives it to the next
    // call, whatever the interface is by now (packet(7), ENETDOWN).
    if (!sent.ok && sent.error.code === "ENETDOWN") sent = socket.send(frame);
    // A line that went down this moment: the machine repeats by itself.
    if (!sent.ok) this.#options.log.debug("wan_send", { code: sent.error.code });
  }
}

const CLIENT_PORT = 68;
const SERVER_PORT = 67;
/** DSCP CS6. */
const CONTROL_TOS = 0xc0;
const ARP_LISTEN = seconds(2);
