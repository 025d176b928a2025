/**
 * Shares the one line to the guest agent among all who want to speak with the machine: a program per command of the
 * lab comes and goes, the agent's line stays open. Outlives the machine's restarts.
 * Arguments: AGENT_SOCKET DOOR_SOCKET. At the door: a question `{execute, arguments}` a line, its answer a line.
 */
import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** The agent answers at once or never: programs run beside it. An emulated machine under load needs seconds. */
const ANSWER_MS = 30_000;
const SYNC_MS = 1000;
const RETRY_MS = 200;
/** Longest answer kept: guest-exec's 16 MiB in base64, and its frame. */
const LINE_MAX = 24 * 1024 * 1024;
/** Marks in the agent's line where a new talk begins: no JSON has this octet. */
const SENTINEL = 0xff;

class AgentLine {
  readonly #path: string;
  #socket: Socket | undefined;
  #heard: Buffer[] = [];
  #length = 0;
  #give: ((line: Buffer) => void) | undefined;
  /** False until the agent has answered a sync: before, what it says may belong to an older talk. */
  #inStep = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined where the agent stays silent. */
  async ask(question: string): Promise<string | undefined> {
    await this.#getInStep();
    const answer = await this.#exchange(Buffer.from(`${question}\n`), ANSWER_MS);
    if (answer === undefined) this.#inStep = false;
    return answer?.toString("utf8");
  }

  async #getInStep(): Promise<void> {
    while (!this.#inStep) {
      const id = Math.floor(Math.random() * 2 ** 31);
      const sync = JSON.stringify({ execute: "guest-sync-delimited", arguments: { id } });
      const message = Buffer.concat([Buffer.from([SENTINEL]), Buffer.from(`${sync}\n`)]);
      const answer = await this.#exchange(message, SYNC_MS);
      if (answer === undefined) continue;
      const text = answer.subarray(answer.lastIndexOf(SENTINEL) + 1).toString("utf8");
      this.#inStep = text.includes(`${id}`);
    }
  }

  async #exchange(message: Buffer, timeoutMs: number): Promise<Buffer | undefined> {
    const socket = this.#socket ?? (await this.#dial());
    if (socket === undefined) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return undefined;
    }
    return new Promise((resolve) => {
      const end = (line: Buffer | undefined) => {
        clearTimeout(timer);
        socket.removeListener("close", lost);
        this.#give = undefined;
        resolve(line);
      };
      const lost = () => end(undefined);
      const timer = setTimeout(lost, timeoutMs);
      socket.once("close", lost);
      this.#give = end;
      socket.write(message);
    });
  }

  #dial(): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const socket = connect(this.#path);
      socket.once("connect", () => {
        this.#socket = socket;
        this.#heard = [];
        this.#length = 0;
        resolve(socket);
      });
      socket.on("error", () => resolve(undefined));
      socket.on("close", () => {
        if (this.#socket !== socket) return;
        this.#socket = undefined;
        this.#inStep = false;
      });
      socket.on("data", (chunk: Buffer) => this.#hear(chunk));
    });
  }

  #hear(chunk: Buffer): void {
    const end = chunk.lastIndexOf(0x0a);
    this.#heard.push(chunk);
    this.#length += chunk.length;
    if (this.#length > LINE_MAX) this.#socket?.destroy();
    if (end < 0) return;
    const all = Buffer.concat(this.#heard);
    const whole = all.subarray(0, all.lastIndexOf(0x0a));
    const rest = all.subarray(all.lastIndexOf(0x0a) + 1);
    this.#heard = [rest];
    this.#length = rest.length;
    this.#give?.(whole.subarray(whole.lastIndexOf(0x0a) + 1));
  }
}

function openDoor(line: AgentLine, path: string): void {
  let last: Promise<unknown> = Promise.resolve();
  rmSync(path, { force: true });
  createServer((caller) => {
    caller.on("error", () => caller.destroy());
    createInterface({ input: caller }).on("line", (question) => {
      last = last.then(async () => {
        // Whoever has gone meanwhile wants nothing more.
        if (caller.destroyed) return;
        const answer = await line.ask(question);
        caller.write(`${answer ?? SILENCE}\n`);
      });
    });
  }).listen(path);
}

const SILENCE = JSON.stringify({ error: { class: "Silence", desc: "the agent did not answer" } });

const [agent = "", door = ""] = process.argv.slice(2);
openDoor(new AgentLine(agent), door);
