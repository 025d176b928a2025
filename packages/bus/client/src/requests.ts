import { type CommandTopic, values } from "@passerelle/contract";
import type { Fault } from "@passerelle/result";
import type { GenericSchema } from "valibot";
import * as v from "valibot";
import { busFaults, withRaw } from "./faults.ts";
import type { BusTime, IncomingMessage, OutgoingMessage, PublishOutcome } from "./link.ts";
import { decodePayload, encodePayload } from "./payload.ts";
import type { Reply } from "./port.ts";

/** Requests of ours that wait for their reply at once. */
export const REQUESTS_MAX = 256;

/** Wait before a request is sent again that reached no owner: it may just be restarting. */
const RESEND_MS = 250;

/**
 * Every request of one client until its reply. A request keeps its correlation when it is sent again,
 * so its owner can tell the second copy from a second request.
 */
export class Requests {
  readonly #pending = new Map<string, Pending>();
  readonly #options: RequestsOptions;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  ask<Q, R>(command: CommandTopic<Q, R>, request: Q, timeoutMs: number): Promise<Reply<R>> {
    const payload = encodePayload(request);
    if (payload === undefined) return Promise.resolve(failure(busFaults.tooBig));
    if (this.#pending.size >= REQUESTS_MAX) return Promise.resolve(failure(busFaults.busy));
    const correlation = this.#options.randomBytes(16);
    const key = keyOf(correlation);
    return new Promise((resolve) => {
      const pending: Pending = {
        message: {
          topic: command.name,
          payload,
          qos: 1,
          retain: false,
          responseTopic: this.#options.replyTopic,
          correlation,
        },
        wasUp: false,
        settle: (outcome) => {
          this.#pending.delete(key);
          timer.cancel();
          pending.resend?.cancel();
          resolve(
            outcome.kind === "reply"
              ? readReply(outcome.payload, command.reply)
              : failure(outcome.fault),
          );
        },
      };
      const timer = this.#options.time.later(timeoutMs, () =>
        pending.settle(failed(pending.wasUp ? busFaults.timeout : busFaults.away)),
      );
      this.#pending.set(key, pending);
      this.#send(pending);
    });
  }

  /** The link is there (again): every request that still waits is sent, with the same correlation. */
  up(): void {
    for (const pending of [...this.#pending.values()]) this.#send(pending);
  }

  /** False: nobody waits for this reply (any more). */
  received(message: IncomingMessage): boolean {
    if (message.correlation === undefined) return false;
    const pending = this.#pending.get(keyOf(message.correlation));
    if (pending === undefined) return false;
    pending.settle({ kind: "reply", payload: message.payload });
    return true;
  }

  close(): void {
    for (const pending of [...this.#pending.values()]) pending.settle(failed(busFaults.closed));
  }

  #send(pending: Pending): void {
    pending.resend?.cancel();
    if (!this.#options.isUp()) return;
    pending.wasUp = true;
    this.#options.publish(pending.message, (outcome) => {
      if (outcome === "denied") pending.settle(failed(busFaults.denied));
      else if (outcome === "refused") pending.settle(failed(busFaults.tooBig));
      else if (outcome === "nobody")
        pending.resend = this.#options.time.later(RESEND_MS, () => this.#send(pending));
      // taken: the reply comes. lost: `up` sends it again.
    });
  }
}

interface RequestsOptions {
  readonly replyTopic: string;
  readonly time: BusTime;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly isUp: () => boolean;
  readonly publish: (message: OutgoingMessage, done: (outcome: PublishOutcome) => void) => void;
}

interface Pending {
  readonly message: OutgoingMessage;
  /** False as long as the link was away during the whole wait. */
  wasUp: boolean;
  resend?: { cancel(): void };
  readonly settle: (outcome: Outcome) => void;
}

type Outcome =
  | { readonly kind: "reply"; readonly payload: Uint8Array }
  | { readonly kind: "failed"; readonly fault: Fault };

function failed(fault: Fault): Outcome {
  return { kind: "failed", fault };
}

function failure(fault: Fault): Reply<never> {
  return { ok: false, fault };
}

const envelope = v.variant("ok", [
  v.strictObject({ ok: v.literal(true), data: v.unknown() }),
  v.strictObject({ ok: v.literal(false), fault: values.fault }),
]);

function readReply<R>(payload: Uint8Array, schema: GenericSchema<unknown, R>): Reply<R> {
  const decoded = decodePayload(payload, envelope);
  if (!decoded.ok) return failure(withRaw(busFaults.badReply, decoded.error));
  if (!decoded.value.ok) return failure(decoded.value.fault as Fault);
  const data = v.safeParse(schema, decoded.value.data);
  if (data.success) return { ok: true, data: data.output };
  return failure(withRaw(busFaults.badReply, v.getDotPath(data.issues[0]) ?? "(root)"));
}

/** Correlations as text, to be a key of a map. */
export function keyOf(correlation: Uint8Array): string {
  return Array.from(correlation.subarray(0, 64), (octet) =>
    octet.toString(16).padStart(2, "0"),
  ).join("");
}
