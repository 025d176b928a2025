import { err, ok, type Result } from "@passerelle/result";
import {
  CLOSED,
  ENDED,
  type PppChannel,
  type PppError,
  type PppOptions,
  type PppTraffic,
  PROTOCOL_OF_LINK,
} from "./port.ts";

interface Cable {
  other(): FakePppChannel | undefined;
  closed(): void;
}

/** A session of the kernel in memory. */
export class FakePppChannel implements PppChannel {
  readonly options: PppOptions;
  readonly name: string;
  readonly interfaceIndex: number;
  /** What was set. */
  readonly settings: { mtu: number; mru: number; passes: Set<4 | 6> } = {
    ...{ mtu: 1492, mru: 1500 },
    passes: new Set(),
  };
  /** Nobody but the kernel in memory holds it now. */
  isLeft = false;
  readonly #cable: Cable;
  #traffic = { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };
  #inbox: { readonly protocol: number; readonly payload: Uint8Array }[] = [];
  #handler: ((protocol: number, payload: Uint8Array) => void) | undefined;
  #ended: () => void = () => {};
  #isEndNews = false;
  #state: "open" | "ended" | "closed" = "open";

  constructor(options: PppOptions, interfaceIndex: number, cable: Cable) {
    this.options = options;
    this.name = options.name;
    this.interfaceIndex = interfaceIndex;
    this.#cable = cable;
  }

  onPacket(handler: (protocol: number, payload: Uint8Array) => void): void {
    if (this.#state !== "closed") this.#handler = handler;
  }

  onEnd(handler: () => void): void {
    this.#ended = handler;
  }

  send(protocol: number, payload: Uint8Array): Result<void, PppError> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return err(refusal);
    this.#cable.other()?.take(protocol, payload.slice());
    if (protocol < PROTOCOL_OF_LINK) this.#count("sent", payload.length);
    return ok(undefined);
  }

  pass(family: 4 | 6, on: boolean): Result<void, PppError> {
    return this.#set(({ passes }) => void (on ? passes.add(family) : passes.delete(family)));
  }

  setMtu(octets: number): Result<void, PppError> {
    return this.#set((settings) => {
      settings.mtu = octets;
    });
  }

  setMru(octets: number): Result<void, PppError> {
    return this.#set((settings) => {
      settings.mru = octets;
    });
  }

  counters(): Result<PppTraffic, PppError> {
    return this.#state === "closed" ? err(CLOSED) : ok(this.#traffic);
  }

  close(): void {
    this.#state = "closed";
    this.#handler = undefined;
    this.#inbox = [];
    this.#cable.closed();
  }

  leave(): void {
    this.isLeft = true;
    this.#handler = undefined;
    this.#ended = () => {};
  }

  /** Traffic of users came in: the life sign. */
  received(packets: number): void {
    for (let i = 0; i < packets; i += 1) this.#count("received", 0);
  }

  take(protocol: number, payload: Uint8Array): void {
    if (this.#state !== "open") return;
    // The kernel keeps no more for one who does not read.
    if (this.#inbox.length < INBOX_MAX) this.#inbox.push({ protocol, payload });
    if (protocol < PROTOCOL_OF_LINK) this.#count("received", payload.length);
  }

  ended(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#isEndNews = true;
  }

  /** How many things were told. */
  handOver(): number {
    if (this.#handler === undefined) return 0;
    const waiting = this.#inbox;
    this.#inbox = [];
    for (const { protocol, payload } of waiting) this.#handler?.(protocol, payload);
    const isNews = this.#isEndNews && this.#handler !== undefined;
    if (isNews) {
      this.#isEndNews = false;
      this.#ended();
    }
    return waiting.length + (isNews ? 1 : 0);
  }

  #set(change: (settings: FakePppChannel["settings"]) => void): Result<void, PppError> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return err(refusal);
    change(this.settings);
    return ok(undefined);
  }

  #refusal(): PppError | undefined {
    if (this.#state === "closed") return CLOSED;
    return this.#state === "ended" ? ENDED : undefined;
  }

  #count(way: "received" | "sent", octets: number): void {
    const traffic = { ...this.#traffic };
    traffic[`${way}Packets`] += 1;
    traffic[`${way}Bytes`] += octets;
    this.#traffic = traffic;
  }
}

const INBOX_MAX = 32;
