import type { Bus } from "@passerelle/bus-client";
import { firewallHistory, firewallTraffic } from "@passerelle/contract";
import type { Nft } from "@passerelle/nft";
import type { Clock, Logger } from "@passerelle/service";
import { elapsed, seconds } from "@passerelle/time";
import { readCounters } from "../core/counters.ts";
import { TRAFFIC_DOWN4, TRAFFIC_DOWN6, TRAFFIC_UP } from "../core/render.ts";
import { TABLE } from "../core/ruleset.ts";
import { HISTORY_PERIOD, initialTraffic, readTraffic, type TrafficState } from "../core/traffic.ts";
import { historyDocument } from "./facts.ts";

export const READ_EVERY = seconds(10);

export interface CountersOptions {
  readonly nft: Nft;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ownerOf: (address: string) => string | undefined;
}

/** Reads the kernel's counters every 10 seconds and publishes what they mean per device. */
export class Counters {
  readonly #options: CountersOptions;
  #state: TrafficState;
  #timer: { cancel(): void } | undefined;
  #stopped = false;
  #readable = true;

  constructor(options: CountersOptions) {
    this.#options = options;
    this.#state = initialTraffic(options.clock.wall());
  }

  start(): void {
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** One reading, now. */
  async read(): Promise<void> {
    const { nft, bus, clock, log } = this.#options;
    const listing = await nft.listTable("inet", TABLE);
    if (this.#stopped) return;
    const readable = listing.ok && listing.value !== undefined;
    if (readable !== this.#readable) {
      this.#readable = readable;
      log[readable ? "info" : "warn"]("counters_readable", { readable });
    }
    if (!listing.ok || listing.value === undefined) return;
    const { sets } = listing.value;
    const before = this.#state;
    const now = clock.now();
    const wall = clock.wall();
    const down = new Map([
      ...readCounters(sets, TRAFFIC_DOWN4),
      ...readCounters(sets, TRAFFIC_DOWN6),
    ]);
    const reading = { up: readCounters(sets, TRAFFIC_UP), down };
    this.#state = readTraffic(before, reading, this.#options.ownerOf, now, wall);
    bus.publish(firewallTraffic, {
      at: wall,
      periodMs: before.readAt === undefined ? 0 : elapsed(before.readAt, now),
      devices: [...this.#state.devices.values()].map((device) => ({ ...device })),
    });
    if (this.#state.history !== before.history) {
      bus.publish(firewallHistory, historyDocument(HISTORY_PERIOD, this.#state.history));
    }
  }

  dump(): unknown {
    return { devices: this.#state.devices.size, histories: this.#state.history.size };
  }

  #arm(): void {
    this.#timer = this.#options.clock.later(READ_EVERY, () => {
      void this.read().finally(() => {
        if (!this.#stopped) this.#arm();
      });
    });
  }
}
