import type { Result } from "@passerelle/result";
import type { LineError } from "./port.ts";

/** What the same thing is called on different modems. Asks in one word after the other, and stays with the one that is understood. */
export class Wording {
  readonly #words: readonly string[];
  #first: string;

  constructor(first: string, ...others: readonly string[]) {
    this.#first = first;
    this.#words = [first, ...others];
  }

  /** The word that was understood last. */
  get word(): string {
    return this.#first;
  }

  async ask<T>(
    question: (word: string) => Promise<Result<T, LineError>>,
  ): Promise<Result<T, LineError>> {
    const first = await question(this.#first);
    if (!isNotUnderstood(first)) return first;
    for (const word of this.#words.filter((other) => other !== this.#first)) {
      const answer = await question(word);
      if (isNotUnderstood(answer)) continue;
      if (answer.ok) this.#first = word;
      return answer;
    }
    return first;
  }
}

function isNotUnderstood(answer: Result<unknown, LineError>): boolean {
  return !answer.ok && answer.error.code === "not_understood";
}
