import { type Ipv4, type Ipv6, MAC_BROADCAST, MAC_ZERO, type Mac, parseMac } from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import type { FakeInterface, FakeWire } from "./fake.ts";
import { isAny, isGroup } from "./fake-address.ts";
import { FakeDatagramSocket } from "./fake-datagram.ts";
import { type FakeUdp, parseUdpFrame, udpFrame } from "./fake-frame.ts";
import {
  answerAlong,
  echoOf,
  type FakeIcmpKernel,
  FakeIcmpSocket,
  type FakePath,
} from "./fake-icmp.ts";
import { FakePacketSocket } from "./fake-packet.ts";
import type { DatagramOptions, IcmpOptions, PacketOptions, SocketError, Sockets } from "./port.ts";

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
  sendFrame(by: FakeInterface, frame: Uint8Array): string | undefined;
  closed(socket: FakeDatagramSocket | FakePacketSocket): void;
}

export interface FakeRoute {
  readonly interfaceIndex: number;
  readonly source: Ipv4 | Ipv6 | undefined;
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
    const local = this.interfaces.find((one) => owns(one, udp.destination));
    const out = local ?? pickInterface(this.interfaces, this.#wire, socket, udp.destination, hint);
    if (out === undefined) return "ENETUNREACH";
    const own = out.addresses.find((one) => familyOf(one) === udp.family);
    const any = udp.family === 4 ? (0 as Ipv4) : ("::" as Ipv6);
    const source = hint.source ?? socket.bound ?? own ?? any;
    const full: FakeUdp = { ...udp, source, sourcePort: socket.port };
    if (local !== undefined) {
      // As in Linux: by the interface that has the address, although no wire is touched.
      this.#accept(local, full);
      this.#wire.wake();
      return undefined;
    }
    const to = destinationMac(this.#wire, out, udp.destination);
    // Nobody answers the ARP or neighbour question: the datagram is lost later, not refused now.
    if (to !== undefined) this.#wire.transmit(out, udpFrame(out.mac, to, full));
    return undefined;
  }

  sendFrame(by: FakeInterface, frame: Uint8Array): string | undefined {
    if (frame.length < 14) return "EINVAL";
    this.#wire.transmit(by, frame);
    return undefined;
  }

  /** ICMP makes no frames here: its answers come from the paths that a test lays, and from the host itself. */
  sendIcmp(
    socket: FakeIcmpSocket,
    bytes: Uint8Array,
    to: Ipv4 | Ipv6,
    ttl: number,
  ): string | undefined {
    const path = this.#paths.get(to);
    const own = this.interfaces.some((one) => owns(one, to));
    if (path === undefined && !own) return "ENETUNREACH";
    const source = this.interfaces
      .flatMap((one) => (one === this.#loopback ? [] : one.addresses))
      .find((one) => familyOf(one) === socket.family);
    const any = socket.family === 4 ? (0 as Ipv4) : ("::" as Ipv6);
    const answer =
      path === undefined ? echoOf(bytes, to) : answerAlong(path, source ?? any, bytes, ttl);
    if (answer === undefined) return undefined;
    for (const one of this.#icmp) one.take(answer);
    this.#wire.wake();
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
    if (device !== undefined && this.#named(device) === undefined) return refuse("ENODEV");
    const owned =
      address === undefined ||
      isAny(address) ||
      isGroup(address) ||
      this.interfaces.some((one) => owns(one, address));
    if (!owned) return refuse("EADDRNOTAVAIL");
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
    if (!group && !this.interfaces.some((one) => owns(one, udp.destination))) return;
    const takers = this.#datagrams.filter((socket) => socket.wants(by, udp));
    takers.sort((a, b) => b.closeness - a.closeness);
    // A unicast datagram has one reader, the most closely bound; a broadcast has all.
    for (const socket of group ? takers : takers.slice(0, 1)) socket.take(by.index, udp);
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

function pickInterface(
  interfaces: readonly FakeInterface[],
  wire: FakeWire,
  socket: FakeDatagramSocket,
  destination: Ipv4 | Ipv6,
  hint: FakeRoute,
): FakeInterface | undefined {
  const device = socket.device;
  if (device !== undefined) return interfaces.find((one) => one.name === device);
  if (hint.interfaceIndex !== 0) return interfaces.find((one) => one.index === hint.interfaceIndex);
  const wired = interfaces.filter((one) => one.segment !== undefined);
  if (isGroup(destination)) return wired[0];
  return wired.find((one) => wire.resolve(one.segment ?? "", destination) !== undefined);
}

function destinationMac(wire: FakeWire, by: FakeInterface, to: Ipv4 | Ipv6): Mac | undefined {
  if (!isGroup(to)) return wire.resolve(by.segment ?? "", to);
  if (typeof to === "string") return "33:33:00:00:00:01" as Mac;
  return to >>> 28 === 0xe ? ("01:00:5e:00:00:01" as Mac) : MAC_BROADCAST;
}

/** All of 127.0.0.0/8 is the loopback's (RFC 1122 section 3.2.1.3). */
function owns(one: FakeInterface, address: Ipv4 | Ipv6): boolean {
  if (one.addresses.includes(address)) return true;
  return one.name === "lo" && typeof address === "number" && address >>> 24 === 127;
}

function familyOf(address: Ipv4 | Ipv6): 4 | 6 {
  return typeof address === "number" ? 4 : 6;
}

function madeMac(host: string, index: number): Mac {
  let hash = 0;
  for (const letter of host) hash = (hash * 31 + letter.charCodeAt(0)) % 0x1_0000;
  const hex = (n: number): string => n.toString(16).padStart(2, "0");
  const mac = parseMac(`02:00:${hex(hash >>> 8)}:${hex(hash & 0xff)}:00:${hex(index)}`);
  if (mac === undefined) throw new Error("invariant: a made MAC is a MAC");
  return mac;
}

function refuse(code: string): { readonly ok: false; readonly error: SocketError } {
  return err({ code, text: `fake: ${code}` });
}
