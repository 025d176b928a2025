/** What carries messages: a broker's socket, or a hub in memory. It knows octets and topics, no schema. */
export interface Link {
  /** Starts; calls `events` from then on. Reconnects by itself until `close`. */
  open(events: LinkEvents): void;
  /** Called while up only. `done` is called once, perhaps at once. */
  publish(message: OutgoingMessage, done: (outcome: PublishOutcome) => void): void;
  /** Called while up only. Retained messages come for each call. `done` is called when the broker granted them, else never. */
  subscribe(topics: readonly string[], done: () => void): void;
  unsubscribe(topic: string): void;
  /** Says goodbye, so that the last will stays unpublished. */
  close(): Promise<void>;
}

export interface LinkEvents {
  up(): void;
  /** The link is gone, or an attempt to make it failed. */
  down(reason: string): void;
  message(message: IncomingMessage): void;
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly responseTopic?: string;
  readonly correlation?: Uint8Array;
}

export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** True where the broker kept it from before the subscription. */
  readonly retained: boolean;
  readonly responseTopic?: string;
  readonly correlation?: Uint8Array;
}

/**
 * taken: the broker has it. nobody: it has it and nobody listens (MQTT 5 reason 16). denied: the access
 * list forbids it (135). superseded: a newer value of the same state went instead. lost: the link broke
 * before the broker answered. refused: the broker said no for another reason.
 */
export type PublishOutcome = "taken" | "nobody" | "denied" | "superseded" | "lost" | "refused";

/** Published by the broker when the link ends without goodbye. */
export interface LastWill {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** Where the bus writes; the logger of the runtime fits. */
export interface BusLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Time for time-outs: milliseconds of a clock that never runs back. */
export interface BusTime {
  now(): number;
  later(waitMs: number, callback: () => void): { cancel(): void };
}

/** The real one. Its timers do not keep a process alive. */
export const systemTime: BusTime = {
  now: () => performance.now(),
  later(waitMs, callback) {
    const timer = setTimeout(callback, waitMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
