import { configState } from "@passerelle/contract";
import type { Cidr4 } from "@passerelle/net";
import type { Driver, ServiceContext } from "@passerelle/service";
import { after, milliseconds, seconds } from "@passerelle/time";
import { cidrOfText, type LanConfig } from "../config.ts";
import type { StoredLease } from "../core/dhcp/index.ts";
import {
  type FormerInput,
  type FormerState,
  formerAddresses,
  type HeldLease,
  type Kept,
  type Place,
} from "../core/former/index.ts";
import { grantedAt } from "../core/view.ts";
import type { LanStore } from "./lan-store.ts";
import { createPublisher, type Publisher } from "./publisher.ts";

export interface FormerKeeperOptions {
  readonly context: ServiceContext<LanConfig>;
  readonly store: Pick<LanStore, "leases" | "places" | "putPlaces">;
  /** Leases in force now. */
  readonly leases: () => readonly HeldLease[];
  /** Other addresses are kept than before. */
  readonly follow: () => void;
  /** Something about them is different, perhaps only for how long. Not before `watch`. */
  readonly changed: () => void;
}

/** The machine of former addresses with its hands: the store, and what the bus says of the change on probation. */
export class FormerKeeper {
  readonly #options: FormerKeeperOptions;
  readonly #driver: Driver<FormerState, FormerInput>;
  readonly #look: Publisher;
  #before: FormerState;
  #probation: { close(): void } | undefined;

  constructor(options: FormerKeeperOptions, config: LanConfig) {
    this.#options = options;
    const { context, store, follow, changed } = options;
    const { clock } = context;
    this.#driver = context.drive(formerAddresses, {
      name: "former-addresses",
      run: (effect) => {
        if (effect.kind === "store") store.putPlaces(effect.record);
        else follow();
      },
      changed: () => {
        if (this.#probation !== undefined) changed();
      },
    });
    this.#before = this.#driver.state;
    this.#look = createPublisher(clock, LOOK_EVERY, () => this.#lookNow());
    this.#driver.input({
      kind: "start",
      places: placesOf(config),
      stored: store.places(),
      leases: this.#storedLeases(store.leases()),
      bootId: clock.bootId,
    });
  }

  /** The newest first. */
  get kept(): readonly Kept[] {
    const { state } = this.#driver;
    return state.kind === "idle" ? [] : state.kept;
  }

  /** Before the networks become these: what is kept from then on. */
  configured(config: LanConfig): void {
    this.#before = this.#driver.state;
    const leases = this.#options.leases();
    this.#driver.input({ kind: "configured", places: placesOf(config), leases });
  }

  /** They did not. */
  refused(): void {
    this.#driver.input({ kind: "refused", before: this.#before });
  }

  leasesChanged(): void {
    if (this.kept.length > 0) this.#look.changed();
  }

  line(network: Cidr4 | undefined): void {
    this.#driver.input({ kind: "line", network });
  }

  watch(): void {
    const { bus, clock } = this.#options.context;
    this.#probation = bus.subscribe(configState, ({ phase }) => {
      const until =
        phase.kind === "probation"
          ? after(clock.now(), milliseconds(phase.remainingMs))
          : undefined;
      this.#driver.input({ kind: "probation", until });
    });
  }

  stop(): void {
    this.#probation?.close();
    this.#look.stop();
    this.#driver.stop();
  }

  #lookNow(): void {
    this.#driver.input({ kind: "leases", leases: this.#options.leases() });
  }

  /** Those in force, timed as the DHCP server will. */
  #storedLeases(rows: readonly StoredLease[]): readonly HeldLease[] {
    const { clock } = this.#options.context;
    const now = clock.now();
    return rows
      .filter(({ ended }) => !ended)
      .map(({ network, address, bootId, expires, duration }) => {
        const isOfThisBoot = bootId === clock.bootId;
        return {
          ...{ network, address },
          granted: isOfThisBoot ? grantedAt(expires, duration) : now,
          expires: isOfThisBoot ? expires : after(now, duration),
        };
      });
  }
}

function placesOf({ networks }: LanConfig): readonly Place[] {
  return networks.map(({ name, address, dhcp }) => ({
    name,
    address: cidrOfText(address),
    served: dhcp.enabled,
  }));
}

const LOOK_EVERY = seconds(1);
