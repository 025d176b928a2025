import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Lab } from "../lab/lab.ts";
import type { HostName } from "../lab/topology.ts";

/** One HTTP request, exactly as it goes out. */
export interface Question {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly secure?: boolean;
  /** Address of the box; absent: that of the factory's LAN. */
  readonly to?: string;
  readonly port?: number;
  /** Address of ours that it comes from, where the host has several. */
  readonly from?: string;
  /** Answer with the first octets of the body: for a stream without end. */
  readonly firstChunk?: boolean;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** A program on a host of the lab that sends requests as they are written, many a second. */
export class Asker implements Disposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(lab: Lab, host: HostName) {
    const program = join(import.meta.dirname, "asker-program.ts");
    this.#child = lab.spawn(host, [process.execPath, program]);
    const { stdout, stdin } = this.#child;
    if (stdout === null || stdin === null) throw new Error("invariant: pipes");
    createInterface({ input: stdout }).on("line", (line) => this.#hear(line));
    let said = "";
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
    });
    this.#child.on("exit", (code) => {
      const ended = new Error(`the asker on ${host} ended with ${code}: ${said}`);
      for (const { reject } of this.#waiting.values()) reject(ended);
    });
  }

  ask(question: Question): Promise<Answered> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify({ id, question })}\n`);
    });
  }

  /** Many questions, `atOnce` of them at a time, answers in the order of the questions. */
  async askAll(questions: readonly Question[], atOnce = 8): Promise<readonly Answered[]> {
    const answers: Answered[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let mine = next++; mine < questions.length; mine = next++) {
        const question = questions[mine];
        if (question !== undefined) answers[mine] = await this.ask(question);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return answers;
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }

  #hear(line: string): void {
    const { id, answer, error } = JSON.parse(line) as Heard;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (answer === undefined) waiting?.reject(new Error(error));
    else waiting?.resolve(answer);
  }
}

interface Waiting {
  readonly resolve: (answer: Answered) => void;
  readonly reject: (error: Error) => void;
}

interface Heard {
  readonly id: number;
  readonly answer?: Answered;
  readonly error?: string;
}
