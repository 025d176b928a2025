import type { Reply } from "@passerelle/bus-client";
import type { Fault, Result } from "@passerelle/result";
import type { Answer } from "../core/effect.ts";

/** Brings the machine's answers back to who asked. */
export interface Requests {
  /** Feeds an input that carries the number; resolves with its one answer. */
  ask(feed: (request: number) => void): Promise<Reply<Answer>>;
  answer(request: number, reply: Result<Answer, Fault>): void;
  readonly waiting: number;
}

export function createRequests(): Requests {
  const waiting = new Map<number, (reply: Reply<Answer>) => void>();
  let last = 0;
  return {
    ask: (feed) =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        feed(last);
      }),
    answer: (request, reply) => {
      const resolve = waiting.get(request);
      if (resolve === undefined) throw new Error("invariant: one answer a request");
      waiting.delete(request);
      resolve(reply.ok ? { ok: true, data: reply.value } : { ok: false, fault: reply.error });
    },
    get waiting() {
      return waiting.size;
    },
  };
}
