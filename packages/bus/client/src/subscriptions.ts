import type { EventTopic, StateTopic } from "@passerelle/contract";
import type { BusLog, BusTime, IncomingMessage } from "./link.ts";
import { decodePayload, sameBytes } from "./payload.ts";
import type { Subscription } from "./port.ts";

/** One line a topic in this time, however many invalid payloads come. */
const COMPLAINT_EVERY_MS = 60_000;
/** Topics with a complaint remembered; a stranger can't make more of them than we subscribe to. */
const COMPLAINTS_MAX = 256;

/** Who of this client wants which topic, and the last value of each state. */
export class Subscriptions {
  readonly #topics = new Map<string, Subscribed>();
  readonly #complaints = new Map<string, number>();
  readonly #options: SubscriptionsOptions;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  has(name: string): boolean {
    return this.#topics.has(name);
  }

  /** `granted` is called once: when the broker takes the subscription, or soon where it has. */
  add<T>(
    topic: StateTopic<T> | EventTopic<T>,
    handler: (value: T) => void,
    granted?: () => void,
  ): Subscription {
    let subscribed = this.#topics.get(topic.name);
    if (subscribed === undefined) {
      subscribed = {
        topic,
        handlers: new Set(),
        last: undefined,
        isGranted: false,
        waiting: new Map(),
      };
      this.#topics.set(topic.name, subscribed);
    }
    // Own function: two subscriptions with one handler stay two.
    const deliver = (value: unknown) => handler(value as T);
    subscribed.handlers.add(deliver);
    const { last, handlers, waiting } = subscribed;
    if (last !== undefined)
      queueMicrotask(() => {
        // A newer value that came meanwhile was delivered already.
        if (handlers.has(deliver) && subscribed.last === last) call(deliver, last.value);
      });
    if (granted !== undefined) {
      waiting.set(deliver, granted);
      if (subscribed.isGranted) queueMicrotask(() => tellGranted(waiting, deliver));
    }
    return {
      close: () => {
        handlers.delete(deliver);
        waiting.delete(deliver);
        if (handlers.size === 0) this.#topics.delete(topic.name);
      },
    };
  }

  /** The broker took these; some may be gone meanwhile. */
  granted(topics: readonly string[]): void {
    for (const name of topics) {
      const subscribed = this.#topics.get(name);
      if (subscribed === undefined) continue;
      subscribed.isGranted = true;
      for (const key of [...subscribed.waiting.keys()]) tellGranted(subscribed.waiting, key);
    }
  }

  /** The link is gone, and with it what the broker granted. */
  down(): void {
    for (const subscribed of this.#topics.values()) subscribed.isGranted = false;
  }

  received(message: IncomingMessage): void {
    const subscribed = this.#topics.get(message.topic);
    if (subscribed === undefined) return;
    const { topic, handlers, last } = subscribed;
    if (topic.kind === "state" && last !== undefined && sameBytes(last.payload, message.payload))
      return;
    const decoded = decodePayload(message.payload, topic.schema);
    if (!decoded.ok) {
      this.reject(message.topic, decoded.error);
      return;
    }
    if (topic.kind === "state")
      subscribed.last = { payload: message.payload.slice(), value: decoded.value };
    for (const handler of [...handlers]) if (handlers.has(handler)) call(handler, decoded.value);
  }

  /** Counts a message that can't be used, and says so, but not for each. */
  reject(topic: string, reason: string): void {
    const { counters, log, time } = this.#options;
    counters.invalid += 1;
    const now = time.now();
    const before = this.#complaints.get(topic);
    if (before !== undefined && now - before < COMPLAINT_EVERY_MS) return;
    if (this.#complaints.size >= COMPLAINTS_MAX) this.#complaints.clear();
    this.#complaints.set(topic, now);
    log.warn("bus_invalid_message", { topic, reason });
  }
}

interface SubscriptionsOptions {
  readonly time: BusTime;
  readonly log: BusLog;
  readonly counters: { invalid: number };
}

interface Subscribed {
  readonly topic: StateTopic<unknown> | EventTopic<unknown>;
  readonly handlers: Set<Handler>;
  last: { readonly payload: Uint8Array; readonly value: unknown } | undefined;
  /** True from the broker's word until the link is gone. */
  isGranted: boolean;
  /** Who wants to hear that word and has not, by its handler. */
  readonly waiting: Map<Handler, () => void>;
}

type Handler = (value: unknown) => void;

function tellGranted(waiting: Map<Handler, () => void>, key: Handler): void {
  const tell = waiting.get(key);
  waiting.delete(key);
  tell?.();
}

/** A handler that throws is our bug: it ends the process instead of drowning in the link's own catch. */
function call(handler: Handler, value: unknown): void {
  try {
    handler(value);
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}
