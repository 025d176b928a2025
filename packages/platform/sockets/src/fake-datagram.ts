import {
  META_STRIDE,
  Meta,
  NAMES_DESTINATION,
  NAMES_LOCAL,
  NAMES_STRIDE,
} from "@passerelle/native";
import {
  type Ipv4,
  type Ipv6,
  ipv4Bytes,
  ipv4FromBytes,
  ipv6Bytes,
  ipv6FromBytes,
} from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import { DatagramBatch } from "./batch.ts";
import { copyDatagram, newCounters } from "./datagram.ts";
import type { FakeInterface } from "./fake.ts";
import { isAny, isGroup } from "./fake-address.ts";
import type { FakeUdp } from "./fake-frame.ts";
import type { FakeKernel } from "./fake-host.ts";
import { Outbox, type Outgoing } from "./outbox.ts";
import type {
  Datagram,
  DatagramOptions,
  DatagramSocket,
  SendOptions,
  SocketError,
} from "./port.ts";
import { sockaddrAddress, sockaddrPort, writeSockaddr } from "./socket-address.ts";

const BATCH = 64;
const SLOT_BYTES = 2048;
/** The kernel's receive buffer also ends somewhere. */
const INBOX_MAX = 4096;

/** A UDP socket of the network in memory; it fills the same tables as the system call does. */
export class FakeDatagramSocket implements DatagramSocket {
  readonly family: 4 | 6;
  readonly port: number;
  readonly device: string | undefined;
  /** The one address it is bound to, undefined for any. */
  readonly bound: Ipv4 | Ipv6 | undefined;
  readonly counters = newCounters();
  readonly outbox: Outbox;
  readonly #kernel: FakeKernel;
  readonly #options: DatagramOptions;
  readonly #batch: DatagramBatch;
  readonly #groups = new Set<string>();
  #inbox: { readonly udp: FakeUdp; readonly index: number }[] = [];
  #handler: ((batch: DatagramBatch) => void) | undefined;
  #closed = false;
  #last: string | undefined;

  constructor(kernel: FakeKernel, options: DatagramOptions, port: number) {
    this.#kernel = kernel;
    this.#options = options;
    this.family = options.family;
    this.port = port;
    this.device = options.device;
    const { address } = options;
    this.bound = address === undefined || isAny(address) ? undefined : address;
    const slot = options.slotBytes ?? SLOT_BYTES;
    this.#batch = new DatagramBatch(BATCH, slot);
    this.outbox = new Outbox(options.family, BATCH, slot, (out, count) =>
      this.#transmit(out, count),
    );
  }

  /** The kernel prefers the socket that asks for more. */
  get closeness(): number {
    return (this.device === undefined ? 0 : 2) + (this.bound === undefined ? 0 : 1);
  }

