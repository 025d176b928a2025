import type { Logger } from "@passerelle/service";

/** Wishes to the kernel, met one after the other. One that fails is said in the log and does not stop the next. */
export class WorkQueue {
  readonly #log: Logger;
  #last: Promise<void> = Promise.resolve();

  constructor(log: Logger) {
    this.#log = log;
  }

  add(work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      this.#log.error("wan_kernel", { text: String(error) });
    });
  }

  /** Resolves when every wish so far is met. */
  idle(): Promise<void> {
    return this.#last;
  }
}
