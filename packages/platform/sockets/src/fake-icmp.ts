import { concatBytes } from "@passerelle/bytes";
import {
  decodeIcmpv4,
  decodeIcmpv6,
  encodeIcmpv4,
  encodeIcmpv6,
  type IcmpMessage,
  PROTOCOL_ICMPV4,
  PROTOCOL_ICMPV6,
} from "@passerelle/icmp";
import { type Ipv4, type Ipv6, ipv4Bytes, ipv6Bytes } from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import { newCounters } from "./datagram.ts";
import type { FakeInterface } from "./fake.ts";
import { familyOf } from "./fake-address.ts";
import { HEARD_TYPES } from "./icmp-types.ts";
import type {
  IcmpOptions,
  IcmpSendOptions,
  IcmpSocket,
  ReceivedIcmp,
  SocketError,
} from "./port.ts";

type Address = Ipv4 | Ipv6;

/** A destination behind routers, for tests: what a host hears when it probes the way there. */
export interface FakePath {
  readonly destination: Address;
  /** In the order of the way; undefined says nothing of packets that end there. */
  readonly routers: readonly (Address | undefined)[];
  /** "echo" (default): answers. "silent": nothing comes back. "unreachable": the last router says so. */
  readonly end?: "echo" | "silent" | "unreachable";
}

/** What a socket asks of its host. */
export interface FakeIcmpKernel {
  /** The errno of a refusal, or undefined. */
  sendIcmp(
    socket: FakeIcmpSocket,
    bytes: Uint8Array,
    to: Address,
    options: IcmpSendOptions & { readonly ttl: number },
  ): string | undefined;
  closedIcmp(socket: FakeIcmpSocket): void;
}

export class FakeIcmpSocket implements IcmpSocket {
  readonly family: 4 | 6;
  readonly device: string | undefined;
  readonly priority: number;
  readonly trafficClass: number;
  readonly counters = newCounters();
  readonly #kernel: FakeIcmpKernel;
  readonly #types: readonly number[];
  readonly #groups = new Set<string>();
  #inbox: ReceivedIcmp[] = [];
  #handler: ((message: ReceivedIcmp) => void) | undefined;
  #closed = false;

  constructor(kernel: FakeIcmpKernel, options: IcmpOptions) {
    this.#kernel = kernel;
    this.family = options.family;
    this.device = options.device;
    this.priority = options.priority ?? 0;
    this.trafficClass = options.trafficClass ?? 0;
    this.#types = options.types ?? HEARD_TYPES[options.family];
  }

  take(by: FakeInterface, message: ReceivedIcmp): void {
    const concerned =
      familyOf(message.destination) === this.family &&
      (this.device === undefined || this.device === by.name) &&
      this.#types.includes(message.bytes[0] ?? -1);
    if (concerned) this.#inbox.push(message);
  }

  isMember(group: Address, by: FakeInterface): boolean {
    return this.#groups.has(`${group}%${by.index}`);
  }

  handOver(): number {
    if (this.#handler === undefined) return 0;
    const waiting = this.#inbox.splice(0);
    this.counters.received += waiting.length;
    for (const message of waiting) this.#handler?.(message);
    return waiting.length;
  }

  onMessage(handler: (message: ReceivedIcmp) => void): void {
    this.#handler = handler;
  }

  send(
    bytes: Uint8Array,
    address: Address,
    options: IcmpSendOptions = {},
  ): Result<void, SocketError> {
    if (this.#closed) return err({ code: "EBADF", text: "the socket is closed" });
    const limited = { ...options, ttl: options.ttl ?? TTL };
    const code = this.#kernel.sendIcmp(this, bytes.slice(), address, limited);
    if (code === undefined) this.counters.sent += 1;
    else this.counters.sendFailed += 1;
    return code === undefined ? ok(undefined) : err({ code, text: `fake: ${code}` });
  }

  joinGroup(group: Address, interfaceIndex: number): Result<void, SocketError> {
    const key = `${group}%${interfaceIndex}`;
    if (this.#groups.has(key)) return err({ code: "EADDRINUSE", text: "already a member" });
    this.#groups.add(key);
    return ok(undefined);
  }

  leaveGroup(group: Address, interfaceIndex: number): Result<void, SocketError> {
    const was = this.#groups.delete(`${group}%${interfaceIndex}`);
    return was ? ok(undefined) : err({ code: "EADDRNOTAVAIL", text: "not a member" });
  }

  close(): void {
    this.#closed = true;
    this.#handler = undefined;
    this.#kernel.closedIcmp(this);
  }
}

/** What comes back; where to and by which interface, the host knows. */
export type FakeAnswer = Omit<ReceivedIcmp, "destination" | "interfaceIndex">;

/** What comes back to `source` for a message on its way along a path; undefined where nothing does. */
export function answerAlong(
  path: FakePath,
  source: Address,
  bytes: Uint8Array,
  ttl: number,
): FakeAnswer | undefined {
  const { routers, destination, end = "echo" } = path;
  if (ttl <= routers.length) {
    const router = routers[ttl - 1];
    if (router === undefined) return undefined;
    return errorFrom(router, "time_exceeded", 0, TTL - ttl + 1, { source, destination, bytes });
  }
  if (end === "silent") return undefined;
  const last = routers.at(-1);
  if (end === "unreachable") {
    if (last === undefined) return undefined;
    const original = { source, destination, bytes };
    return errorFrom(last, "unreachable", 1, TTL - routers.length + 1, original);
  }
  return echoOf(bytes, destination, TTL - routers.length);
}

/** The reply of a machine to an echo request; undefined for any other message. */
export function echoOf(bytes: Uint8Array, from: Address, ttl = TTL): FakeAnswer | undefined {
  const four = typeof from === "number";
  const decoded = four ? decodeIcmpv4(bytes) : decodeIcmpv6(bytes);
  if (!decoded.ok || decoded.value.kind !== "echo_request") return undefined;
  return { bytes: encode(four, { ...decoded.value, kind: "echo_reply" }), source: from, ttl };
}

function errorFrom(
  router: Address,
  kind: "time_exceeded" | "unreachable",
  code: number,
  ttl: number,
  original: { readonly source: Address; readonly destination: Address; readonly bytes: Uint8Array },
): FakeAnswer {
  const four = typeof router === "number";
  const quoted = quote(original.source, original.destination, original.bytes);
  const message: IcmpMessage = { kind, code, parameter: 0, original: quoted };
  return { bytes: encode(four, message), source: router, ttl };
}

function encode(four: boolean, message: IcmpMessage): Uint8Array {
  return four ? encodeIcmpv4(message) : encodeIcmpv6(message);
}

/** An IP header as routers quote it, and 8 octets (RFC 792). */
function quote(source: Address, destination: Address, bytes: Uint8Array): Uint8Array {
  const rest = bytes.slice(0, 8);
  if (typeof source === "number" && typeof destination === "number") {
    const head = Uint8Array.of(0x45, 0, 0, 20 + bytes.length, 0, 0, 0, 0, 1, PROTOCOL_ICMPV4, 0, 0);
    return concatBytes(head, ipv4Bytes(source), ipv4Bytes(destination), rest);
  }
  const head = Uint8Array.of(0x60, 0, 0, 0, 0, bytes.length, PROTOCOL_ICMPV6, 1);
  return concatBytes(head, ipv6Bytes(source as Ipv6), ipv6Bytes(destination as Ipv6), rest);
}

const TTL = 64;
