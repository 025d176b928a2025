import {
  FLAG_TRUNCATED,
  META_STRIDE,
  Meta,
  NAMES_DESTINATION,
  NAMES_STRIDE,
} from "@passerelle/native";
import { type Ipv4, type Ipv6, ipv4FromBytes, ipv6FromBytes } from "@passerelle/net";
import { sockaddrAddress, sockaddrPort, sockaddrScope } from "./socket-address.ts";

/**
 * Datagrams received together, in one buffer that the next batch overwrites: whoever keeps octets
 * copies them. The accessors of IPv4 allocate nothing.
 */
export class DatagramBatch {
  readonly bytes: Uint8Array;
  /** How many datagrams there are: valid indices are below it. */
  count = 0;
  /** The system call's own tables, see the native package. */
  readonly meta: Int32Array;
  readonly names: Uint8Array;
  readonly slotBytes: number;

  constructor(capacity: number, slotBytes: number) {
    this.slotBytes = slotBytes;
    this.bytes = new Uint8Array(capacity * slotBytes);
    this.meta = new Int32Array(capacity * META_STRIDE);
    this.names = new Uint8Array(capacity * NAMES_STRIDE);
  }

  get capacity(): number {
    return this.meta.length / META_STRIDE;
  }

  offset(i: number): number {
    return this.#meta(i, Meta.offset);
  }

  length(i: number): number {
    return this.#meta(i, Meta.length);
  }

  /** A view, not a copy. */
  payload(i: number): Uint8Array {
    const offset = this.offset(i);
    return this.bytes.subarray(offset, offset + this.length(i));
  }

  truncated(i: number): boolean {
    return (this.#meta(i, Meta.flags) & FLAG_TRUNCATED) !== 0;
  }

  sourcePort(i: number): number {
    return sockaddrPort(this.names, i * NAMES_STRIDE);
  }

  /** Of a socket of family 4, without allocation. */
  sourceIpv4(i: number): Ipv4 {
    const at = i * NAMES_STRIDE + 4;
    const n = this.names;
    return ((((n[at] ?? 0) << 24) |
      ((n[at + 1] ?? 0) << 16) |
      ((n[at + 2] ?? 0) << 8) |
      (n[at + 3] ?? 0)) >>>
      0) as Ipv4;
  }

  source(i: number): Ipv4 | Ipv6 {
    return sockaddrAddress(this.names, i * NAMES_STRIDE);
  }

  /** 0 where the socket was opened without `packetInfo` and the source is not link-local. */
  interfaceIndex(i: number): number {
    const index = this.#meta(i, Meta.interfaceIndex);
    return index !== 0 ? index : sockaddrScope(this.names, i * NAMES_STRIDE);
  }

  destination(i: number): Ipv4 | Ipv6 | undefined {
    const at = i * NAMES_STRIDE + NAMES_DESTINATION;
    const local = this.#meta(i, Meta.local);
    if (local === 4) return ipv4FromBytes(this.names, at);
    return local === 6 ? ipv6FromBytes(this.names, at) : undefined;
  }

  #meta(i: number, field: number): number {
    return this.meta[i * META_STRIDE + field] ?? 0;
  }
}
