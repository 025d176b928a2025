import type { Result } from "@passerelle/result";
import { closed, lineFailure } from "./line-error.ts";
import type { LineError } from "./port.ts";

/** What a question may look at while it waits: aborted where nobody wants its answer any more. */
export type Question<T> = (signal: AbortSignal) => Promise<Result<T, LineError>>;

/** Questions to something that can be asked one at a time; one that throws does not stop the next. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();
  readonly #open = new Set<() => void>();
  #isClosed = false;

  /** Asks when all earlier questions are answered. `closed` at once where this is closed before the answer. */
  ask<T>(question: Question<T>): Promise<Result<T, LineError>> {
    if (this.#isClosed) return Promise.resolve(closed());
    if (this.#open.size >= WAITING_MAX) {
      return Promise.resolve(lineFailure("unreachable", "too many questions wait"));
    }
    const ending = new AbortController();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        ending.abort();
        resolve(closed());
      };
      this.#open.add(end);
      this.#last = this.#last
        .then(() => (this.#isClosed ? closed() : question(ending.signal)))
        .then(resolve, reject)
        .finally(() => this.#open.delete(end));
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#open) end();
  }
}

/** Who asks every ten seconds and has so many unanswered has a modem that is not there. */
const WAITING_MAX = 16;
