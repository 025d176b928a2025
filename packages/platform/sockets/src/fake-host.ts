import {
  ALL_NODES,
  IPV4_ANY,
  IPV6_ANY,
  type Ipv4,
  type Ipv6,
  MAC_ZERO,
  type Mac,
  solicitedNodeOf,
} from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import type { FakeInterface, FakeWire } from "./fake.ts";
import { familyOf, isAny, isGroup, isLinkLocal, sourceFor } from "./fake-address.ts";
import { FakeDatagramSocket } from "./fake-datagram.ts";
import { type FakeUdp, parseUdpFrame, udpFrame } from "./fake-frame.ts";
import {
  answerAlong,
  echoOf,
  type FakeIcmpKernel,
  FakeIcmpSocket,
  type FakePath,
} from "./fake-icmp.ts";
import { type FakeIcmp6, icmp6Frame, parseIcmp6Frame } from "./fake-icmp-frame.ts";
import { FakePacketSocket } from "./fake-packet.ts";
import { destinationMac, madeMac, owns, pickInterface } from "./fake-route.ts";
import type {
  DatagramOptions,
  IcmpOptions,
  IcmpSendOptions,
  PacketOptions,
  SocketError,
  Sockets,
} from "./port.ts";

/** One machine of the network in memory. It has a loopback; other interfaces are added. */
export interface FakeHost {
  readonly name: string;
  readonly interfaces: readonly FakeInterface[];
  readonly sockets: Sockets;
  /** What was sent with `notify`. */
  readonly notifications: readonly { readonly path: string; readonly text: string }[];
  addInterface(options: FakeInterfaceOptions): FakeInterface;
  /** Says what is heard of ICMP messages to a destination; the last word about one counts. */
  addPath(path: FakePath): void;
  /** For the network: a frame arrives. */
  receive(by: FakeInterface, frame: Uint8Array): void;
  /** For the network: hands what arrived to the sockets' handlers; how much it was. */
  handOver(): number;
}

export interface FakeInterfaceOptions {
  readonly name: string;
  readonly segment: string;
  /** Default: made from the host's name and the index. */
  readonly mac?: Mac;
  readonly addresses?: readonly (Ipv4 | Ipv6)[];
}

/** What a socket asks of its host. */
export interface FakeKernel {
  /** The errno of a refusal, or undefined. */
  sendUdp(
    socket: FakeDatagramSocket,
    udp: Omit<FakeUdp, "source" | "sourcePort">,
    hint: FakeRoute,
  ): string | undefined;
  sendFrame(by: FakeInterface, frame: Uint8Array, priority: number): string | undefined;
  closed(socket: FakeDatagramSocket | FakePacketSocket): void;
}

export interface FakeRoute {
  readonly interfaceIndex: number;
  readonly source: Ipv4 | Ipv6 | undefined;
  readonly priority: number;
}

export function makeHost(name: string, wire: FakeWire): FakeHost {
  return new FakeHostBody(name, wire);
}

class FakeHostBody implements FakeHost, FakeKernel, FakeIcmpKernel {
  readonly name: string;
  readonly interfaces: FakeInterface[];
  readonly notifications: { path: string; text: string }[] = [];
  readonly sockets: Sockets = {
    openDatagram: (options) => this.#openDatagram(options),
    openPacket: (options) => this.#openPacket(options),
    openIcmp: (options) => this.#openIcmp(options),
    notify: (path, text) => {
      this.notifications.push({ path, text });
      return ok(undefined);
    },
  };
  readonly #wire: FakeWire;
  readonly #loopback: FakeInterface;
  #datagrams: FakeDatagramSocket[] = [];
  #packets: FakePacketSocket[] = [];
  #icmp: FakeIcmpSocket[] = [];
  readonly #paths = new Map<Ipv4 | Ipv6, FakePath>();
  #nextPort = 32_768;

  constructor(name: string, wire: FakeWire) {
    this.name = name;
    this.#wire = wire;
    this.#loopback = {
      host: name,
      name: "lo",
      index: 1,
      mac: MAC_ZERO,
      segment: undefined,
      addresses: [0x7f000001 as Ipv4, "::1" as Ipv6],
    };
    this.interfaces = [this.#loopback];
  }

  addInterface(options: FakeInterfaceOptions): FakeInterface {
    const index = this.interfaces.length + 1;
    const added: FakeInterface = {
      host: this.name,
      name: options.name,
      index,
      mac: options.mac ?? madeMac(this.name, index),
      segment: options.segment,
      addresses: options.addresses ?? [],
    };
    this.interfaces.push(added);
    return added;
  }

  addPath(path: FakePath): void {
    this.#paths.set(path.destination, path);
  }

