import { type LanDevice, lanDeviceEvent } from "@passerelle/contract";
import type { Mac } from "@passerelle/net";
import type { ServiceContext } from "@passerelle/service";
import { type Duration, seconds } from "@passerelle/time";
import { jsonOctets } from "../core/fitting.ts";
import { DEVICES_MAX, type Device, viewOf } from "../core/inventory/device.ts";
import {
  EMPTY_INVENTORY,
  forget,
  type Inventory,
  type InventoryChange,
  lose,
  rename,
  restoreInventory,
  type Sighting,
  sight,
} from "../core/inventory/inventory.ts";
import type { LanStore } from "./lan-store.ts";

type News =
  | { readonly kind: "seen"; readonly sighting: Sighting }
  | { readonly kind: "lost"; readonly mac: Mac; readonly address: string | undefined };

/**
 * Keeps the inventory. What is seen waits a moment and is taken together, a limited number at a time: a flood
 * of made-up devices costs a bounded share of the processor and pushes no named device out.
 */
export class InventoryKeeper {
  readonly #context: ServiceContext<unknown>;
  readonly #store: LanStore;
  readonly #changed: () => void;
  #inventory: Inventory = EMPTY_INVENTORY;
  readonly #news = new Map<string, News>();
  readonly #shown = new WeakMap<Device, LanDevice>();
  #timer: { cancel(): void } | undefined;

  constructor(context: ServiceContext<unknown>, store: LanStore, changed: () => void) {
    this.#context = context;
    this.#store = store;
    this.#changed = changed;
    this.#inventory = restoreInventory(store.devices());
  }

  seen(sighting: Sighting): void {
    this.#add(`${sighting.mac} ${sighting.evidence}`, { kind: "seen", sighting });
  }

  lost(mac: Mac, address: string | undefined): void {
    this.#add(`${mac} ${address}`, { kind: "lost", mac, address });
  }

  rename(id: string, name: string): LanDevice | undefined {
    this.flush();
    const change = rename(this.#inventory, id, name);
    if (change === undefined) return undefined;
    this.#apply(change);
    // A person's word is not lost in a crash.
    this.#store.flushDevices();
    return change.device === undefined ? undefined : this.#view(change.device);
  }

  forget(id: string): boolean {
    this.flush();
    const change = forget(this.#inventory, id);
    if (change !== undefined) {
      this.#apply(change);
      this.#store.flushDevices();
    }
    return change !== undefined;
  }

  /** What a person called the device with this hardware address. */
  givenName(mac: Mac): string | undefined {
    const id = this.#inventory.index.get(`mac:${mac}`);
    return id === undefined ? undefined : this.#inventory.devices.get(id)?.givenName;
  }

  /** Those that are there first, then those seen last: whoever shows only some shows the right ones. */
  view(): readonly LanDevice[] {
    return [...this.#inventory.devices.values()]
      .map((device) => this.#view(device))
      .sort(
        (a, b) =>
          Number(b.online) - Number(a.online) || b.lastSeen - a.lastSeen || (a.id < b.id ? -1 : 1),
      );
  }

  get size(): number {
    return this.#inventory.devices.size;
  }

  /** Takes what waits. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    let taken = 0;
    for (const [key, news] of this.#news) {
      if (taken >= TAKEN_MAX) break;
      taken += 1;
      this.#news.delete(key);
      const wall = this.#context.clock.wall();
      this.#apply(
        news.kind === "seen"
          ? sight(this.#inventory, news.sighting, wall)
          : lose(this.#inventory, news.mac, news.address),
      );
    }
    if (this.#news.size > 0) this.#arm();
  }

  stop(): void {
    this.flush();
    this.#timer?.cancel();
    this.#store.flushDevices();
  }

  #add(key: string, news: News): void {
    if (this.#news.size >= WAITING_MAX && !this.#news.has(key)) return;
    // Deleted first, so that what came last is taken last.
    this.#news.delete(key);
    this.#news.set(key, news);
    this.#arm();
  }

  #arm(): void {
    this.#timer ??= this.#context.clock.later(GATHER, () => this.flush());
  }

  #apply(change: InventoryChange): void {
    this.#inventory = change.inventory;
    for (const id of change.forgotten) this.#store.removeDevice(id);
    if (change.device !== undefined) {
      this.#store.putDevice(change.device);
      jsonOctets(this.#view(change.device));
      if (change.event !== undefined) {
        this.#context.bus.publish(lanDeviceEvent, {
          kind: change.event,
          at: this.#context.clock.wall(),
          device: this.#view(change.device),
        });
      }
    }
    if (change.device !== undefined || change.forgotten.length > 0) this.#changed();
  }

  /** A device is a value: it is shown once until it changes. */
  #view(device: Device): LanDevice {
    const online = this.#inventory.online.has(device.id);
    const known = this.#shown.get(device);
    if (known?.online === online) return known;
    const view = viewOf(device, online);
    this.#shown.set(device, view);
    return view;
  }
}

/** Short turns, so that nobody waits for them. */
const GATHER: Duration = seconds(0.1);
const TAKEN_MAX = 32;
const WAITING_MAX = DEVICES_MAX;
