import { type CommandTopic, replyTopic } from "@passerelle/contract";
import { invariant } from "@passerelle/result";
import { busFaults, withRaw } from "./faults.ts";
import type { BusLog, BusTime, IncomingMessage, OutgoingMessage, PublishOutcome } from "./link.ts";
import { decodePayload, encodePayload, validate } from "./payload.ts";
import type { Reply } from "./port.ts";
import { keyOf } from "./requests.ts";

/** How long an answered request is remembered: its second copy gets the same answer and is not executed. */
const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 1024;
/** Requests whose handler has not answered yet. */
const UNDER_WAY_MAX = 256;

/** The commands one client owns: each request is executed once and answered once. */
export class Serving {
  readonly #commands = new Map<string, Served>();
  /** By reply topic and correlation, oldest first. */
  readonly #known = new Map<string, Known>();
  #underWay = 0;
  readonly #options: ServingOptions;

  constructor(options: ServingOptions) {
    this.#options = options;
  }

  get topics(): readonly string[] {
    return [...this.#commands.keys()];
  }

  add<Q, R>(
    command: CommandTopic<Q, R>,
    handler: (request: Q) => Promise<Reply<R>> | Reply<R>,
  ): void {
    invariant(!this.#commands.has(command.name), `one handler serves ${command.name}`);
    this.#commands.set(command.name, {
      replyTopics: new Set([command.owner, ...command.callers].map(replyTopic)),
      execute: async (payload) => {
        const request = decodePayload(payload, command.request);
        if (!request.ok)
          return { ok: false, fault: withRaw(busFaults.badRequest, request.error) } as const;
        const reply = await handler(request.value);
        if (reply.ok && this.#options.validateReplies) {
          const checked = validate(reply.data, command.reply);
          if (!checked.ok) throw new Error(`reply of ${command.name}: ${checked.error}`);
        }
        return reply;
      },
    });
  }

  remove(name: string): void {
    this.#commands.delete(name);
  }

  /** False where the message is not a request to a command served here. */
  received(message: IncomingMessage): boolean {
    const served = this.#commands.get(message.topic);
    if (served === undefined) return false;
    const { responseTopic, correlation } = message;
    // A command that somebody had the broker keep would be executed at each start of its owner.
    if (message.retained) return false;
    // Without a place to answer to it can't be answered exactly once: it is not executed.
    if (responseTopic === undefined || correlation === undefined) return false;
    if (correlation.length === 0 || correlation.length > 64) return false;
    if (!served.replyTopics.has(responseTopic)) return false;
    const key = `${message.topic} ${responseTopic} ${keyOf(correlation)}`;
    this.#forget();
    const known = this.#known.get(key);
    if (known !== undefined) {
      // Under way: its answer will come. Answered: the answer may have been lost, so it goes once more.
      if (known.answer !== undefined) this.#send(known);
      return true;
    }
    const fresh: Known = { at: this.#options.time.now(), responseTopic, correlation, sent: false };
    this.#known.set(key, fresh);
    if (this.#underWay >= UNDER_WAY_MAX) this.#answer(fresh, { ok: false, fault: busFaults.busy });
    else void this.#execute(fresh, message, served);
    return true;
  }

  /** The link is there (again): answers that could not leave go now. */
  up(): void {
    for (const known of this.#known.values())
      if (known.answer !== undefined && !known.sent) this.#send(known);
  }

  async #execute(known: Known, message: IncomingMessage, served: Served): Promise<void> {
    this.#underWay += 1;
    try {
      this.#answer(known, await served.execute(message.payload));
    } catch (thrown) {
      const error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      this.#options.log.error("bus_handler_threw", { topic: message.topic, error });
      this.#answer(known, { ok: false, fault: busFaults.internal });
    } finally {
      this.#underWay -= 1;
    }
  }

  #answer(known: Known, reply: Reply<unknown>): void {
    known.answer =
      encodePayload(reply) ?? encodePayload({ ok: false, fault: busFaults.tooBig }) ?? EMPTY;
    this.#send(known);
  }

  #send(known: Known): void {
    if (known.answer === undefined || !this.#options.isUp()) return;
    known.sent = true;
    const message: OutgoingMessage = {
      topic: known.responseTopic,
      payload: known.answer,
      qos: 1,
      retain: false,
      correlation: known.correlation,
    };
    this.#options.publish(message, (outcome) => {
      if (outcome === "lost") known.sent = false;
      else if (outcome === "denied" || outcome === "refused")
        this.#options.log.error("bus_reply_refused", { topic: message.topic, outcome });
    });
  }

  #forget(): void {
    const now = this.#options.time.now();
    for (const [key, known] of this.#known) {
      const isOld = now - known.at > REMEMBERED_MS;
      if (!isOld && this.#known.size <= REMEMBERED_MAX) return;
      if (known.answer !== undefined) this.#known.delete(key);
    }
  }
}

interface ServingOptions {
  readonly time: BusTime;
  readonly log: BusLog;
  readonly validateReplies: boolean;
  readonly isUp: () => boolean;
  readonly publish: (message: OutgoingMessage, done: (outcome: PublishOutcome) => void) => void;
}

interface Served {
  /** Where an answer may go: the reply topics of those who may call. */
  readonly replyTopics: ReadonlySet<string>;
  readonly execute: (payload: Uint8Array) => Promise<Reply<unknown>>;
}

interface Known {
  readonly at: number;
  readonly responseTopic: string;
  readonly correlation: Uint8Array;
  /** Absent while the handler works. */
  answer?: Uint8Array;
  sent: boolean;
}

const EMPTY = new Uint8Array(0);