  conflictsWith(options: DatagramOptions, port: number): boolean {
    const shares =
      (options.reusePort === true && this.#options.reusePort === true) ||
      (options.reuseAddress === true && this.#options.reuseAddress === true);
    const apart =
      options.device !== undefined && this.device !== undefined && options.device !== this.device;
    if (shares || apart || port !== this.port || options.family !== this.family) return false;
    const theirs =
      options.address === undefined || isAny(options.address) ? undefined : options.address;
    return theirs === undefined || this.bound === undefined || theirs === this.bound;
  }

  wants(by: FakeInterface, udp: FakeUdp): boolean {
    if (udp.family !== this.family || udp.destinationPort !== this.port) return false;
    if (this.device !== undefined && this.device !== by.name) return false;
    if (this.bound !== undefined && this.bound !== udp.destination) return false;
    return !isMulticast(udp.destination) || this.isMember(udp.destination, by);
  }

  isMember(group: Ipv4 | Ipv6, by: FakeInterface): boolean {
    return this.#groups.has(`${group}%${by.index}`);
  }

  take(index: number, udp: FakeUdp): void {
    if (this.#inbox.length < INBOX_MAX) this.#inbox.push({ udp, index });
    else this.counters.receiveErrors += 1;
  }

  handOver(): number {
    if (this.#handler === undefined) return 0;
    const waiting = this.#inbox.splice(0, BATCH);
    if (waiting.length === 0) return 0;
    for (const [i, { udp, index }] of waiting.entries()) this.#fill(i, udp, index);
    this.#batch.count = waiting.length;
    this.counters.received += waiting.length;
    this.#handler(this.#batch);
    this.outbox.flush();
    return waiting.length;
  }

  onBatch(handler: (batch: DatagramBatch) => void): void {
    this.#handler = handler;
  }

  onDatagram(handler: (datagram: Datagram) => void): void {
    this.#handler = (batch) => {
      for (let i = 0; i < batch.count && !this.#closed; i += 1) handler(copyDatagram(batch, i));
    };
  }

  send(
    bytes: Uint8Array,
    address: Ipv4 | Ipv6,
    port: number,
    options: SendOptions = {},
  ): Result<void, SocketError> {
    if (this.#closed) return err({ code: "EBADF", text: "the socket is closed" });
    const code = this.#sendOne(
      bytes,
      address,
      port,
      options.interfaceIndex ?? 0,
      options.sourceAddress,
    );
    return code === undefined ? ok(undefined) : err({ code, text: `fake: ${code}` });
  }

  joinGroup(group: Ipv4 | Ipv6, interfaceIndex: number): Result<void, SocketError> {
    const key = `${group}%${interfaceIndex}`;
    if (this.#groups.has(key)) return err({ code: "EADDRINUSE", text: "already a member" });
    this.#groups.add(key);
    return ok(undefined);
  }

  leaveGroup(group: Ipv4 | Ipv6, interfaceIndex: number): Result<void, SocketError> {
    const was = this.#groups.delete(`${group}%${interfaceIndex}`);
    return was ? ok(undefined) : err({ code: "EADDRNOTAVAIL", text: "not a member" });
  }

  close(): void {
    this.#closed = true;
    this.#handler = undefined;
    this.#inbox = [];
    this.#kernel.closed(this);
  }

  #fill(i: number, udp: FakeUdp, index: number): void {
    const { bytes, meta, names, slotBytes } = this.#batch;
    const kept = udp.payload.subarray(0, slotBytes);
    bytes.set(kept, i * slotBytes);
    if (kept.length < udp.payload.length) this.counters.truncated += 1;
    const info = this.#options.packetInfo === true;
    const name = i * NAMES_STRIDE;
    names.fill(0, name, name + NAMES_STRIDE);
    const row = i * META_STRIDE;
    meta[row + Meta.offset] = i * slotBytes;
    meta[row + Meta.length] = kept.length;
    meta[row + Meta.flags] = kept.length < udp.payload.length ? 1 : 0;
    meta[row + Meta.nameLength] = writeSockaddr(
      names,
      name,
      udp.family,
      udp.source,
      udp.sourcePort,
      index,
    );
    meta[row + Meta.interfaceIndex] = info ? index : 0;
    meta[row + Meta.local] = info ? udp.family : 0;
    meta[row + Meta.ttl] = -1;
    if (!info) return;
    names.set(addressBytes(udp.destination), name + NAMES_DESTINATION);
    if (!isGroup(udp.destination)) names.set(addressBytes(udp.destination), name + NAMES_LOCAL);
  }

  #transmit(out: Outgoing, count: number): void {
    for (let i = 0; i < count && !this.#closed; i += 1) {
      const row = i * META_STRIDE;
      const name = i * NAMES_STRIDE;
      const at = out.meta[row + Meta.offset] ?? 0;
      const bytes = out.bytes.slice(at, at + (out.meta[row + Meta.length] ?? 0));
      const local = (out.meta[row + Meta.local] ?? 0) !== 0;
      const source = local ? localAddress(out.names, name + NAMES_LOCAL, this.family) : undefined;
      const index = local ? (out.meta[row + Meta.interfaceIndex] ?? 0) : 0;
      this.#sendOne(
        bytes,
        sockaddrAddress(out.names, name),
        sockaddrPort(out.names, name),
        index,
        source,
      );
    }
  }

  #sendOne(
    payload: Uint8Array,
    destination: Ipv4 | Ipv6,
    destinationPort: number,
    interfaceIndex: number,
    source: Ipv4 | Ipv6 | undefined,
  ): string | undefined {
    this.#last = this.#refusal(payload, destination);
    const { tos = 0, ttl = isMulticast(destination) ? 1 : 64, priority = 0 } = this.#options;
    const head = { family: this.family, destination, destinationPort, tos, ttl };
    this.#last ??= this.#kernel.sendUdp(
      this,
      { ...head, payload: payload.slice() },
      { interfaceIndex, source, priority },
    );
    if (this.#last === undefined) this.counters.sent += 1;
    else this.counters.sendFailed += 1;
    return this.#last;
  }

  #refusal(payload: Uint8Array, destination: Ipv4 | Ipv6): string | undefined {
    if (payload.length > 65_507) return "EMSGSIZE";
    const broadcast = isGroup(destination) && !isMulticast(destination);
    return broadcast && this.#options.broadcast !== true ? "EACCES" : undefined;
  }
}

function isMulticast(address: Ipv4 | Ipv6): boolean {
  return isGroup(address) && (typeof address === "string" || address >>> 28 === 0xe);
}

function addressBytes(address: Ipv4 | Ipv6): Uint8Array {
  return typeof address === "number" ? ipv4Bytes(address) : ipv6Bytes(address);
}

function localAddress(names: Uint8Array, at: number, family: 4 | 6): Ipv4 | Ipv6 | undefined {
  const address = family === 4 ? ipv4FromBytes(names, at) : ipv6FromBytes(names, at);
  return address === undefined || isAny(address) ? undefined : address;
}
