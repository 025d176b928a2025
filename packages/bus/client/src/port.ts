import type { CommandTopic, EventTopic, StateTopic } from "@passerelle/contract";
import type { Fault } from "@passerelle/result";
import type { Duration } from "@passerelle/time";

/** What a daemon sees of the bus. Every payload is validated by its topic's schema when it is received. */
export interface Bus {
  /**
   * Publishes a state (retained, QoS 1) or an event (QoS 0). While the broker is away the newest value
   * of each state is kept and sent on reconnection; events are dropped. Publishing what the broker already
   * holds from us sends nothing.
   */
  publish<T>(topic: StateTopic<T> | EventTopic<T>, value: T): void;

  /** Calls back with the retained value, if any, and with each later one. An invalid payload is counted and logged, never delivered. */
  subscribe<T>(topic: StateTopic<T> | EventTopic<T>, handler: (value: T) => void): Subscription;

  /** Asks the owner. Resolves to exactly one reply; `bus_timeout` and `bus_away` are replies of our own making. */
  request<Q, R>(
    command: CommandTopic<Q, R>,
    request: Q,
    options?: { readonly timeout?: Duration },
  ): Promise<Reply<R>>;

  /** Answers a command this client owns. A handler that throws answers `internal_error` and is logged. */
  serve<Q, R>(
    command: CommandTopic<Q, R>,
    handler: (request: Q) => Promise<Reply<R>> | Reply<R>,
  ): Subscription;

  readonly connected: boolean;

  /** Resolves when every publish so far was acknowledged by the broker, or the time is over. */
  flush(timeout: Duration): Promise<void>;

  /** Publishes the farewell, disconnects. */
  close(): Promise<void>;
}

export interface Subscription {
  close(): void;
}

export type Reply<R> =
  | { readonly ok: true; readonly data: R }
  | { readonly ok: false; readonly fault: Fault };
