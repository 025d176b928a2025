import type { Ipv4, Ipv6, Mac } from "@passerelle/net";
import type { Result } from "@passerelle/result";
import type { DatagramBatch } from "./batch.ts";
import type { BpfInstruction } from "./bpf.ts";
import type { Outbox } from "./outbox.ts";

/** What a failing call gives: the name of the errno ("EADDRINUSE") and a sentence for the log. */
export interface SocketError {
  readonly code: string;
  readonly text: string;
}

/** Opens sockets. One body talks to Linux, the other is a network in memory for tests. */
export interface Sockets {
  openDatagram(options: DatagramOptions): Result<DatagramSocket, SocketError>;
  openPacket(options: PacketOptions): Result<PacketSocket, SocketError>;
  /** Needs CAP_NET_RAW. */
  openIcmp(options: IcmpOptions): Result<IcmpSocket, SocketError>;
  /** One AF_UNIX datagram to a path or to an abstract name ("@name"): the sd_notify protocol. */
  notify(path: string, text: string): Result<void, SocketError>;
}

export interface DatagramOptions {
  readonly family: 4 | 6;
  /** Absent: any address of the family. */
  readonly address?: Ipv4 | Ipv6;
  /** Absent or 0: the kernel chooses, see `DatagramSocket.port`. */
  readonly port?: number;
  /** Name of the only interface it receives from and sends to (SO_BINDTODEVICE). */
  readonly device?: string;
  readonly broadcast?: boolean;
  readonly reuseAddress?: boolean;
  readonly reusePort?: boolean;
  /** SO_PRIORITY, 0 to 7: becomes the VLAN priority by the link's egress map. */
  readonly priority?: number;
  /** The whole octet: DSCP in the upper six bits. */
  readonly tos?: number;
  readonly ttl?: number;
  /** Tells the interface and the destination of each datagram, and lets replies leave from there. */
  readonly packetInfo?: boolean;
  readonly receiveBufferBytes?: number;
  /** Octets kept of a datagram; longer ones arrive truncated. Default 2048. */
  readonly slotBytes?: number;
}

export interface DatagramSocket {
  readonly family: 4 | 6;
  /** The local port, in host order. */
  readonly port: number;
  readonly counters: DatagramCounters;
  /** Replies of the hot path; flushed by itself when the batch handler returns. */
  readonly outbox: Outbox;
  /** The hot path: one reused batch object and no allocation a datagram. Its contents end with the call. */
  onBatch(handler: (batch: DatagramBatch) => void): void;
  /** The convenient path: one object a datagram, with octets of its own. Replaces onBatch. */
  onDatagram(handler: (datagram: Datagram) => void): void;
  /** Sends one datagram now. UDP promises nothing: a full queue is EAGAIN, counted and gone. */
  send(
    bytes: Uint8Array,
    address: Ipv4 | Ipv6,
    port: number,
    options?: SendOptions,
  ): Result<void, SocketError>;
  joinGroup(group: Ipv4 | Ipv6, interfaceIndex: number): Result<void, SocketError>;
  leaveGroup(group: Ipv4 | Ipv6, interfaceIndex: number): Result<void, SocketError>;
  close(): void;
}

export interface SendOptions {
  /** Where it leaves; needed for link-local and multicast destinations of IPv6, unless the socket has a device. */
  readonly interfaceIndex?: number;
  /** EINVAL where it is not ours, or (IPv6) not yet: while duplicates are looked for. */
  readonly sourceAddress?: Ipv4 | Ipv6;
}

export interface DatagramCounters {
  received: number;
  truncated: number;
  sent: number;
  /** Not sent because a queue was full. */
  sendDropped: number;
  /** Not sent because the kernel refused (no route, firewall …). */
  sendFailed: number;
  /** Errors while receiving: the interface went down, the queue overflowed … */
  receiveErrors: number;
}

