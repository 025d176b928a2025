import {
  aliveState,
  type ClientName,
  DAEMONS,
  type DaemonName,
  type EventTopic,
  replyTopic,
  type StateTopic,
} from "@passerelle/contract";
import { err, type Fault, invariant, ok, type Result } from "@passerelle/result";
import { type Duration, seconds } from "@passerelle/time";
import { busFaults, withRaw } from "./faults.ts";
import type {
  BusLog,
  BusTime,
  IncomingMessage,
  LastWill,
  Link,
  OutgoingMessage,
  PublishOutcome,
} from "./link.ts";
import { encodePayload, sameBytes, validate } from "./payload.ts";
import type { Bus, Subscription } from "./port.ts";
import { Requests } from "./requests.ts";
import { Serving } from "./serving.ts";
import { Subscriptions } from "./subscriptions.ts";

/** A bus that also says how it fared, and whether the broker is there: for tools, which do not wait for ever. */
export interface CountedBus extends Bus {
  readonly counters: Readonly<BusCounters>;

  /** Resolves when the link is up; or after `timeout`, to `bus_not_reached` with what the system said last. */
  reached(timeout: Duration): Promise<Fault | undefined>;

  /** One state as it is retained; undefined where nobody published it; `bus_not_reached`. */
  read<T>(topic: StateTopic<T>, times: ReadTimes): Promise<Result<T | undefined, Fault>>;
}

export interface ReadTimes {
  /** How long it may take until the broker has taken the subscription. */
  readonly reach: Duration;
  /** A retained value comes with its subscription: what is not there so long after the broker took it is not there. */
  readonly value: Duration;
}

export interface BusCounters {
  /** Events not sent because the broker was away. */
  eventsDropped: number;
  /** Messages that no schema of the contract fits, requests without a valid return address, late replies. */
  invalid: number;
  /** Publishes that the broker's access list refused. */
  denied: number;
  /** Values not sent because they are larger than a payload may be. */
  tooBig: number;
  /** Times the link came up. */
  connections: number;
}

export interface BusCoreOptions {
  readonly client: ClientName;
  readonly link: Link;
  readonly log: BusLog;
  readonly time: BusTime;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Throws where a value of ours breaks its own schema: for tests and development. */
  readonly validatePublish: boolean;
  /** What `close` says itself, so that it does not come from the broker; absent for those who have nothing to say. */
  readonly will: LastWill | undefined;
}

const REQUEST_TIMEOUT = seconds(5);
const FAREWELL_TIMEOUT = seconds(1);

/** Typed publish, subscribe, request and serve over any link. */
export function createBus(options: BusCoreOptions): CountedBus {
  return new LinkBus(options);
}

/** What the broker says in our place when we vanish; an observer has nothing to say. */
export function lastWill(client: ClientName): LastWill | undefined {
  if (!isDaemon(client)) return undefined;
  const payload = encodePayload({ status: "offline" });
  invariant(payload !== undefined, "a farewell fits");
  return { topic: aliveState[client].name, payload };
}

function isDaemon(client: ClientName): client is DaemonName {
  return DAEMONS.some((daemon) => daemon === client);
}

class LinkBus implements CountedBus {
  readonly counters: BusCounters = {
    eventsDropped: 0,
    invalid: 0,
    denied: 0,
    tooBig: 0,
    connections: 0,
  };
  #up = false;
  #closed = false;
  readonly #options: BusCoreOptions;
  /** The newest value of each state of ours: sent again when the link comes back. */
  readonly #states = new Map<string, OwnState>();
  readonly #replyTopic: string;
  readonly #requests: Requests;
  readonly #serving: Serving;
  readonly #subscriptions: Subscriptions;
  #outstanding = 0;
  readonly #flushWaiters = new Set<() => void>();
  readonly #arrivalWaiters = new Set<() => void>();
  /** Why there is no link, as the system says it. */
  #trouble: string | undefined;

