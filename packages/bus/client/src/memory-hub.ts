import type { ClientName } from "@passerelle/contract";
import { type CountedBus, createBus, lastWill } from "./bus.ts";
import type {
  BusLog,
  IncomingMessage,
  LastWill,
  Link,
  LinkEvents,
  OutgoingMessage,
} from "./link.ts";
import { type BusTime, systemTime } from "./link.ts";

/** A broker in this process: the same bus and the same checks, without socket. For unit tests. */
export interface MemoryHub {
  client(name: ClientName, options?: { readonly log?: BusLog }): CountedBus;
  /** The broker dies: every client is away, and what was retained is gone. */
  stop(): void;
  /** The broker is back, empty; every client reconnects at once. */
  start(): void;
  /** The process of this client dies without goodbye: its last will is published. */
  kill(name: ClientName): void;
  /** What is retained now, as JSON values by topic. */
  retained(): ReadonlyMap<string, unknown>;
  /** Delivers raw octets to whoever subscribed, as a hostile client would send them. */
  inject(message: Omit<IncomingMessage, "retained">): void;
}

export interface MemoryHubOptions {
  /** Clock for time-outs; give the manual clock of a test here. */
  readonly time?: BusTime;
}

export function createMemoryHub(options: MemoryHubOptions = {}): MemoryHub {
  const links = new Set<MemoryLink>();
  const retained = new Map<string, Uint8Array>();
  let isRunning = true;
  let counter = 0;

  const hub: HubSide = {
    links,
    retained,
    isRunning: () => isRunning,
    route(message) {
      if (message.retain) {
        if (message.payload.length === 0) retained.delete(message.topic);
        else retained.set(message.topic, message.payload);
      }
      let receivers = 0;
      for (const link of links) if (link.offer({ ...message, retained: false })) receivers += 1;
      return receivers;
    },
  };

  return {
    client(name, { log = SILENT } = {}) {
      return createBus({
        client: name,
        link: new MemoryLink(name, hub),
        log,
        time: options.time ?? systemTime,
        // Unlike within one hub is all that a test needs, and it replays.
        randomBytes: (length) => {
          counter += 1;
          return Uint8Array.from({ length }, (_, at) => (counter >>> (8 * (at % 4))) & 0xff);
        },
        validatePublish: true,
        will: lastWill(name),
      });
    },
    stop() {
      isRunning = false;
      retained.clear();
      for (const link of links) link.drop("stopped");
    },
    start() {
      isRunning = true;
      for (const link of links) link.connect();
    },
    kill(name) {
      for (const link of [...links]) if (link.client === name) link.die();
    },
    retained: () =>
      new Map(
        [...retained].map(([topic, payload]) => [
          topic,
          JSON.parse(new TextDecoder().decode(payload)) as unknown,
        ]),
      ),
    inject(message) {
      for (const link of links) link.offer({ ...message, retained: false });
    },
  };
}

interface HubSide {
  readonly links: Set<MemoryLink>;
  readonly retained: Map<string, Uint8Array>;
  isRunning(): boolean;
  /** Answers how many clients it was given to. */
  route(message: OutgoingMessage): number;
}

/** Everything arrives in a later microtask, in order, as from a socket. */
class MemoryLink implements Link {
  readonly client: ClientName;
  readonly #hub: HubSide;
  readonly #will: LastWill | undefined;
  readonly #filters = new Set<string>();
  #events: LinkEvents | undefined;
  #isUp = false;

  constructor(client: ClientName, hub: HubSide) {
    this.client = client;
    this.#hub = hub;
    this.#will = lastWill(client);
  }

  open(events: LinkEvents): void {
    this.#events = events;
    this.#hub.links.add(this);
    this.connect();
  }

  connect(): void {
    queueMicrotask(() => {
      if (this.#isUp || !this.#hub.links.has(this) || !this.#hub.isRunning()) return;
      this.#isUp = true;
      this.#events?.up();
    });
  }

  publish(message: OutgoingMessage, done: Parameters<Link["publish"]>[1]): void {
    queueMicrotask(() => {
      if (!this.#isUp) return done("lost");
      done(this.#hub.route(message) === 0 ? "nobody" : "taken");
    });
  }

  subscribe(topics: readonly string[], done: () => void): void {
    for (const topic of topics) {
      this.#filters.add(topic);
      queueMicrotask(() => {
        const payload = this.#hub.retained.get(topic);
        if (payload !== undefined) this.offer({ topic, payload, retained: true });
      });
    }
    queueMicrotask(() => {
      if (this.#isUp) done();
    });
  }

  unsubscribe(topic: string): void {
    this.#filters.delete(topic);
  }

  /** True where this client subscribed to it. */
  offer(message: IncomingMessage): boolean {
    if (!this.#isUp || !this.#filters.has(message.topic)) return false;
    const copy = { ...message, payload: message.payload.slice() };
    queueMicrotask(() => {
      if (this.#isUp) this.#events?.message(copy);
    });
    return true;
  }

  drop(reason: string): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#filters.clear();
    this.#events?.down(reason);
  }

  die(): void {
    this.#hub.links.delete(this);
    this.drop("killed");
    if (this.#will !== undefined) this.#hub.route({ ...this.#will, qos: 1, retain: true });
  }

  async close(): Promise<void> {
    this.#hub.links.delete(this);
    this.drop("closed");
  }
}

const SILENT: BusLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