export interface Datagram {
  readonly bytes: Uint8Array;
  readonly source: Ipv4 | Ipv6;
  readonly sourcePort: number;
  /** The interface it came in by; 0 without `packetInfo` (IPv6: also the scope of a link-local source). */
  readonly interfaceIndex: number;
  /** Where it was sent to, e.g. a broadcast address; only with `packetInfo`. */
  readonly destination?: Ipv4 | Ipv6;
  readonly truncated: boolean;
}

export interface PacketOptions {
  /** Name or index. */
  readonly interface: string | number;
  /** EtherType to receive; ETHERTYPE_ALL for every frame. */
  readonly etherType: number;
  /** Classic BPF; see udpPortFilter and arpFilter. Attached before the first frame can arrive. */
  readonly filter?: readonly BpfInstruction[];
  readonly priority?: number;
  /** Octets kept of a frame. Default 2048. */
  readonly slotBytes?: number;
  readonly receiveBufferBytes?: number;
}

export const ETHERTYPE_ALL = 0x0003;

/** Whole Ethernet frames of one interface; never promiscuous, never one's own. */
export interface PacketSocket {
  readonly interfaceIndex: number;
  readonly counters: DatagramCounters;
  /** `frame.bytes` is a view that ends with the call. */
  onFrame(handler: (frame: ReceivedFrame) => void): void;
  send(frame: Uint8Array): Result<void, SocketError>;
  close(): void;
}

export interface ReceivedFrame {
  readonly bytes: Uint8Array;
  readonly interfaceIndex: number;
  readonly source: Mac;
  readonly kind: "to-us" | "broadcast" | "multicast";
  /** The VLAN tag control word, which the kernel takes out of the frame. */
  readonly vlanTag?: number;
  /** False where the sender (on this machine) left the checksum to its card: do not verify it. */
  readonly checksumReady: boolean;
  readonly truncated: boolean;
}

export interface IcmpOptions {
  readonly family: 4 | 6;
  /** Name of the only interface it receives from and sends to (SO_BINDTODEVICE). */
  readonly device?: string;
  /**
   * The types of message it hears; the kernel keeps all others away (types of ICMP from 32 on it lets pass).
   * Default: echo replies and what routers say of packets that did not arrive.
   */
  readonly types?: readonly number[];
  /** SO_PRIORITY, 0 to 7: becomes the VLAN priority by the link's egress map. */
  readonly priority?: number;
  /** The whole octet: DSCP in the upper six bits. */
  readonly trafficClass?: number;
}

/**
 * Sends ICMP or ICMPv6 and hears what was sent to anybody on this machine, of some types: whoever asks for
 * an echo knows its own by identifier and sequence. What it sends to a group is not heard on this machine.
 */
export interface IcmpSocket {
  readonly family: 4 | 6;
  readonly counters: DatagramCounters;
  onMessage(handler: (message: ReceivedIcmp) => void): void;
  /** A whole message of ICMP; of ICMPv6 the kernel fills in the checksum. */
  send(
    bytes: Uint8Array,
    address: Ipv4 | Ipv6,
    options?: IcmpSendOptions,
  ): Result<void, SocketError>;
  /** What is sent to a group is heard once any socket of the machine is a member on that interface. */
  joinGroup(group: Ipv4 | Ipv6, interfaceIndex: number): Result<void, SocketError>;
  leaveGroup(group: Ipv4 | Ipv6, interfaceIndex: number): Result<void, SocketError>;
  close(): void;
}

export interface IcmpSendOptions extends SendOptions {
  /** Hop limit, of groups too. Default 64; neighbour discovery needs 255 (RFC 4861 section 6.1). */
  readonly ttl?: number;
}

export interface ReceivedIcmp {
  /** Without IP header; octets of its own. The checksum of ICMPv6 was verified by the kernel, that of ICMP was not. */
  readonly bytes: Uint8Array;
  readonly source: Ipv4 | Ipv6;
  /** An address of ours or a group. */
  readonly destination: Ipv4 | Ipv6;
  /** Where it came in. */
  readonly interfaceIndex: number;
  /** TTL or hop limit that was left. */
  readonly ttl: number;
}
