import { isMulticastMac, MAC_BROADCAST, macFromBytes } from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import { runFilter } from "./bpf.ts";
import { newCounters } from "./datagram.ts";
import type { FakeInterface } from "./fake.ts";
import type { FakeKernel } from "./fake-host.ts";
import {
  ETHERTYPE_ALL,
  type PacketOptions,
  type PacketSocket,
  type ReceivedFrame,
  type SocketError,
} from "./port.ts";

/** A packet socket of the network in memory; filters run as in the kernel. */
export class FakePacketSocket implements PacketSocket {
  readonly interfaceIndex: number;
  readonly counters = newCounters();
  readonly #kernel: FakeKernel;
  readonly #options: PacketOptions;
  readonly #by: FakeInterface;
  #inbox: ReceivedFrame[] = [];
  #handler: ((frame: ReceivedFrame) => void) | undefined;
  #closed = false;

  constructor(kernel: FakeKernel, options: PacketOptions, by: FakeInterface) {
    this.#kernel = kernel;
    this.#options = options;
    this.#by = by;
    this.interfaceIndex = by.index;
  }

  take(by: FakeInterface, frame: Uint8Array): void {
    const { etherType, filter, slotBytes = 2048 } = this.#options;
    if (by !== this.#by) return;
    const type = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
    if (etherType !== ETHERTYPE_ALL && etherType !== type) return;
    if (filter !== undefined && runFilter(filter, frame) === 0) return;
    const to = macFromBytes(frame, 0);
    const source = macFromBytes(frame, 6);
    if (to === undefined || source === undefined) return;
    const many = isMulticastMac(to) ? "multicast" : "to-us";
    this.#inbox.push({
      bytes: frame.slice(0, slotBytes),
      interfaceIndex: by.index,
      source,
      kind: to === MAC_BROADCAST ? "broadcast" : many,
      checksumReady: true,
      truncated: frame.length > slotBytes,
    });
  }

  handOver(): number {
    if (this.#handler === undefined) return 0;
    const waiting = this.#inbox;
    this.#inbox = [];
    this.counters.received += waiting.length;
    for (const frame of waiting) this.#handler?.(frame);
    return waiting.length;
  }

  onFrame(handler: (frame: ReceivedFrame) => void): void {
    this.#handler = handler;
  }

  send(frame: Uint8Array): Result<void, SocketError> {
    if (this.#closed) return err({ code: "EBADF", text: "the socket is closed" });
    const code = this.#kernel.sendFrame(this.#by, frame, this.#options.priority ?? 0);
    if (code !== undefined) {
      this.counters.sendFailed += 1;
      return err({ code, text: `fake: ${code}` });
    }
    this.counters.sent += 1;
    return ok(undefined);
  }

  close(): void {
    this.#closed = true;
    this.#handler = undefined;
    this.#kernel.closed(this);
  }
}
