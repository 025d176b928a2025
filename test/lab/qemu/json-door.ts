import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

/**
 * Whoever answers commands over a Unix socket, one JSON object a line and in their order: QEMU itself, and the agent
 * inside its machine.
 */
export class JsonDoor implements Disposable {
  readonly #socket: Socket;
  readonly #who: string;
  readonly #answerMs: number;
  readonly #waiting: ((answer: Answer) => void)[] = [];

  /** `who` begins what an error says; `answerMs`: how long an answer may take where the caller does not say. */
  constructor(socket: Socket, who: string, answerMs: number) {
    this.#socket = socket;
    this.#who = who;
    this.#answerMs = answerMs;
    socket.on("error", (error) => this.#end(error.message));
    socket.on("close", () => this.#end("the door closed"));
    createInterface({ input: socket })
      .on("line", (line) => this.#hear(line))
      // It repeats the socket's own, which was heard.
      .on("error", () => undefined);
  }

  /** Rejects with the sentence of who refuses. */
  async call<T = unknown>(
    execute: string,
    words: Readonly<Record<string, unknown>> = {},
    timeoutMs = this.#answerMs,
  ): Promise<T> {
    const answer = await new Promise<Answer>((resolve) => {
      const timer = setTimeout(
        () => resolve({ error: { desc: `no answer in ${timeoutMs} ms` } }),
        timeoutMs,
      );
      // One that is given up stays in its place: its answer may still come, and is not the next one's.
      this.#waiting.push((one) => {
        clearTimeout(timer);
        resolve(one);
      });
      this.#socket.write(`${JSON.stringify({ execute, arguments: words })}\n`);
    });
    if (answer.error !== undefined)
      throw new Error(`${this.#who}: ${execute}: ${answer.error.desc}`);
    return answer.return as T;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #hear(line: string): void {
    const answer = JSON.parse(line) as Answer;
    // QEMU's greeting and its events are not answers.
    if (answer.return === undefined && answer.error === undefined) return;
    this.#waiting.shift()?.(answer);
  }

  #end(why: string): void {
    for (const give of this.#waiting.splice(0)) give({ error: { desc: why } });
  }
}

export async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

interface Answer {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}
