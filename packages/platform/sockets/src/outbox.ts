import { META_STRIDE, Meta, NAMES_LOCAL, NAMES_STRIDE } from "@passerelle/native";
import { type Ipv4, type Ipv6, ipv6Bytes } from "@passerelle/net";
import type { DatagramBatch } from "./batch.ts";
import type { SendOptions } from "./port.ts";
import { writeIpv4, writeSockaddr } from "./socket-address.ts";

/** The tables of a filled outbox, for the body that sends them. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly meta: Int32Array;
  readonly names: Uint8Array;
}

/**
 * Datagrams to be sent together by one system call. Write the next one at `reserve()` in `bytes`,
 * then say whom it is for: `reply` or `to`. A full outbox flushes itself. Nothing is allocated.
 */
export class Outbox {
  readonly bytes: Uint8Array;
  readonly slotBytes: number;
  readonly #family: 4 | 6;
  readonly #capacity: number;
  readonly #meta: Int32Array;
  readonly #names: Uint8Array;
  readonly #outgoing: Outgoing;
  readonly #transmit: (outgoing: Outgoing, count: number) => void;
  #count = 0;

  constructor(
    family: 4 | 6,
    capacity: number,
    slotBytes: number,
    transmit: (outgoing: Outgoing, count: number) => void,
  ) {
    this.#family = family;
    this.#capacity = capacity;
    this.slotBytes = slotBytes;
    this.bytes = new Uint8Array(capacity * slotBytes);
    this.#meta = new Int32Array(capacity * META_STRIDE);
    this.#names = new Uint8Array(capacity * NAMES_STRIDE);
    this.#outgoing = { bytes: this.bytes, meta: this.#meta, names: this.#names };
    this.#transmit = transmit;
  }

  /** Datagrams waiting for `flush`. */
  get count(): number {
    return this.#count;
  }

  /** Offset in `bytes` where `slotBytes` octets may be written; the same until one is committed. */
  reserve(): number {
    if (this.#count === this.#capacity) this.flush();
    return this.#count * this.slotBytes;
  }

  /** Commits the reserved octets as the answer to datagram `i`: to its sender, from where it came in. */
  reply(batch: DatagramBatch, i: number, length: number): void {
    const meta = this.#commit(length);
    const theirs = i * META_STRIDE;
    const nameLength = batch.meta[theirs + Meta.nameLength] ?? 0;
    const local = batch.meta[theirs + Meta.local] ?? 0;
    const from = i * NAMES_STRIDE;
    const to = this.#count * NAMES_STRIDE;
    // Octet by octet: a view for TypedArray.set would be an allocation a datagram.
    for (let at = 0; at < nameLength; at += 1) this.#names[to + at] = batch.names[from + at] ?? 0;
    for (let at = NAMES_LOCAL; local !== 0 && at < NAMES_STRIDE; at += 1) {
      this.#names[to + at] = batch.names[from + at] ?? 0;
    }
    this.#meta[meta + Meta.nameLength] = nameLength;
    this.#meta[meta + Meta.interfaceIndex] = batch.meta[theirs + Meta.interfaceIndex] ?? 0;
    this.#meta[meta + Meta.local] = local;
    this.#count += 1;
  }

  /** Commits the reserved octets to an address. */
  to(length: number, address: Ipv4 | Ipv6, port: number, options: SendOptions = NO_OPTIONS): void {
    const meta = this.#commit(length);
    const name = this.#count * NAMES_STRIDE;
    const index = options.interfaceIndex ?? 0;
    const source = options.sourceAddress;
    const family = this.#family;
    this.#meta[meta + Meta.nameLength] = writeSockaddr(
      this.#names,
      name,
      family,
      address,
      port,
      index,
    );
    this.#meta[meta + Meta.interfaceIndex] = index;
    this.#meta[meta + Meta.local] = index !== 0 || source !== undefined ? family : 0;
    this.#names.fill(0, name + NAMES_LOCAL, name + NAMES_STRIDE);
    if (source !== undefined) {
      if (family === 4) writeIpv4(this.#names, name + NAMES_LOCAL, source as Ipv4);
      else this.#names.set(ipv6Bytes(source as Ipv6), name + NAMES_LOCAL);
    }
    this.#count += 1;
  }

  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.#transmit(this.#outgoing, count);
  }

  #commit(length: number): number {
    if (this.#count === this.#capacity) throw new Error("invariant: reserve before a commit");
    if (!(length >= 0 && length <= this.slotBytes)) {
      throw new Error("invariant: a datagram fits its slot");
    }
    const meta = this.#count * META_STRIDE;
    this.#meta[meta + Meta.offset] = this.#count * this.slotBytes;
    this.#meta[meta + Meta.length] = length;
    return meta;
  }
}

const NO_OPTIONS: SendOptions = {};