  receive(by: FakeInterface, frame: Uint8Array): void {
    for (const socket of this.#packets) socket.take(by, frame);
    const udp = parseUdpFrame(frame);
    if (udp !== undefined) this.#accept(by, udp);
    const message = parseIcmp6Frame(frame);
    if (message !== undefined) this.#acceptIcmp(by, message);
  }

  handOver(): number {
    let count = 0;
    for (const socket of [...this.#packets, ...this.#datagrams, ...this.#icmp])
      count += socket.handOver();
    return count;
  }

  sendUdp(
    socket: FakeDatagramSocket,
    udp: Omit<FakeUdp, "source" | "sourcePort">,
    hint: FakeRoute,
  ): string | undefined {
    const { destination } = udp;
    const out = this.#wayTo(destination, socket.device, hint.interfaceIndex);
    if (out === undefined) return "ENETUNREACH";
    const wanted = hint.source ?? socket.bound ?? sourceFor(out.addresses, destination);
    if (wanted === undefined && udp.family === 6) return "EADDRNOTAVAIL";
    const refused = this.#refusalOfSource(out, hint.source);
    if (refused !== undefined) return refused;
    const source = wanted ?? IPV4_ANY;
    const local = owns(out, destination) ? out : undefined;
    const full: FakeUdp = { ...udp, source, sourcePort: socket.port };
    if (local !== undefined) {
      // As in Linux: by the interface that has the address, although no wire is touched.
      this.#accept(local, full);
      this.#wire.wake();
      return undefined;
    }
    const to = destinationMac(this.#wire, out, destination);
    // Nobody answers the ARP or neighbour question: the datagram is lost later, not refused now.
    if (to !== undefined) this.#wire.transmit(out, udpFrame(out.mac, to, full), hint.priority);
    return undefined;
  }

  sendFrame(by: FakeInterface, frame: Uint8Array, priority: number): string | undefined {
    if (frame.length < 14) return "EINVAL";
    this.#wire.transmit(by, frame, priority);
    return undefined;
  }

  /**
   * Echoes come from the paths that a test lays, and from the host itself; no frames are made for them. ICMPv6
   * to a neighbour or a group is a frame: so that router discovery crosses the wire.
   */
  sendIcmp(
    socket: FakeIcmpSocket,
    bytes: Uint8Array,
    to: Ipv4 | Ipv6,
    options: IcmpSendOptions & { readonly ttl: number },
  ): string | undefined {
    const path = this.#paths.get(to);
    const out =
      path === undefined
        ? this.#wayTo(to, socket.device, options.interfaceIndex ?? 0)
        : (this.#named(socket.device ?? "") ?? this.#interfaceOfFamily(socket.family));
    if (out === undefined) return "ENETUNREACH";
    if (path === undefined && !owns(out, to))
      return this.#sendIcmp6(socket, out, bytes, to, options);
    const any = socket.family === 4 ? IPV4_ANY : IPV6_ANY;
    const source = path === undefined ? to : (sourceFor(out.addresses, to) ?? any);
    const answer =
      path === undefined ? echoOf(bytes, to) : answerAlong(path, source, bytes, options.ttl);
    if (answer === undefined) return undefined;
    const message = { ...answer, destination: source, interfaceIndex: out.index };
    for (const one of this.#icmp) one.take(out, message);
    this.#wire.wake();
    return undefined;
  }

  #sendIcmp6(
    socket: FakeIcmpSocket,
    out: FakeInterface,
    bytes: Uint8Array,
    destination: Ipv4 | Ipv6,
    { sourceAddress, ttl }: IcmpSendOptions & { readonly ttl: number },
  ): string | undefined {
    if (typeof destination === "number") return "ENETUNREACH";
    // The kernel finds no room for the checksum.
    if (bytes.length < 4) return "EINVAL";
    const refused = this.#refusalOfSource(out, sourceAddress);
    if (refused !== undefined) return refused;
    const source = sourceAddress ?? sourceFor(out.addresses, destination);
    if (typeof source !== "string") return "EADDRNOTAVAIL";
    const to = destinationMac(this.#wire, out, destination);
    const head = { family: 6, source, destination, tos: socket.trafficClass, ttl } as const;
    const frame = to === undefined ? undefined : icmp6Frame(out.mac, to, { ...head, bytes });
    if (frame !== undefined) this.#wire.transmit(out, frame, socket.priority);
    return undefined;
  }

  closedIcmp(socket: FakeIcmpSocket): void {
    this.#icmp = this.#icmp.filter((one) => one !== socket);
  }

  closed(socket: FakeDatagramSocket | FakePacketSocket): void {
    this.#datagrams = this.#datagrams.filter((one) => one !== socket);
    this.#packets = this.#packets.filter((one) => one !== socket);
  }

  #openDatagram(options: DatagramOptions): Result<FakeDatagramSocket, SocketError> {
    const { address, device } = options;
    const by = device === undefined ? undefined : this.#named(device);
    if (device !== undefined && by === undefined) return refuse("ENODEV");
    const free = address === undefined || isAny(address) || isGroup(address);
    // What means something on one link only is nothing without the link.
    if (!free && isLinkLocal(address) && by === undefined) return refuse("EINVAL");
    if (!free && !this.#isOurs(by ?? this.#loopback, address)) return refuse("EADDRNOTAVAIL");
    const port = options.port || this.#freePort(options);
    if (this.#conflict(options, port)) return refuse("EADDRINUSE");
    const socket = new FakeDatagramSocket(this, options, port);
    this.#datagrams.push(socket);
    return ok(socket);
  }

  #openPacket(options: PacketOptions): Result<FakePacketSocket, SocketError> {
    const by = this.#named(options.interface);
    if (by === undefined) return refuse("ENODEV");
    const socket = new FakePacketSocket(this, options, by);
    this.#packets.push(socket);
    return ok(socket);
  }

  #openIcmp(options: IcmpOptions): Result<FakeIcmpSocket, SocketError> {
    const { device } = options;
    if (device !== undefined && this.#named(device) === undefined) return refuse("ENODEV");
    const socket = new FakeIcmpSocket(this, options);
    this.#icmp.push(socket);
    return ok(socket);
  }

  #accept(by: FakeInterface, udp: FakeUdp): void {
    const group = isGroup(udp.destination);
    if (!group && !this.#isOurs(by, udp.destination)) return;
    const takers = this.#datagrams.filter((socket) => socket.wants(by, udp));
    takers.sort((a, b) => b.closeness - a.closeness);
    // A unicast datagram has one reader, the most closely bound; a broadcast has all.
    for (const socket of group ? takers : takers.slice(0, 1)) socket.take(by.index, udp);
  }

  #acceptIcmp(by: FakeInterface, message: FakeIcmp6): void {
    const { bytes, source, destination, ttl } = message;
    const isFor = isGroup(destination)
      ? this.#isMember(by, destination)
      : this.#isOurs(by, destination);
    if (!isFor) return;
    const received = { bytes, source, destination, interfaceIndex: by.index, ttl };
    for (const one of this.#icmp) one.take(by, received);
  }

  /** A machine is in some groups without being asked (RFC 4291 section 2.8). */
  #isMember(by: FakeInterface, group: Ipv6): boolean {
    const own = by.addresses.filter((one) => typeof one === "string");
    return (
      group === ALL_NODES ||
      own.some((one) => solicitedNodeOf(one) === group) ||
      [...this.#datagrams, ...this.#icmp].some((socket) => socket.isMember(group, by))
    );
  }

  /** An address of any interface is the machine's, but for one that means something on its link only. */
  #isOurs(by: FakeInterface, address: Ipv4 | Ipv6): boolean {
    return isLinkLocal(address)
      ? owns(by, address)
      : this.interfaces.some((one) => owns(one, address));
  }

  /** The interface that has the address itself, or by which it is reached. */
  #wayTo(
    destination: Ipv4 | Ipv6,
    device: string | undefined,
    interfaceIndex: number,
  ): FakeInterface | undefined {
    const own = this.interfaces.find((one) => owns(one, destination));
    if (own !== undefined && !isLinkLocal(destination)) return own;
    return pickInterface(this.interfaces, this.#wire, destination, device, interfaceIndex);
  }

  /** As Linux says it of an address that is not this machine's, or not that link's. */
  #refusalOfSource(out: FakeInterface, source: Ipv4 | Ipv6 | undefined): string | undefined {
    return source === undefined || isAny(source) || this.#isOurs(out, source)
      ? undefined
      : "EINVAL";
  }

  #interfaceOfFamily(family: 4 | 6): FakeInterface {
    const has = (one: FakeInterface): boolean =>
      one !== this.#loopback && one.addresses.some((address) => familyOf(address) === family);
    return this.interfaces.find(has) ?? this.#loopback;
  }

  #named(device: string | number): FakeInterface | undefined {
    return this.interfaces.find((one) => one.name === device || one.index === device);
  }

  #freePort(options: DatagramOptions): number {
    while (this.#conflict(options, this.#nextPort)) this.#nextPort += 1;
    this.#nextPort += 1;
    return this.#nextPort - 1;
  }

  #conflict(options: DatagramOptions, port: number): boolean {
    return this.#datagrams.some((socket) => socket.conflictsWith(options, port));
  }
}

function refuse(code: string): { readonly ok: false; readonly error: SocketError } {
  return err({ code, text: `fake: ${code}` });
}
