import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** QEMU's own door (QMP): one JSON object a line. Opened for a few commands and closed: QEMU hears one caller at a time. */
export class Qmp implements Disposable {
  readonly #socket: Socket;
  readonly #waiting: ((reply: Reply) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on("line", (line) => this.#hear(line));
  }

  static async open(path: string): Promise<Qmp> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    const qmp = new Qmp(socket);
    socket.on("error", (error) => qmp.#end(error.message));
    socket.on("close", () => qmp.#end("QEMU closed its door"));
    await qmp.call("qmp_capabilities");
    return qmp;
  }

  /** Rejects with QEMU's own sentence when it refuses. */
  async call<T = unknown>(
    execute: string,
    words: Readonly<Record<string, unknown>> = {},
    timeoutMs = TIMEOUT_MS,
  ): Promise<T> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`QEMU: no answer to ${execute} in ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#waiting.push((one) => {
        clearTimeout(timer);
        resolve(one);
      });
      this.#socket.write(`${JSON.stringify({ execute, arguments: words })}\n`);
    });
    if (reply.error !== undefined) throw new Error(`QEMU: ${execute}: ${reply.error.desc}`);
    return reply.return as T;
  }

  /** A command of QEMU's monitor for people, for what QMP has no command for. What it says is an error, or nothing. */
  async monitor(line: string, timeoutMs: number): Promise<void> {
    const said = await this.call<string>(
      "human-monitor-command",
      { "command-line": line },
      timeoutMs,
    );
    if (said.trim() !== "") throw new Error(`QEMU: ${line}: ${said.trim()}`);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #hear(line: string): void {
    const reply = JSON.parse(line) as Reply;
    // Greeting and events are not answers.
    if (reply.return === undefined && reply.error === undefined) return;
    this.#waiting.shift()?.(reply);
  }

  #end(why: string): void {
    for (const give of this.#waiting.splice(0)) give({ error: { desc: why } });
  }
}

interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

const TIMEOUT_MS = 20_000;