  constructor(options: BusCoreOptions) {
    this.#options = options;
    this.#replyTopic = replyTopic(options.client);
    const { time, log, randomBytes } = options;
    const shared = {
      time,
      isUp: () => this.#up,
      publish: (message: OutgoingMessage, done: (outcome: PublishOutcome) => void) =>
        this.#publish(message, done),
    };
    this.#requests = new Requests({ ...shared, randomBytes, replyTopic: this.#replyTopic });
    this.#serving = new Serving({ ...shared, log, validateReplies: options.validatePublish });
    this.#subscriptions = new Subscriptions({ time, log, counters: this.counters });
    options.link.open({
      up: () => this.#cameUp(),
      down: (reason) => this.#wentDown(reason),
      message: (message) => this.#received(message),
    });
  }

  get connected(): boolean {
    return this.#up;
  }

  publish<T>(topic: StateTopic<T> | EventTopic<T>, value: T): void {
    const { client, log, validatePublish } = this.#options;
    invariant(topic.owner === client, `${client} publishes its own topics, not ${topic.name}`);
    if (validatePublish) {
      const checked = validate(value, topic.schema);
      if (!checked.ok) throw new Error(`published on ${topic.name}: ${checked.error}`);
    }
    const payload = encodePayload(value);
    if (payload === undefined) {
      this.counters.tooBig += 1;
      log.error("bus_value_too_big", { topic: topic.name });
      return;
    }
    if (topic.kind === "state") this.#publishState(topic.name, payload);
    else if (!this.#up) this.counters.eventsDropped += 1;
    else this.#publish({ topic: topic.name, payload, qos: 0, retain: false }, () => undefined);
  }

  /** `granted` is called once, when the broker has taken the subscription. */
  subscribe<T>(
    topic: StateTopic<T> | EventTopic<T>,
    handler: (value: T) => void,
    granted?: () => void,
  ): Subscription {
    const { client, link } = this.#options;
    const readers = topic.kind === "state" ? topic.readers : undefined;
    const mayRead = readers === undefined || topic.owner === client || readers.includes(client);
    invariant(mayRead, `${client} may read ${topic.name}`);
    const isFirst = !this.#subscriptions.has(topic.name);
    const subscription = this.#subscriptions.add(topic, handler, granted);
    if (isFirst && this.#up) this.#ask([topic.name]);
    return {
      close: () => {
        subscription.close();
        if (!this.#subscriptions.has(topic.name) && this.#up) link.unsubscribe(topic.name);
      },
    };
  }

  request: Bus["request"] = (command, request, options) => {
    const { client } = this.#options;
    if (this.#closed) return Promise.resolve({ ok: false, fault: busFaults.closed });
    if (command.owner !== client && !command.callers.includes(client))
      return Promise.resolve({ ok: false, fault: busFaults.denied });
    return this.#requests.ask(command, request, options?.timeout ?? REQUEST_TIMEOUT);
  };

  serve: Bus["serve"] = (command, handler) => {
    const { client, link } = this.#options;
    invariant(command.owner === client, `${client} serves its own commands, not ${command.name}`);
    this.#serving.add(command, handler);
    if (this.#up) this.#ask([command.name]);
    return {
      close: () => {
        this.#serving.remove(command.name);
        if (this.#up) link.unsubscribe(command.name);
      },
    };
  };

  reached(timeout: Duration): Promise<Fault | undefined> {
    if (this.#up) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const arrived = () => {
        timer.cancel();
        resolve(undefined);
      };
      const timer = this.#options.time.later(timeout, () => {
        this.#arrivalWaiters.delete(arrived);
        resolve(this.#notReached());
      });
      this.#arrivalWaiters.add(arrived);
    });
  }

  read<T>(topic: StateTopic<T>, times: ReadTimes): Promise<Result<T | undefined, Fault>> {
    const { time } = this.#options;
    return new Promise((resolve) => {
      const finish = (result: Result<T | undefined, Fault>) => {
        timer.cancel();
        subscription.close();
        resolve(result);
      };
      let timer = time.later(times.reach, () => finish(err(this.#notReached())));
      const subscription = this.subscribe(
        topic,
        (value) => finish(ok(value)),
        () => {
          timer.cancel();
          timer = time.later(times.value, () =>
            finish(this.#up ? ok(undefined) : err(this.#notReached())),
          );
        },
      );
    });
  }

  flush(timeout: Duration): Promise<void> {
    if (this.#isSettled()) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        timer.cancel();
        this.#flushWaiters.delete(finish);
        resolve();
      };
      const timer = this.#options.time.later(timeout, finish);
      this.#flushWaiters.add(finish);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    const { will } = this.#options;
    // A goodbye keeps the broker from publishing the last will: we say it ourselves.
    if (will !== undefined && this.#up) this.#publishState(will.topic, will.payload);
    if (this.#up) await this.flush(FAREWELL_TIMEOUT);
    this.#closed = true;
    this.#up = false;
    this.#requests.close();
    await this.#options.link.close();
    for (const finish of [...this.#flushWaiters]) finish();
  }

  #publishState(topic: string, payload: Uint8Array): void {
    if (this.#closed) return;
    const before = this.#states.get(topic);
    if (before !== undefined && sameBytes(before.payload, payload)) return;
    const state: OwnState = { payload, acknowledged: false };
    this.#states.set(topic, state);
    if (this.#up) this.#sendState(topic, state);
  }

  #sendState(topic: string, state: OwnState): void {
    this.#publish({ topic, payload: state.payload, qos: 1, retain: true }, (outcome) => {
      if (outcome !== "lost") state.acknowledged = true;
    });
  }

  #publish(message: OutgoingMessage, done: (outcome: PublishOutcome) => void): void {
    this.#outstanding += 1;
    this.#options.link.publish(message, (outcome) => {
      this.#outstanding -= 1;
      if (outcome === "denied") this.counters.denied += 1;
      if (outcome === "denied" || outcome === "refused")
        this.#options.log.error("bus_publish_refused", { topic: message.topic, outcome });
      if (outcome === "lost" && message.qos === 0) this.counters.eventsDropped += 1;
      done(outcome);
      if (this.#isSettled()) for (const finish of [...this.#flushWaiters]) finish();
    });
  }

  #isSettled(): boolean {
    if (this.#outstanding > 0) return false;
    for (const state of this.#states.values()) if (!state.acknowledged) return false;
    return true;
  }

  #cameUp(): void {
    if (this.#closed) return;
    this.#up = true;
    this.counters.connections += 1;
    this.#options.log.info("bus_connected");
    this.#ask([this.#replyTopic, ...this.#serving.topics, ...this.#subscriptions.topics]);
    // The broker keeps nothing over its own restart: all of ours goes again.
    for (const [topic, state] of this.#states) {
      state.acknowledged = false;
      this.#sendState(topic, state);
    }
    this.#serving.up();
    this.#requests.up();
    for (const arrived of [...this.#arrivalWaiters]) arrived();
    this.#arrivalWaiters.clear();
  }

  #wentDown(reason: string): void {
    this.#trouble = reason;
    if (!this.#up) return;
    this.#up = false;
    this.#subscriptions.down();
    if (!this.#closed) this.#options.log.warn("bus_lost", { reason });
  }

  #ask(topics: readonly string[]): void {
    this.#options.link.subscribe(topics, () => this.#subscriptions.granted(topics));
  }

  #notReached(): Fault {
    const { notReached } = busFaults;
    return this.#trouble === undefined ? notReached : withRaw(notReached, this.#trouble);
  }

  #received(message: IncomingMessage): void {
    if (this.#closed) return;
    if (message.topic === this.#replyTopic) {
      // A reply that comes after its time-out is no fault of anybody, but worth a count.
      if (!this.#requests.received(message)) this.counters.invalid += 1;
    } else if (this.#subscriptions.has(message.topic)) this.#subscriptions.received(message);
    else if (!this.#serving.received(message)) this.#subscriptions.reject(message.topic, "stray");
  }
}

interface OwnState {
  readonly payload: Uint8Array;
  acknowledged: boolean;
}
